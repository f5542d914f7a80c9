"""Home Assistant's own trigger on our event entities fires for events only."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_mock_load_restore_state_from_storage,
)

from custom_components.xprotect_events import event, presence
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine.arrival import Arrival
from tests.integration.conftest import A_WHILE, Poll
from xprotect_simulator import Simulator, event_ids

ENTITY = "event.front_door_camera_event"
A_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"
AN_HOUR_AGO = "2026-03-02T05:00:00.000+00:00"

type Count = Callable[[], int]


@pytest.fixture
def watch(hass: HomeAssistant) -> Callable[[], Awaitable[Count]]:
    """Return a function that creates an automation and returns a list of its runs."""

    async def make() -> Count:
        automation = {
            "alias": "Motion",
            "mode": "queued",
            "triggers": [
                {
                    "trigger": "event.received",
                    "target": {"entity_id": ENTITY},
                    "options": {"event_type": ["motion_started", "motion_stopped"]},
                }
            ],
            "actions": [{"event": "automation_ran"}],
        }
        ran = async_capture_events(hass, "automation_ran")
        assert await async_setup_component(
            hass, "automation", {"automation": automation}
        )
        await hass.async_block_till_done()
        assert hass.states.is_state("automation.motion", "on")
        return lambda: len(ran)

    return make


@pytest.fixture
async def runs(loaded: MockConfigEntry, watch: Callable[[], Awaitable[Count]]) -> Count:
    """Watch the loaded site."""
    assert loaded.state is ConfigEntryState.LOADED
    return await watch()


def shown(hass: HomeAssistant) -> str:
    """Return the state of the watched entity."""
    state = hass.states.get(ENTITY)
    assert state is not None
    return state.state


async def test_every_event_is_received_including_the_first(
    simulator: Simulator, poll: Poll, runs: Count
) -> None:
    """Several events in one poll are several runs."""
    camera, other = simulator.world.cameras[:2]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert runs() == 1
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    simulator.world.emit(event_ids.MOTION_STARTED, other)
    await poll()
    assert runs() == 3


async def test_an_outage_is_not_received_as_an_event(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, runs: Count
) -> None:
    """Otherwise lights would switch on at every restart of the server."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    before = shown(hass)
    simulator.faults.enable("event_server_down")
    await poll()
    assert shown(hass) == STATE_UNAVAILABLE
    simulator.faults.clear()
    await poll(A_WHILE)
    assert shown(hass) == before
    assert runs() == 1


async def test_events_of_a_short_outage_are_received_afterwards(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, runs: Count
) -> None:
    """It is still live, and the same poll ends the outage."""
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    simulator.faults.enable("event_server_down")
    await poll()
    assert shown(hass) == STATE_UNAVAILABLE
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    last = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    simulator.faults.clear()
    await poll(10)
    state = hass.states.get(ENTITY)
    assert state is not None
    assert state.attributes["event_id"] == last.id
    assert runs() == 3


async def test_events_while_a_large_site_becomes_available_are_received(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    runs: Count,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thousands of entities become available in turn, and events do not wait."""
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    runtime = loaded.runtime_data
    (stored,) = (await runtime.client.events.list(size=1)).events
    runtime.channels.set(push=False, poll=False)
    monkeypatch.setattr(presence, "SOURCES_AT_ONCE", 1)
    assert shown(hass) == STATE_UNAVAILABLE
    runtime.channels.set(push=True)
    assert shown(hass) == STATE_UNAVAILABLE
    another = stored._replace(id="another")
    runtime.dispatcher.deliver((Arrival(another, another.time),))
    await hass.async_block_till_done()
    assert runs() == 2


async def test_events_that_waited_too_long_for_the_end_of_an_outage_are_not_received(
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    runs: Count,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A poll may deliver, then fail twice; its events are not live after that."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    runtime = loaded.runtime_data
    (stored,) = (await runtime.client.events.list(size=1)).events
    runtime.channels.set(push=False, poll=False)
    another = stored._replace(id="another")
    runtime.dispatcher.deliver((Arrival(another, another.time),))
    monkeypatch.setattr(event, "MISSED_AFTER", timedelta())
    runtime.channels.set(poll=True)
    await poll()
    assert runs() == 1


async def test_events_of_a_long_outage_are_not_received(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, runs: Count
) -> None:
    """It is delivered as missed, and not shown as live."""
    simulator.faults.enable("event_server_down")
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll(120)
    simulator.faults.clear()
    await poll(A_WHILE)
    assert shown(hass) != STATE_UNAVAILABLE
    assert runs() == 0


async def test_a_reload_is_not_received_as_an_event(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    runs: Count,
) -> None:
    """Changing an option reloads the entry."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    before = shown(hass)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await poll()
    assert shown(hass) == before
    assert runs() == 1


async def test_a_restart_is_not_received_as_an_event(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    watch: Callable[[], Awaitable[Count]],
    entity_registry: er.EntityRegistry,
    hass_storage: dict[str, Any],
) -> None:
    """The last event is restored, but is not new."""
    camera = simulator.world.cameras[0]
    entity_registry.async_get_or_create(
        "event",
        DOMAIN,
        f"{simulator.world.site.id}_{camera.id}_event",
        config_entry=entry,
        suggested_object_id="front_door_camera_event",
    )
    hass_storage[restore_state.STORAGE_KEY] = {
        "version": restore_state.STORAGE_VERSION,
        "data": [
            {
                "state": State(ENTITY, AN_HOUR_AGO).as_dict(),
                "extra_data": {
                    "last_event_type": "motion_started",
                    "last_event_attributes": {"event_id": "of-yesterday"},
                },
                "last_seen": dt_util.utcnow().isoformat(),
            }
        ],
    }
    await async_mock_load_restore_state_from_storage(hass)
    # As Home Assistant restores states before integrations are set up.
    hass.states.async_set(ENTITY, STATE_UNAVAILABLE, {"restored": True})
    runs = await watch()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await poll()
    state = hass.states.get(ENTITY)
    assert state is not None
    assert state.state == AN_HOUR_AGO
    assert state.attributes["event_id"] == "of-yesterday"
    assert runs() == 0
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert runs() == 1


async def test_a_change_of_the_site_is_not_received_as_an_event(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, runs: Count
) -> None:
    """A new event type and a new name change the entity's attributes."""
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    plate = simulator.world.analytics_events[0]
    simulator.world.add(replace(plate, id=A_GUID, name="Cat wants in"))
    simulator.world.rename(camera, "Main entrance")
    await poll()
    await poll()
    state = hass.states.get(ENTITY)
    assert state is not None
    assert "Cat wants in" in state.attributes["event_types"]
    assert runs() == 1
