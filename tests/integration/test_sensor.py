"""Sensors of state groups with more than two states."""

from dataclasses import replace
from datetime import timedelta

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import A_WHILE, DeviceOf, Poll
from tests.integration.entries import reload
from xprotect_simulator import Item, Options, Simulator, event_ids

A_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"
# Seconds. The inventory is read every hour.
AN_HOUR = 3660.0
# Days pass here within seconds, and the client would pause its sign-ins.
LONG_TOKENS = pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet", token_life=timedelta(days=30))]
)


def type_named(simulator: Simulator, name: str) -> tuple[str, str]:
    """Return the ids of an event type and of its state group."""
    for event_type in simulator.world.event_types.values():
        if event_type.display_name == name:
            return event_type.id, event_type.state_group or ""
    raise AssertionError(name)


class Gauge:
    """The sensor of one source and state group."""

    def __init__(
        self, hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
    ) -> None:
        self._hass = hass
        self._simulator = simulator
        self._entry = entry

    def registered(self, item: Item, group: str) -> er.RegistryEntry:
        """Return the sensor's entry in the registry."""
        registry = er.async_get(self._hass)
        unique_id = f"{self._simulator.world.site.id}_{item.id}_{group}"
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        assert entity_id is not None
        registered = registry.async_get(entity_id)
        assert registered is not None
        return registered

    async def enable(self, item: Item, group: str) -> None:
        """Enable the sensor, like a user."""
        entity_id = self.registered(item, group).entity_id
        er.async_get(self._hass).async_update_entity(entity_id, disabled_by=None)
        await reload(self._hass, self._entry)

    def state(self, item: Item, group: str) -> State:
        """Return its state."""
        state = self._hass.states.get(self.registered(item, group).entity_id)
        assert state is not None
        return state


@pytest.fixture
def gauge(hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry) -> Gauge:
    """Return the sensors of the loaded site."""
    return Gauge(hass, simulator, loaded)


async def test_a_state_of_the_server_becomes_a_disabled_sensor(
    simulator: Simulator, poll: Poll, gauge: Gauge, device_of: DeviceOf
) -> None:
    """A large site has sixteen thousand of them, and few are used."""
    camera = simulator.world.cameras[0]
    type_id, group = type_named(simulator, "Live FPS critical")
    simulator.world.emit(type_id, camera)
    await poll()
    registered = gauge.registered(camera, group)
    assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert registered.device_id == device_of(camera).id
    assert registered.original_name == "Live FPS"


async def test_an_enabled_sensor_shows_the_server_s_texts(
    simulator: Simulator, poll: Poll, gauge: Gauge
) -> None:
    """The Management Client shows the same texts."""
    camera = simulator.world.cameras[0]
    critical, group = type_named(simulator, "Live FPS critical")
    normal, _ = type_named(simulator, "Live FPS normal")
    simulator.world.emit(critical, camera)
    await poll()
    await gauge.enable(camera, group)
    assert gauge.state(camera, group).state == "Critical"
    assert gauge.state(camera, group).attributes["options"] == [
        "Normal",
        "Warning",
        "Critical",
        "Undefined",
    ]
    simulator.world.emit(normal, camera)
    await poll()
    assert gauge.state(camera, group).state == "Normal"


async def test_a_new_state_after_an_update_of_xprotect_is_shown(
    simulator: Simulator, poll: Poll, gauge: Gauge
) -> None:
    """Otherwise it would be unknown until the entry is reloaded."""
    world = simulator.world
    camera = world.cameras[0]
    type_id, group = type_named(simulator, "Live FPS critical")
    world.emit(type_id, camera)
    await poll()
    await gauge.enable(camera, group)
    known = gauge.state(camera, group).attributes["options"]
    world.add_camera("Pool")
    await poll()
    await poll()
    assert gauge.state(camera, group).attributes["options"] == known
    new = replace(
        world.event_types[type_id],
        id="0b8c3f5e-2d0f-4f6e-9b0a-6f1f0c7d2a91",
        display_name="Live FPS hopeless",
        state="Hopeless",
    )
    world.add_event_type(new)
    await poll()
    await poll()
    assert gauge.state(camera, group).attributes["options"] == [*known, "Hopeless"]
    world.emit(new.id, camera)
    await poll()
    assert gauge.state(camera, group).state == "Hopeless"


