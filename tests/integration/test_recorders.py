"""Recording servers: devices between site and hardware, states and storages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import A_WHILE, DeviceOf, Poll, StateOf
from xprotect_simulator import Item, Options, Simulator, event_ids

AN_HOUR = 3700.0

OWN_GROUP = "0a000000-0000-4000-8000-000000000001"
OWN_STARTED = "0a000000-0000-4000-8000-000000000002"
OWN_STOPPED = "0a000000-0000-4000-8000-000000000003"

type EntityOf = Callable[[Platform, Item, str], str]


@pytest.fixture
def simulator_options() -> Options:
    """Return a site whose tokens last for hours, which pass here within seconds."""
    return Options(cameras=10, token_life=timedelta(days=30))


@pytest.fixture
def recorder(simulator: Simulator) -> Item:
    """Return the recorder of the site."""
    return simulator.world.items("recordingServers")[0]


@pytest.fixture
def storage(simulator: Simulator) -> Item:
    """Return the storage of the recorder."""
    return simulator.world.items("storages")[0]


@pytest.fixture
def entity_of(
    entity_registry: er.EntityRegistry, simulator: Simulator
) -> Callable[[Platform, Item, str], str]:
    """Return a function that finds the entity of a recorder, enabled or not."""

    def find(platform: Platform, item: Item, key: str) -> str:
        own = "" if item.kind == "sites" else f"_{item.id}"
        unique_id = f"{simulator.world.site.id}{own}_{key}"
        found = entity_registry.async_get_entity_id(platform, DOMAIN, unique_id)
        assert found is not None, f"no {key}"
        return found

    return find


def shown(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that is enabled."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state


def group_of(simulator: Simulator, type_id: str) -> str:
    """Return the state group of an event type."""
    return simulator.world.event_types[type_id].state_group or ""


@pytest.mark.usefixtures("loaded")
async def test_a_recorder_has_a_communication_of_its_own(
    hass: HomeAssistant,
    simulator: Simulator,
    recorder: Item,
    entity_of: EntityOf,
    poll: Poll,
    binary_state: StateOf,
) -> None:
    """The one of a camera is named after the stream to the recorder."""
    world = simulator.world
    world.emit(event_ids.COMMUNICATION_STARTED, recorder)
    world.emit(event_ids.COMMUNICATION_ERROR, world.cameras[0])
    await poll()
    assert binary_state(recorder, "communication") == "on"
    assert binary_state(world.cameras[0], "communication") == "off"
    names = {
        item.kind: shown(
            hass, entity_of(Platform.BINARY_SENSOR, item, "communication")
        ).name
        for item in (recorder, world.cameras[0])
    }
    assert names == {
        "recordingServers": "RECORDER-01 Communication",
        "cameras": "Front door Recorder connection",
    }


@pytest.mark.parametrize("names_it", ["like the cameras", "by a group of its own"])
async def test_different_event_types_of_recorders_have_the_same_meaning(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    recorder: Item,
    poll: Poll,
    binary_state: StateOf,
    names_it: str,
) -> None:
    """The event types for a recorder's communication are not public."""
    world = simulator.world
    group = world.state_groups[group_of(simulator, event_ids.COMMUNICATION_STARTED)]
    if names_it == "by a group of its own":
        group = replace(group, id=OWN_GROUP)
    sides = {
        event_ids.COMMUNICATION_STARTED: (OWN_STARTED, "on"),
        event_ids.COMMUNICATION_STOPPED: (OWN_STOPPED, "off"),
    }
    for type_id, (own, _) in sides.items():
        of_cameras = world.event_types[type_id]
        of_recorders = replace(
            of_cameras, id=own, sources=("Recorder",), state_group=group.id
        )
        world.add_event_type(of_recorders, group)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for own, expected in sides.values():
        world.emit(own, recorder)
        await poll()
        assert binary_state(recorder, "communication") == expected


