"""How an entry starts and stops."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import (
    EVENT_HOMEASSISTANT_STARTED,
    EVENT_HOMEASSISTANT_STOP,
    Platform,
)
from homeassistant.core import CoreState, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.api import (
    EventSessions,
    SessionFilter,
)
from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE, EVENT_MISSED
from tests.integration.conftest import A_WHILE, Poll
from tests.integration.entries import reload, set_up
from xprotect_simulator import Simulator, StoredEvent, event_ids


async def test_an_entry_is_loaded_and_polls_one_session(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, poll: Poll
) -> None:
    """Each session takes memory of the server, and each sign-in a line of its log."""
    assert await set_up(hass, entry) is ConfigEntryState.LOADED
    await poll()
    await poll()
    assert len(simulator.sessions) == 1
    assert len(simulator.login_attempts) == 1


async def test_unloading_deletes_the_session_and_ends_all_requests(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """A disabled entry sends no requests."""
    assert len(simulator.sessions) == 1
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert len(simulator.sessions) == 0
    simulator.requests.clear()
    await poll(A_WHILE)
    assert not simulator.requests


async def test_reloading_again_and_again_leaves_nothing_behind(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Every changed option reloads the entry; a remaining task would poll for ever."""
    seen = async_capture_events(hass, EVENT_LIVE)
    for _ in range(2):
        await reload(hass, loaded)
    assert loaded.state is ConfigEntryState.LOADED
    assert len(simulator.sessions) == 1
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    assert len(seen) == 1


async def test_events_while_entities_are_removed_are_left_for_the_next_start(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Otherwise it would count as delivered without being shown."""
    seen = async_capture_events(hass, EVENT_LIVE)
    unload = hass.config_entries.async_unload_platforms
    happened: list[StoredEvent] = []

    async def unload_slowly(
        entry: ConfigEntry, platforms: Iterable[Platform | str]
    ) -> bool:
        is_unloaded = await unload(entry, platforms)
        camera = simulator.world.cameras[0]
        happened.append(simulator.world.emit(event_ids.MOTION_STARTED, camera))
        await poll()
        return is_unloaded

    with patch.object(hass.config_entries, "async_unload_platforms", unload_slowly):
        assert await hass.config_entries.async_unload(loaded.entry_id)
    assert not seen
    assert await set_up(hass, loaded) is ConfigEntryState.LOADED
    delivered = [event.data["event_id"] for event in seen]
    assert delivered == [event.id for event in happened]


@pytest.mark.parametrize("end", ["unload", "stop"])
async def test_a_session_that_is_being_created_at_the_stop_is_deleted(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, end: str
) -> None:
    """Otherwise each such reload would take memory of the server for an hour."""
    create = EventSessions.create
    is_created, is_leaving = asyncio.Event(), asyncio.Event()

    async def create_slowly(
        sessions: EventSessions, filters: Sequence[SessionFilter]
    ) -> str:
        session_id = await create(sessions, filters)
        is_created.set()
        await is_leaving.wait()
        return session_id

    with patch.object(EventSessions, "create", create_slowly):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await is_created.wait()
        assert len(simulator.sessions) == 1
        leaving = asyncio.create_task(leave(hass, entry, end))
        await asyncio.sleep(0)
        simulator.requests.clear()
        is_leaving.set()
        await leaving
    assert len(simulator.sessions) == 0
    methods = [request.method for request in simulator.requests]
    assert methods == ["DELETE"]


async def leave(hass: HomeAssistant, entry: MockConfigEntry, end: str) -> None:
    """Unload the entry, or stop Home Assistant."""
    if end == "unload":
        await hass.config_entries.async_unload(entry.entry_id)
    else:
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.usefixtures("loaded")
async def test_nothing_is_fired_once_home_assistant_stops(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """Automations no longer run, so events fired now would be lost."""
    seen = async_capture_events(hass, EVENT_LIVE)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    assert not seen
    assert len(simulator.sessions) == 0


async def test_events_while_home_assistant_was_stopped_are_delivered(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """An update of Home Assistant must lose no events."""
    await hass.config_entries.async_unload(loaded.entry_id)
    missed = simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll(10)
    seen = async_capture_events(hass, EVENT_LIVE)
    assert await set_up(hass, loaded) is ConfigEntryState.LOADED
    assert [event.data["event_id"] for event in seen] == [missed.id]


async def test_stored_events_are_not_delivered_at_the_first_start(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, poll: Poll
) -> None:
    """A week of stored motion would trigger all automations at once."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll(60)
    live = async_capture_events(hass, EVENT_LIVE)
    missed = async_capture_events(hass, EVENT_MISSED)
    await set_up(hass, entry)
    await poll()
    assert not live
    assert not missed


async def test_nothing_is_fired_before_automations_are_armed(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, poll: Poll
) -> None:
    """An event that no automation can see is lost."""
    hass.set_state(CoreState.starting)
    seen = async_capture_events(hass, EVENT_LIVE)
    assert await set_up(hass, entry) is ConfigEntryState.LOADED
    happened = simulator.world.emit(
        event_ids.MOTION_STARTED, simulator.world.cameras[0]
    )
    await poll()
    await poll()
    assert not seen
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [event.data["event_id"] for event in seen] == [happened.id]


async def test_an_entry_that_never_started_unloads(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Home Assistant can be stopped in the middle of its start."""
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(simulator.sessions) == 0


@pytest.mark.usefixtures("loaded")
async def test_the_delivery_sensor_shows_how_events_are_delivered(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """It explains why an automation was slow."""

    def delivery() -> str:
        state = hass.states.get("sensor.simulated_site_delivery")
        assert state is not None
        return state.state

    assert delivery() == "poll"
    simulator.faults.enable("event_server_down")
    await poll()
    assert delivery() == "down"
    simulator.faults.clear()
    await poll(A_WHILE)
    assert delivery() == "poll"


async def test_removing_an_entry_removes_its_position(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """A site that is set up again starts from the beginning; no file is left."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await hass.config_entries.async_remove(loaded.entry_id)
    await poll(60)
    seen = async_capture_events(hass, EVENT_LIVE)
    missed = async_capture_events(hass, EVENT_MISSED)
    again = MockConfigEntry(
        domain=DOMAIN,
        entry_id=loaded.entry_id,
        unique_id=loaded.unique_id,
        data=loaded.data,
        options=loaded.options,
    )
    again.add_to_hass(hass)
    assert await set_up(hass, again) is ConfigEntryState.LOADED
    assert not seen
    assert not missed


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"cursor": "nonsense"},
        {
            "cursor": "2026-03-02T05:00:00",
            "horizon": "2026-03-02T05:00:00",
            "complete_at": "2026-03-02T05:00:00",
            "remembered": {},
        },
        {
            "cursor": "0001-01-01T00:00:00+00:00",
            "horizon": "0001-01-01T00:00:00+00:00",
            "complete_at": "0001-01-01T00:00:00+00:00",
            "remembered": {},
        },
    ],
    ids=["empty", "no time", "no zone", "no real time"],
)
async def test_an_unreadable_position_is_logged_and_replaced(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    stored: dict[str, Any],
) -> None:
    """A disk that was full must not prevent the set-up."""
    key = f"{DOMAIN}.{entry.entry_id}"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": stored}
    assert await set_up(hass, entry) is ConfigEntryState.LOADED
    assert "position is missing or unreadable" in caplog.text
