"""Sensors are enabled for the states that the server reports."""

from collections.abc import Callable
from unittest.mock import patch

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine import reported_states
from tests.integration.conftest import A_POLL, Poll
from tests.integration.entries import load
from xprotect_simulator import Item, Options, Simulator, event_ids

type Registered = Callable[[Item, str], er.RegistryEntry]

BY_INTEGRATION = er.RegistryEntryDisabler.INTEGRATION
BY_USER = er.RegistryEntryDisabler.USER


@pytest.fixture
def sensor(simulator: Simulator, entity_registry: er.EntityRegistry) -> Registered:
    """Return a function that finds a binary sensor in the registry."""

    def find(item: Item, key: str) -> er.RegistryEntry:
        unique_id = f"{simulator.world.site.id}_{item.id}_{key}"
        entity_id = entity_registry.async_get_entity_id(
            Platform.BINARY_SENSOR, DOMAIN, unique_id
        )
        assert entity_id is not None
        return entity_registry.entities[entity_id]

    return find


@pytest.fixture
def motion_was_stored(simulator: Simulator) -> None:
    """Create motion at one camera before the set-up."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])


@pytest.mark.usefixtures("motion_was_stored", "loaded")
async def test_a_state_reported_of_one_camera_is_enabled_for_all_cameras(
    simulator: Simulator, sensor: Registered
) -> None:
    """Otherwise one working sensor would be hidden among five unknown ones."""
    world = simulator.world
    for camera in world.cameras:
        assert sensor(camera, "motion").disabled_by is None
        assert sensor(camera, "recording").disabled_by is BY_INTEGRATION
        assert sensor(camera, "communication").disabled_by is BY_INTEGRATION
    assert sensor(world.named("Gate"), "input").disabled_by is BY_INTEGRATION
    # Few users want these, even if the state is reported.
    unit = world.named("Hanwha XNV-8083R (10.0.0.1)")
    assert sensor(unit, "communication").disabled_by is BY_INTEGRATION


@pytest.mark.parametrize("entry_options", [{}], ids=["push"])
async def test_states_without_stored_events_are_requested(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    sensor: Registered,
) -> None:
    """The events of a camera that was connected a month ago are already deleted."""
    world = simulator.world
    world.set_retention(event_ids.COMMUNICATION_STARTED, 0)
    world.emit(event_ids.COMMUNICATION_STARTED, world.cameras[0])
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert sensor(world.cameras[1], "communication").disabled_by is None
    assert sensor(world.cameras[1], "motion").disabled_by is BY_INTEGRATION


@pytest.mark.usefixtures("motion_was_stored", "loaded")
async def test_a_state_that_is_reported_later_enables_its_sensors_once(
    hass: HomeAssistant, simulator: Simulator, sensor: Registered, poll: Poll
) -> None:
    """Users of a new doorbell must not have to search for a disabled sensor."""
    registry = er.async_get(hass)
    world = simulator.world
    first, second, third = world.cameras[:3]
    chosen = sensor(second, "recording").entity_id
    registry.async_update_entity(chosen, disabled_by=BY_USER)
    world.emit(event_ids.RECORDING_STARTED, first)
    await poll()
    assert sensor(first, "recording").disabled_by is None
    assert sensor(second, "recording").disabled_by is BY_USER
    assert sensor(third, "recording").disabled_by is None
    # Only the first time: entities disabled by users stay disabled.
    dropped = sensor(third, "recording").entity_id
    registry.async_update_entity(dropped, disabled_by=BY_INTEGRATION)
    world.emit(event_ids.RECORDING_STARTED, first)
    await poll()
    assert sensor(third, "recording").disabled_by is BY_INTEGRATION


@pytest.mark.usefixtures("motion_was_stored")
async def test_sensors_stay_disabled_if_the_user_wants_new_entities_disabled(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    sensor: Registered,
    poll: Poll,
) -> None:
    """It is a setting of the entry in Home Assistant, under *System options*."""
    hass.config_entries.async_update_entry(entry, pref_disable_new_entities=True)
    await load(hass, entry)
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.RECORDING_STARTED, camera)
    await poll()
    assert sensor(camera, "recording").disabled_by is BY_INTEGRATION


@pytest.mark.usefixtures("motion_was_stored")
async def test_reported_states_are_known_after_a_restart_and_for_new_cameras(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
    sensor: Registered,
    poll: Poll,
) -> None:
    """The events that have reported it may be deleted by then."""
    world = simulator.world
    world.emit(event_ids.RECORDING_STARTED, world.cameras[0])
    await poll()
    world.set_retention(event_ids.MOTION_STARTED, 0)
    world.set_retention(event_ids.RECORDING_STARTED, 0)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    new = world.add_camera("Attic")
    await poll(A_POLL)
    assert sensor(new, "motion").disabled_by is None
    assert sensor(new, "recording").disabled_by is None
    assert sensor(new, "communication").disabled_by is BY_INTEGRATION
    assert sensor(world.cameras[0], "motion").disabled_by is None


@pytest.mark.usefixtures("loaded")
async def test_a_site_that_has_reported_nothing_gets_the_usual_sensors(
    simulator: Simulator, sensor: Registered
) -> None:
    """A site that was installed today has no events yet."""
    world = simulator.world
    for key in ("motion", "recording", "communication"):
        assert sensor(world.cameras[0], key).disabled_by is None
    assert sensor(world.named("Gate"), "input").disabled_by is None
    assert sensor(world.named("Gate"), "communication").disabled_by is BY_INTEGRATION


@pytest.mark.parametrize("entry_options", [{}], ids=["push"])
async def test_a_slow_answer_does_not_delay_the_set_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    sensor: Registered,
) -> None:
    """The set-up continues with the states of the stored events."""
    world = simulator.world
    world.emit(event_ids.MOTION_STARTED, world.cameras[0])
    world.set_retention(event_ids.COMMUNICATION_STARTED, 0)
    world.emit(event_ids.COMMUNICATION_STARTED, world.cameras[0])
    simulator.faults.enable("ws_slow_state:60")
    with patch.object(reported_states, "PATIENCE", 0.3):
        assert await hass.config_entries.async_setup(entry.entry_id)
    assert sensor(world.cameras[0], "motion").disabled_by is None
    assert sensor(world.cameras[0], "communication").disabled_by is BY_INTEGRATION


@pytest.mark.parametrize("simulator_options", [Options(scenario="home")], ids=["home"])
@pytest.mark.parametrize("entry_options", [{}], ids=["push"])
async def test_a_site_in_use_has_the_sensors_of_all_states_of_its_cameras(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    sensor: Registered,
) -> None:
    """Users find all sensors after the set-up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    world = simulator.world
    for camera in world.cameras:
        for key in ("motion", "recording", "communication"):
            assert sensor(camera, key).disabled_by is None
    assert sensor(world.named("Gate"), "input").disabled_by is None
    assert sensor(world.named("Siren"), "output").disabled_by is None
