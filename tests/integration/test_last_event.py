"""The server's sensors of the last event."""

from datetime import datetime, timedelta

from homeassistant.config_entries import RELOAD_AFTER_UPDATE_DELAY, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import A_MORNING, Poll
from xprotect_simulator import Simulator, StoredEvent, event_ids

A_PAUSE = 11.0
KEYS = ("last_event_time", "last_event_delay")


class LastEvent:
    """Reads the two sensors."""

    def __init__(self, hass: HomeAssistant, simulator: Simulator) -> None:
        self._hass = hass
        self._site_id = simulator.world.site.id

    def registered(self, key: str) -> er.RegistryEntry:
        """Return a sensor's entry in the registry."""
        registry = er.async_get(self._hass)
        entity_id = registry.async_get_entity_id(
            Platform.SENSOR, DOMAIN, f"{self._site_id}_{key}"
        )
        registered = registry.async_get(entity_id or "")
        assert registered is not None
        return registered

    def state(self, key: str) -> State:
        """Return what a sensor shows."""
        state = self._hass.states.get(self.registered(key).entity_id)
        assert state is not None
        return state

    def is_(self, event: StoredEvent) -> bool:
        """Return whether the sensor shows this time, to the second."""
        shown = datetime.fromisoformat(self.state("last_event_time").state)
        return shown == event.time.replace(microsecond=0)

    @property
    def delay(self) -> float:
        """The delay of the last event."""
        return float(self.state("last_event_delay").state)


@pytest.fixture
async def last_event(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> LastEvent:
    """Enable both sensors; Home Assistant reloads the entry some time later."""
    found = LastEvent(hass, simulator)
    for key in KEYS:
        entity_id = found.registered(key).entity_id
        er.async_get(hass).async_update_entity(entity_id, disabled_by=None)
    await poll(RELOAD_AFTER_UPDATE_DELAY + 1)
    assert loaded.state is ConfigEntryState.LOADED
    return found


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("key", KEYS)
async def test_they_are_disabled_at_first(
    hass: HomeAssistant, simulator: Simulator, key: str
) -> None:
    """They change with every event, and few users need them."""
    registered = LastEvent(hass, simulator).registered(key)
    assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert registered.entity_category is er.EntityCategory.DIAGNOSTIC


async def test_they_show_when_it_happened_and_how_long_it_took(
    simulator: Simulator, poll: Poll, last_event: LastEvent
) -> None:
    """By the server's clock, whatever Home Assistant's clock shows."""
    assert last_event.state("last_event_time").state == STATE_UNKNOWN
    assert last_event.state("last_event_delay").state == STATE_UNKNOWN
    event = simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll(5)
    assert last_event.is_(event)
    assert 4 <= last_event.delay <= 5


async def test_the_delay_is_never_negative(
    simulator: Simulator, poll: Poll, last_event: LastEvent
) -> None:
    """The server's clock has whole seconds, the event's time has fractions."""
    ahead = A_MORNING + timedelta(hours=1)
    simulator.world.emit(
        event_ids.MOTION_STARTED, simulator.world.cameras[0], time=ahead
    )
    await poll()
    assert last_event.delay == 0


async def test_many_events_change_them_every_ten_seconds_and_the_last_counts(
    simulator: Simulator, poll: Poll, last_event: LastEvent
) -> None:
    """A burst of events must not cause a state for each."""
    camera = simulator.world.cameras[0]
    first = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert last_event.is_(first)
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    await poll()
    last = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert last_event.is_(first)
    await poll(A_PAUSE)
    assert last_event.is_(last)


async def test_after_a_quiet_pause_the_next_event_shows_at_once(
    simulator: Simulator, poll: Poll, last_event: LastEvent
) -> None:
    """The limit only matters for many events."""
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    await poll(A_PAUSE)
    event = simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    await poll()
    assert last_event.is_(event)


async def test_an_outage_does_not_change_them_and_a_missed_event_has_its_delay(
    simulator: Simulator, poll: Poll, last_event: LastEvent
) -> None:
    """During the outage the last event stays the same."""
    camera = simulator.world.cameras[0]
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    simulator.faults.enable("event_server_down")
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    await poll(120)
    assert last_event.state("last_event_time").state != STATE_UNAVAILABLE
    assert last_event.is_(event)
    simulator.faults.clear()
    await poll(61)
    await poll(A_PAUSE)
    assert 120 < last_event.delay < 190


@pytest.mark.parametrize("key", KEYS)
async def test_a_sensor_that_gets_another_id_continues(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    last_event: LastEvent,
    key: str,
) -> None:
    """Home Assistant then removes the entity for a moment, also during the pause."""
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    before = last_event.state(key)
    er.async_get(hass).async_update_entity(
        before.entity_id, new_entity_id="sensor.newest"
    )
    await hass.async_block_till_done()
    await poll(A_PAUSE)
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    await poll(5)
    await poll(A_PAUSE)
    assert last_event.state(key).state not in (STATE_UNKNOWN, before.state)
