"""A catch-up waits until the recorder has committed the events."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
import threading
from typing import override
from unittest.mock import patch

from homeassistant.components.recorder import Recorder, core
from homeassistant.components.recorder.db_schema import Events, EventTypes
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)
from sqlalchemy.exc import SQLAlchemyError

from custom_components.xprotect_events import pace as pace_module
from custom_components.xprotect_events.const import DOMAIN, EVENT_MISSED
from custom_components.xprotect_events.engine.intake import MANY_AT_ONCE
from custom_components.xprotect_events.pace import MAX_BACKLOG, Pace
from tests.integration.entries import load
from xprotect_simulator import ManualClock, Simulator, event_ids

LONG = 60.0
PORTION = 50


@pytest.fixture(autouse=True)
def custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Set up the recorder before Home Assistant."""


@pytest.fixture
def recorder_config() -> dict[str, int]:
    """Make the recorder commit only on request."""
    return {"commit_interval": 3600}


@pytest.fixture
def persistent_database() -> bool:
    """Keep the database in a file, which can be read while the recorder writes."""
    return True


def entry(**options: object) -> MockConfigEntry:
    """Return an entry with options."""
    return MockConfigEntry(domain=DOMAIN, options=options)


def fire_portion(hass: HomeAssistant) -> None:
    """Fire a portion of events for the recorder."""
    for number in range(PORTION):
        hass.bus.async_fire(EVENT_MISSED, {"number": number})


def committed(recorder: Recorder) -> int:
    """Return the number of committed missed events in the database."""
    with session_scope(session=recorder.get_session(), read_only=True) as session:
        return (
            session.query(Events)
            .join(EventTypes, Events.event_type_id == EventTypes.event_type_id)
            .where(EventTypes.event_type == EVENT_MISSED)
            .count()
        )


@dataclass(slots=True)
class Held(RecorderTask):
    """Blocks the recorder, like a purge or a backup."""

    until: threading.Event

    @override
    def run(self, instance: Recorder) -> None:
        self.until.wait()


@pytest.fixture
def held(recorder_mock: Recorder) -> Iterator[threading.Event]:
    """Block the recorder until this is set."""
    until = threading.Event()
    recorder_mock.queue_task(Held(until))
    yield until
    until.set()


async def test_a_portion_is_in_the_database_before_the_next(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    """A commit of the items of five seconds took forty seconds and 100 MB."""
    pace = Pace(hass, entry())
    for portions in (1, 2, 3):
        fire_portion(hass)
        await pace(LONG)
        stored = await recorder_mock.async_add_executor_job(committed, recorder_mock)
        assert stored == portions * PORTION


async def test_the_recorder_never_has_more_than_a_portion_in_its_queue(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    clock: ManualClock,
) -> None:
    """Thirty thousand events took a gigabyte, with 85 % still in the queue."""
    await hass.config_entries.async_unload(loaded.entry_id)
    for _ in range(3 * MANY_AT_ONCE):
        simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
        await clock.advance(5)
    seen = async_capture_events(hass, EVENT_MISSED)
    await load(hass, loaded)
    stored = await recorder_mock.async_add_executor_job(committed, recorder_mock)
    assert stored >= len(seen) - MANY_AT_ONCE
    assert len(seen) > 2 * MANY_AT_ONCE


@pytest.fixture
def short_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the wait for a commit."""
    monkeypatch.setattr(pace_module, "LONGEST_COMMIT", 0.01)


@pytest.mark.usefixtures("short_commits")
async def test_the_wait_for_a_commit_is_limited(
    recorder_mock: Recorder, hass: HomeAssistant, held: threading.Event
) -> None:
    """A catch-up must end."""
    for _ in range(MAX_BACKLOG // PORTION):
        fire_portion(hass)
    began = asyncio.get_running_loop().time()
    await Pace(hass, entry())(0.1)
    assert asyncio.get_running_loop().time() - began >= 0.1
    assert recorder_mock.backlog >= MAX_BACKLOG
    assert not held.is_set()


@pytest.mark.usefixtures("short_commits")
async def test_a_few_events_do_not_wait_for_a_migration(
    recorder_mock: Recorder, hass: HomeAssistant, held: threading.Event
) -> None:
    """After an update of Home Assistant the migration may take an hour."""
    fire_portion(hass)
    await Pace(hass, entry())(LONG)
    assert recorder_mock.backlog >= PORTION
    assert not held.is_set()


@pytest.mark.usefixtures("held", "short_commits")
async def test_there_is_no_wait_for_a_recorder_that_has_stopped(
    recorder_mock: Recorder, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops listening when its queue is full."""
    monkeypatch.setattr(core, "MAX_QUEUE_BACKLOG_MIN_VALUE", MAX_BACKLOG)
    for _ in range(MAX_BACKLOG // PORTION):
        fire_portion(hass)
    waiting = asyncio.create_task(Pace(hass, entry())(LONG))
    await asyncio.sleep(0)
    with patch.object(recorder_mock, "_available_memory", return_value=0):
        async_fire_time_changed(
            hass, dt_util.utcnow() + core.QUEUE_CHECK_INTERVAL + timedelta(seconds=1)
        )
    assert not recorder_mock.recording
    await waiting
    assert recorder_mock.backlog >= MAX_BACKLOG


async def test_there_is_no_wait_for_a_failed_commit(
    recorder_mock: Recorder, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The future of such a commit is never done."""
    monkeypatch.setattr(pace_module, "LONGEST_COMMIT", 0.01)
    has_failed = threading.Event()

    def fail() -> None:
        has_failed.set()
        raise SQLAlchemyError

    fire_portion(hass)
    with patch.object(recorder_mock, "_commit_event_session", fail):
        await Pace(hass, entry())(LONG)
        assert await hass.async_add_executor_job(has_failed.wait, LONG)
    monkeypatch.setattr(pace_module, "LONGEST_COMMIT", LONG)
    fire_portion(hass)
    await Pace(hass, entry())(LONG)
    stored = await recorder_mock.async_add_executor_job(committed, recorder_mock)
    assert stored == PORTION


@pytest.mark.usefixtures("held")
async def test_there_is_no_wait_if_the_recorder_gets_nothing(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    """Then a day of ignored events takes seconds."""
    fire_portion(hass)
    await Pace(hass, entry(missed_events="ignore"))(LONG)
    assert recorder_mock.backlog >= PORTION
