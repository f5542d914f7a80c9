"""How an entry of a known site starts, from its stored lists."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.xprotect_events import site_confirmation
from custom_components.xprotect_events.api import (
    Configuration,
    Site,
    UnreachableError,
    sign_in_attempts,
)
from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE, EVENT_MISSED
from custom_components.xprotect_events.engine import backoff, reading_pace
from custom_components.xprotect_events.engine.inventory import read_site
from tests.integration.conftest import A_POLL, A_WHILE, DeviceOf, Poll, StateOf
from xprotect_simulator import ManualClock, Simulator, event_ids

ANOTHER_GUID = "00000000-1111-2222-3333-444444444444"


@pytest.fixture
async def known(
    hass: HomeAssistant, loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> MockConfigEntry:
    """Return an entry that was loaded once and is not loaded now."""
    monkeypatch.setattr(backoff, "FIRST", 0.0)
    monkeypatch.setattr(sign_in_attempts, "PROBE_PAUSE", 0.0)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    return loaded


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Delay the server's answer about its site until the test allows it."""
    monkeypatch.setattr(site_confirmation, "SET_UP_TIMEOUT", 0.0)
    wanted = asyncio.Event()

    async def read_late(configuration: Configuration) -> Site:
        await wanted.wait()
        return await read_site(configuration)

    monkeypatch.setattr(site_confirmation, "read_site", read_late)
    return wanted


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigEntryState:
    """Set the entry up, without waiting for its background tasks."""
    await hass.config_entries.async_setup(entry.entry_id)
    return entry.state


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for a condition while a set-up waits."""
    async with asyncio.timeout(10):
        while not is_true():  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0)


def reauth_flows(hass: HomeAssistant, entry: MockConfigEntry) -> int:
    """Return the number of forms for the entry's password."""
    return len(list(entry.async_get_active_flows(hass, {SOURCE_REAUTH})))


async def settle(hass: HomeAssistant) -> None:
    """Wait for the background tasks of the set-up."""
    await hass.async_block_till_done(wait_background_tasks=True)


def let_another_site_answer(simulator: Simulator) -> None:
    """Put another site behind the address, like a host name that points elsewhere."""
    site = simulator.world.site
    simulator.world.inventory.drop(site)
    simulator.world.inventory.put(replace(site, id=ANOTHER_GUID))


def readings(simulator: Simulator, resource: str) -> int:
    """Return the number of requests for a list."""
    path = f"/api/rest/v1/{resource}".lower()
    return sum(request.path.lower() == path for request in simulator.requests)


async def test_a_slow_list_does_not_delay_the_start_of_home_assistant(
    hass: HomeAssistant,
    simulator: Simulator,
    known: MockConfigEntry,
    clock: ManualClock,
    binary_state: StateOf,
) -> None:
    """Automations only start when every entry is loaded."""
    simulator.requests.clear()
    simulator.faults.enable("slow:40:path=*/hardware")
    assert await start(hass, known) is ConfigEntryState.LOADED
    camera = simulator.world.cameras[0]
    seen = async_capture_events(hass, EVENT_LIVE)
    happened = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=A_POLL))
    await until(lambda: bool(seen))
    assert [event.data["event_id"] for event in seen] == [happened.id]
    # Entities are available when the first poll is complete.
    await until(lambda: binary_state(camera, "motion") == "on")
    assert readings(simulator, "hardware") <= 1
    await clock.advance(60)
    await settle(hass)


async def test_changes_of_the_meantime_are_applied_after_the_start(
    hass: HomeAssistant,
    simulator: Simulator,
    known: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """Cameras may be added while Home Assistant is being updated."""
    pool = simulator.world.add_camera("Pool")
    assert await start(hass, known) is ConfigEntryState.LOADED
    await settle(hass)
    assert device_of(pool).name == "Pool"


async def test_a_server_out_of_reach_is_shown_unavailable_until_it_answers(
    hass: HomeAssistant,
    simulator: Simulator,
    known: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
) -> None:
    """After a power cut Home Assistant starts first; nothing is lost meanwhile."""
    camera, site = simulator.world.cameras[0], simulator.world.site
    happened = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.faults.enable("reset")
    assert await start(hass, known) is ConfigEntryState.LOADED
    assert binary_state(camera, "motion") == "unavailable"
    assert binary_state(site, "connection") == "off"
    assert not seen
    simulator.faults.clear()
    await settle(hass)
    await poll()
    assert [event.data["event_id"] for event in seen] == [happened.id]
    assert binary_state(camera, "motion") == "on"
    assert binary_state(site, "connection") == "on"


async def test_nothing_is_delivered_before_the_site_is_confirmed(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    known: MockConfigEntry,
    answer: asyncio.Event,
    poll: Poll,
) -> None:
    """It could be another site, and the position would move past our own events."""
    happened = simulator.world.emit(
        event_ids.MOTION_STARTED, simulator.world.cameras[0]
    )
    position = dict(hass_storage[f"{DOMAIN}.{known.entry_id}"])
    seen = async_capture_events(hass, EVENT_LIVE)
    assert await start(hass, known) is ConfigEntryState.LOADED
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=A_WHILE))
    await hass.async_block_till_done()
    assert not seen
    assert len(simulator.sessions) == 0
    assert hass_storage[f"{DOMAIN}.{known.entry_id}"] == position
    answer.set()
    await settle(hass)
    await poll()
    assert [event.data["event_id"] for event in seen] == [happened.id]