async def test_existing_devices_keep_their_ids_and_areas_when_recorders_are_added(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    recorder: Item,
    device_of: DeviceOf,
    poll: Poll,
) -> None:
    """An update of the integration must change nothing."""
    device_registry, entity_registry = dr.async_get(hass), er.async_get(hass)
    world = simulator.world
    site, unit = world.site, world.items("hardware")[0]
    server = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, site.id)}
    )
    area = ar.async_get(hass).async_get_or_create("Cellar")
    before = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, f"{site.id}_{unit.id}")},
        via_device_id=server.id,
    )
    device_registry.async_update_device(before.id, area_id=area.id)
    types = world.event_types.values()
    (cpu,) = (one for one in types if one.display_name == "CPU usage warning")
    sensor = entity_registry.async_get_or_create(
        Platform.SENSOR,
        DOMAIN,
        f"{site.id}_{recorder.id}_{cpu.state_group}",
        config_entry=entry,
        device_id=server.id,
        suggested_object_id="simulated_site_recorder_01_cpu_usage",
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    world.emit(cpu.id, recorder)
    await poll()
    after = device_of(unit)
    assert (after.id, after.area_id) == (before.id, area.id)
    assert after.via_device_id == device_of(recorder).id
    moved = entity_registry.async_get(sensor.entity_id)
    assert moved is not None
    assert (moved.id, moved.device_id) == (sensor.id, device_of(recorder).id)
    assert shown(hass, sensor.entity_id).state == "Warning"
    assert shown(hass, sensor.entity_id).name == "RECORDER-01 CPU usage"


async def test_chosen_states_are_enabled_and_dropped_ones_disabled(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
    recorder: Item,
    entity_of: EntityOf,
    entity_registry: er.EntityRegistry,
    poll: Poll,
) -> None:
    """Entities that the user has disabled stay disabled."""
    disk = group_of(simulator, event_ids.DATABASE_DISK_UNAVAILABLE)

    async def choose(*groups: str) -> None:
        form = await hass.config_entries.options.async_init(loaded.entry_id)
        schema = form["data_schema"]
        assert schema is not None
        offered = schema.schema["state_groups"].config["options"]
        labels = {one["value"]: one["label"] for one in offered}
        assert labels[disk] == "DatabaseDiskAvailable"
        assert "Live FPS" not in labels.values()
        answers = schema({"state_groups": list(groups), "delivery": "poll"})
        done = await hass.config_entries.options.async_configure(
            form["flow_id"], answers
        )
        assert done["type"] == "create_entry"
        await hass.async_block_till_done(wait_background_tasks=True)

    await choose(disk)
    sensor = entity_of(Platform.SENSOR, recorder, disk)
    assert shown(hass, sensor).state == "unknown"
    simulator.faults.enable("disk_full")
    await poll()
    assert shown(hass, sensor).state == "Unavailable"
    await choose()
    assert hass.states.get(sensor) is None
    await choose(disk)
    assert shown(hass, sensor).state != "unavailable"
    entity_registry.async_update_entity(
        sensor, disabled_by=er.RegistryEntryDisabler.USER
    )
    await choose()
    await choose(disk)
    assert hass.states.get(sensor) is None


@pytest.mark.usefixtures("loaded")
async def test_cameras_without_connection_are_counted(
    hass: HomeAssistant, simulator: Simulator, entity_of: EntityOf, poll: Poll
) -> None:
    """Cameras with an unknown state, or unlisted ones, do not count."""
    world = simulator.world
    count = entity_of(Platform.SENSOR, world.site, "cameras_without_connection")
    assert shown(hass, count).state == "unknown"
    world.emit(event_ids.COMMUNICATION_STARTED, world.cameras[0])
    await poll()
    assert shown(hass, count).state == "0"
    simulator.faults.enable("disk_full")
    await poll()
    assert shown(hass, count).state == "10"
    assert "Front door" in shown(hass, count).attributes["cameras"]
    world.disable(world.cameras[0])
    # The first poll finds the change, which causes a reading of the lists.
    await poll()
    await poll()
    assert shown(hass, count).state == "9"
    simulator.faults.enable("event_server_down")
    await poll()
    assert shown(hass, count).state == "unavailable"
    simulator.faults.clear()
    await poll(A_WHILE)
    assert shown(hass, count).state == "0"


@pytest.mark.usefixtures("loaded")
async def test_storages_are_not_read_until_an_entity_is_enabled(
    simulator: Simulator, recorder: Item, storage: Item, entity_of: EntityOf, poll: Poll
) -> None:
    """They are listed once, so that there is something to enable."""
    entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_used")
    asked = [one.path for one in simulator.requests if "storage" in one.path.lower()]
    await poll(AN_HOUR)
    assert asked == [
        one.path for one in simulator.requests if "storage" in one.path.lower()
    ]
    assert not any("storageInformation" in path for path in asked)


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
async def test_storages_are_read_hourly(
    hass: HomeAssistant,
    simulator: Simulator,
    recorder: Item,
    storage: Item,
    entity_of: EntityOf,
    poll: Poll,
) -> None:
    """A disk that fills up unnoticed costs recordings."""
    await poll()
    used = entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_used")
    kept = entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_retention")
    available = entity_of(
        Platform.BINARY_SENSOR, recorder, f"{storage.id}_storage_available"
    )
    assert shown(hass, used).name == "RECORDER-01 Local default: used"
    assert shown(hass, used).state == "40.0"
    assert shown(hass, used).attributes["size_mb"] == 102_400
    assert shown(hass, kept).state == "7.0"
    assert shown(hass, kept).attributes["unit_of_measurement"] == "d"
    assert shown(hass, available).state == "on"
    simulator.faults.enable("disk_full")
    await poll(AN_HOUR)
    assert shown(hass, used).state == "100.0"
    assert shown(hass, available).state == "off"
    simulator.faults.enable("forbidden:storageinformation")
    await poll(AN_HOUR)
    assert shown(hass, used).state == "unavailable"
    simulator.faults.enable("server_error:path=*/storages")
    await poll(AN_HOUR)
    assert shown(hass, available).state == "unavailable"
    simulator.faults.clear()
    await poll(AN_HOUR)
    assert shown(hass, used).state == "40.0"


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
async def test_a_recorder_that_was_disabled_adds_its_storages_once(
    simulator: Simulator,
    recorder: Item,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Home Assistant logs an error if an entity is added a second time."""
    await poll()
    for change in (simulator.world.disable, simulator.world.enable):
        change(recorder)
        await poll(AN_HOUR)
        await poll(AN_HOUR)
    assert "does not generate unique IDs" not in caplog.text


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
async def test_storages_of_an_unlisted_recorder_are_unavailable(
    hass: HomeAssistant,
    simulator: Simulator,
    recorder: Item,
    storage: Item,
    entity_of: EntityOf,
    poll: Poll,
) -> None:
    """At once, like its other entities."""
    await poll()
    used = entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_used")
    assert shown(hass, used).state == "40.0"
    simulator.world.disable(recorder)
    await poll()
    await poll()
    assert shown(hass, used).state == "unavailable"


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
async def test_storages_are_renamed_and_added_without_a_reload(
    hass: HomeAssistant,
    simulator: Simulator,
    recorder: Item,
    storage: Item,
    entity_of: EntityOf,
    poll: Poll,
) -> None:
    """With the next reading of those that are shown."""
    await poll()
    used = entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_used")
    simulator.world.rename(storage, "Fast disks")
    added = replace(storage, id="0a000000-0000-4000-8000-000000000004", name="Archive")
    simulator.world.add(added)
    await poll(AN_HOUR)
    assert shown(hass, used).name == "RECORDER-01 Fast disks: used"
    await poll(AN_HOUR)
    another = entity_of(Platform.SENSOR, recorder, f"{added.id}_storage_used")
    assert shown(hass, another).name == "RECORDER-01 Archive: used"
    assert shown(hass, another).state == "40.0"


@pytest.mark.parametrize("trouble", ["server_error:503", "reset", "html"])
async def test_storages_that_cannot_be_listed_at_the_start_come_soon(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    recorder: Item,
    storage: Item,
    entity_of: EntityOf,
    poll: Poll,
    trouble: str,
) -> None:
    """The lists of the site are read again only an hour later."""
    simulator.faults.enable(f"{trouble}:path=*/storages")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not [one for one in er.async_get(hass).entities if "local_default" in one]
    simulator.faults.clear()
    await poll(A_WHILE)
    entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_used")
    available = f"{storage.id}_storage_available"
    entity_of(Platform.BINARY_SENSOR, recorder, available)


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
async def test_a_group_of_states_is_renamed_without_a_reload(
    hass: HomeAssistant,
    simulator: Simulator,
    recorder: Item,
    entity_of: EntityOf,
    poll: Poll,
) -> None:
    """Its sensors are named after it."""
    world = simulator.world
    (cpu,) = (
        one
        for one in world.event_types.values()
        if one.display_name == "CPU usage warning"
    )
    world.emit(cpu.id, recorder)
    await poll()
    sensor = entity_of(Platform.SENSOR, recorder, cpu.state_group or "")
    assert shown(hass, sensor).name == "RECORDER-01 CPU usage"
    group = world.state_groups[cpu.state_group or ""]
    world.add_event_type(cpu, replace(group, display_name="Load of the processor"))
    await poll(AN_HOUR)
    assert shown(hass, sensor).name == "RECORDER-01 Load of the processor"