async def test_a_state_of_a_camera_that_is_not_listed_yet_waits_for_its_device(
    simulator: Simulator, poll: Poll, gauge: Gauge, device_of: DeviceOf
) -> None:
    """At the server's device it would have a GUID as its name, for ever."""
    new = replace(simulator.world.cameras[0], id=A_GUID, name="Pool")
    simulator.world.inventory.put(new)
    type_id, group = type_named(simulator, "Live FPS critical")
    simulator.world.emit(type_id, new)
    for _ in range(3):
        await poll()
    registered = gauge.registered(new, group)
    assert registered.device_id == device_of(new).id
    assert registered.entity_id == "sensor.pool_live_fps"


@LONG_TOKENS
async def test_sensors_of_a_camera_that_returns_are_added_again(
    simulator: Simulator, poll: Poll, gauge: Gauge, device_of: DeviceOf
) -> None:
    """Without a reload."""
    camera = simulator.world.cameras[0]
    type_id, group = type_named(simulator, "Live FPS critical")
    simulator.world.emit(type_id, camera)
    await poll()
    simulator.world.remove(camera)
    for _ in range(14):
        await poll(2 * AN_HOUR)
    with pytest.raises(AssertionError):
        gauge.registered(camera, group)
    simulator.world.add(camera)
    await poll(AN_HOUR)
    assert gauge.registered(camera, group).device_id == device_of(camera).id


@pytest.mark.parametrize(("count", "length"), [(100, 10), (20, 150)])
async def test_a_group_with_too_many_states_has_no_list_of_options(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    gauge: Gauge,
    count: int,
    length: int,
) -> None:
    """The registry would contain all of them for each camera."""
    world = simulator.world
    camera = world.cameras[0]
    type_id, group = type_named(simulator, "Live FPS critical")
    for number in range(count):
        world.add_event_type(
            replace(
                world.event_types[type_id],
                id=f"{number:08x}-2d0f-4f6e-9b0a-6f1f0c7d2a91",
                display_name=f"Live FPS {number}",
                state=f"Number {number}".ljust(length, "."),
            )
        )
    for _ in range(3):
        await poll()
    world.emit("00000005-2d0f-4f6e-9b0a-6f1f0c7d2a91", camera)
    await poll()
    await gauge.enable(camera, group)
    assert "options" not in gauge.state(camera, group).attributes
    (found,) = (
        issue
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "too_many_states"
    )
    assert found.translation_placeholders == {"name": "Simulated site", "count": "1"}
    world.emit(type_id, camera)
    await poll()
    assert gauge.state(camera, group).state == "Critical"


async def test_a_source_without_a_device_is_named_at_the_server(
    simulator: Simulator, poll: Poll, gauge: Gauge, device_of: DeviceOf
) -> None:
    """Metadata of two cameras would be two sensors with one name."""
    metadata = simulator.world.items("metadata")[0]
    type_id, group = type_named(simulator, "Live FPS warning")
    simulator.world.emit(type_id, metadata)
    await poll()
    registered = gauge.registered(metadata, group)
    assert registered.device_id == device_of(simulator.world.site).id
    assert registered.original_name == f"{metadata.path} Live FPS"


async def test_a_sensor_is_unavailable_while_no_events_can_arrive(
    simulator: Simulator, poll: Poll, gauge: Gauge
) -> None:
    """Its state may have changed meanwhile."""
    camera = simulator.world.cameras[0]
    type_id, group = type_named(simulator, "Live FPS critical")
    simulator.world.emit(type_id, camera)
    await poll()
    await gauge.enable(camera, group)
    simulator.faults.enable("event_server_down")
    await poll()
    assert gauge.state(camera, group).state == "unavailable"
    simulator.faults.clear()
    await poll(A_WHILE)
    assert gauge.state(camera, group).state == "Critical"


@pytest.mark.usefixtures("loaded")
async def test_two_sided_states_have_no_sensor(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """They have a binary sensor."""
    before = len(er.async_get(hass).entities)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    assert len(er.async_get(hass).entities) == before