async def test_another_site_at_the_address_is_not_ready(
    hass: HomeAssistant, simulator: Simulator, known: MockConfigEntry
) -> None:
    """Its cameras are not ours."""
    let_another_site_answer(simulator)
    assert await start(hass, known) is ConfigEntryState.SETUP_RETRY
    assert known.error_reason_translation_key == "another_site"


async def test_another_site_that_answers_late_delivers_nothing(
    hass: HomeAssistant,
    simulator: Simulator,
    known: MockConfigEntry,
    answer: asyncio.Event,
) -> None:
    """The events of its cameras belong to another site; the position stays."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    live = async_capture_events(hass, EVENT_LIVE)
    missed = async_capture_events(hass, EVENT_MISSED)
    let_another_site_answer(simulator)
    assert await start(hass, known) is ConfigEntryState.LOADED
    answer.set()
    await settle(hass)
    assert known.state is ConfigEntryState.SETUP_RETRY
    assert not live
    assert not missed
    assert len(simulator.sessions) == 0


async def test_a_password_refused_at_the_start_opens_one_form(
    hass: HomeAssistant, simulator: Simulator, known: MockConfigEntry, poll: Poll
) -> None:
    """Every further attempt could lock the account."""
    simulator.identity.set_password("new")
    simulator.login_attempts.clear()
    assert await start(hass, known) is ConfigEntryState.SETUP_ERROR
    await poll(3600)
    assert reauth_flows(hass, known) == 1
    assert len(simulator.login_attempts) == 1


async def test_a_password_that_is_refused_later_opens_one_form(
    hass: HomeAssistant,
    simulator: Simulator,
    known: MockConfigEntry,
    answer: asyncio.Event,
) -> None:
    """However long the server takes, the password is not sent a second time."""
    simulator.identity.set_password("new")
    simulator.login_attempts.clear()
    assert await start(hass, known) is ConfigEntryState.LOADED
    answer.set()
    await until(lambda: reauth_flows(hass, known) == 1)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=1))
    await hass.async_block_till_done()
    assert reauth_flows(hass, known) == 1
    assert len(simulator.login_attempts) == 1


@pytest.mark.parametrize(
    "stored", [{}, {"site": 7}, {"site": {"id": "x"}}, None], ids=str
)
async def test_unreadable_stored_lists_are_ignored(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    known: MockConfigEntry,
    device_of: DeviceOf,
    stored: dict[str, Any] | None,
) -> None:
    """After an update the file may lack new fields; then the site is read first."""
    key = f"{DOMAIN}.{known.entry_id}.inventory"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": stored}
    simulator.requests.clear()
    pool = simulator.world.add_camera("Pool")
    assert await start(hass, known) is ConfigEntryState.LOADED
    assert device_of(pool).name == "Pool"
    assert readings(simulator, "hardware") == 1
    await settle(hass)


async def test_the_stored_lists_are_the_lists_that_were_read(
    hass: HomeAssistant, known: MockConfigEntry, answer: asyncio.Event
) -> None:
    """Every field must be stored, including those that are added later."""
    assert await start(hass, known) is ConfigEntryState.LOADED
    from_disk = known.runtime_data.inventory.data
    answer.set()
    await settle(hass)
    assert known.runtime_data.inventory.data is not from_disk
    assert known.runtime_data.inventory.data == from_disk


@pytest.mark.usefixtures("loaded")
async def test_changes_within_a_moment_cause_one_reading(
    simulator: Simulator, poll: Poll
) -> None:
    """Adding a camera announces several changes."""
    simulator.requests.clear()
    for number in range(5):
        simulator.world.add_camera(f"Pool {number}")
    await poll()
    await poll()
    assert readings(simulator, "hardware") == 1


@pytest.mark.usefixtures("loaded")
async def test_a_storm_of_changes_is_read_less_and_less_often(
    simulator: Simulator, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import of cameras announces changes every few seconds for an hour."""
    monkeypatch.setattr(reading_pace, "FIRST_PAUSE", 5.0)
    simulator.requests.clear()
    for number in range(10):
        simulator.world.add_camera(f"Pool {number}")
        await poll()
    assert readings(simulator, "hardware") == 1
    await poll(300)
    assert readings(simulator, "hardware") == 2


@pytest.mark.parametrize(
    "error", [ValueError("unforeseen"), asyncio.CancelledError()], ids=type
)
@pytest.mark.parametrize("first", [True, False], ids=["in the set-up", "later"])
async def test_an_unexpected_error_does_not_end_the_confirmation(
    hass: HomeAssistant,
    simulator: Simulator,
    known: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
    *,
    first: bool,
) -> None:
    """Otherwise no event would arrive until a reload, without an error."""
    failures = [error, error] if first else [error, UnreachableError("It is away")]

    async def fail(configuration: Configuration) -> Site:
        if failures:
            raise failures.pop()
        return await read_site(configuration)

    monkeypatch.setattr(site_confirmation, "read_site", fail)
    seen = async_capture_events(hass, EVENT_LIVE)
    assert await start(hass, known) is ConfigEntryState.LOADED
    happened = simulator.world.emit(
        event_ids.MOTION_STARTED, simulator.world.cameras[0]
    )
    await until(lambda: bool(seen))
    assert [event.data["event_id"] for event in seen] == [happened.id]
    assert len([one for one in caplog.records if one.levelname == "ERROR"]) == 1
    assert "Confirming the site works again" in caplog.text
