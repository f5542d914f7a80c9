"""Changes that administrators make in XProtect during an outage."""

from dataclasses import replace

from homeassistant.const import Platform
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Item

ANOTHER_RECORDER = "7a3d8c1e-1111-4222-8333-444455556666"
ANOTHER_HARDWARE = "8b3d8c1e-1111-4222-8333-444455556666"

BOTH_WAYS = pytest.mark.parametrize(
    "entry_options", [{"delivery": "poll"}, {}], ids=["poll", "push"]
)
OUTAGES = pytest.mark.parametrize("outage", ["network", "event server", "restart"])


async def begin(scene: Scene, outage: str) -> None:
    """Start an outage in which motion begins and ends."""
    match outage:
        case "network":
            await scene.simulator.stop()
        case "event server":
            scene.simulator.faults.enable("event_server_down")
        case _:
            await scene.unload()
    scene.emit(3)
    await scene.time.passes(200)


async def end(scene: Scene, outage: str) -> None:
    """End an outage, and wait until everything has arrived."""
    scene.emit(3)
    await scene.time.passes(200)
    match outage:
        case "network":
            await scene.simulator.start()
        case "event server":
            scene.simulator.faults.clear()
        case _:
            await scene.set_up()
    await scene.busy_time(120)
    await scene.time.passes(40)
    # Changes of the configuration are events, too.
    scene.note_what_the_server_added()


def device(scene: Scene, item: Item) -> dr.DeviceEntry:
    """Return the device of an item."""
    identifier = (DOMAIN, f"{scene.simulator.world.site.id}_{item.id}")
    registry = dr.async_get(scene.hass)
    found = registry.async_get_device_by_identifier(identifier, scene.entry.entry_id)
    assert found is not None
    return found


def names_upwards(scene: Scene, item: Item) -> list[str | None]:
    """Return the names of an item's device and of those above it."""
    registry = dr.async_get(scene.hass)
    names, above = [], device(scene, item)
    while above.via_device_id is not None:
        names.append(above.name)
        found = registry.async_get(above.via_device_id)
        assert isinstance(found, dr.DeviceEntry)
        above = found
    return [*names, above.name]


@BOTH_WAYS
@OUTAGES
async def test_a_camera_is_renamed_during_an_outage(
    unset_scene: Scene, outage: str
) -> None:
    """Its entities stay, and later events have the new name."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(60)
    motion = scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")
    await begin(scene, outage)
    scene.simulator.world.rename(scene.camera, "Renamed")
    await end(scene, outage)
    scene.assert_everything_arrived_once()
    assert device(scene, scene.camera).name == "Renamed"
    assert scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion") == motion
    assert scene.motion == scene.expected_motion
    assert scene.bus.events[-1].data["source_name"] == "Renamed"


@BOTH_WAYS
@OUTAGES
@pytest.mark.parametrize("moves", ["camera", "hardware"])
async def test_a_camera_moves_to_another_recorder_during_an_outage(
    unset_scene: Scene, outage: str, moves: str
) -> None:
    """Its device is linked to the other recorder, and nothing else changes."""
    scene, world = unset_scene, unset_scene.simulator.world
    (recorder,) = world.items("recordingServers")
    await scene.set_up()
    await scene.busy_time(60)
    motion = scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")
    before = device(scene, scene.camera)
    await begin(scene, outage)
    other = world.add(replace(recorder, id=ANOTHER_RECORDER, name="Recorder 02"))
    unit = world.find(scene.camera.parent or "")
    assert unit is not None
    if moves == "hardware":
        world.move(unit, other)
    else:
        new = replace(unit, id=ANOTHER_HARDWARE, parent=other.path)
        world.move(scene.camera, world.add(new))
    await end(scene, outage)
    scene.assert_everything_arrived_once()
    assert names_upwards(scene, scene.camera)[-2:] == [other.name, world.site.name]
    assert device(scene, scene.camera).id == before.id
    assert scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion") == motion
    assert scene.motion == scene.expected_motion


@BOTH_WAYS
@pytest.mark.parametrize("way", ["action", "button"])
async def test_an_event_is_deleted_while_it_is_triggered(
    unset_scene: Scene, way: str
) -> None:
    """The automation gets an error, and other events are not delayed."""
    scene, world = unset_scene, unset_scene.simulator.world
    await scene.set_up()
    await scene.busy_time(20)
    event = world.user_defined_events[-1]
    button = scene.entity_id(Platform.BUTTON, event, "trigger")
    services = scene.hass.services
    call = (
        services.async_call(DOMAIN, "trigger_event", {"event": event.name}, True)
        if way == "action"
        else services.async_call("button", "press", {"entity_id": button}, True)
    )
    scene.simulator.faults.enable("slow:3:path=/api/rest/v1/events:count=1")
    triggering = scene.hass.async_create_task(call)
    await scene.time.passes(0.5)
    world.remove(event)
    await scene.busy_time(20)
    with pytest.raises(HomeAssistantError) as caught:
        await triggering
    assert event.id in str((caught.value.translation_placeholders or {})["error"])
    await scene.busy_time(60)
    scene.note_what_the_server_added()
    scene.assert_everything_arrived_once()
    state = scene.hass.states.get(button)
    assert state is not None
    assert state.state == "unavailable"
