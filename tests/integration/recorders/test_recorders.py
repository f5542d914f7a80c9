"""Recording servers: devices between site and hardware, and their states."""

from dataclasses import replace

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import A_WHILE, DeviceOf, Poll, StateOf
from tests.integration.entries import load
from tests.integration.recorders.conftest import AN_HOUR, EntityOf, shown
from xprotect_simulator import Item, Simulator, event_ids

OWN_GROUP = "0a000000-0000-4000-8000-000000000001"
OWN_STARTED = "0a000000-0000-4000-8000-000000000002"
OWN_STOPPED = "0a000000-0000-4000-8000-000000000003"


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
    await load(hass, entry)
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
    await load(hass, entry)
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
