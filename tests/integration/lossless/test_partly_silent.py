"""A stream that pushes everything but one type or one source, or nothing at all."""

from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.diagnostics import (
    async_get_config_entry_diagnostics,
)
from tests.integration.lossless.scene import Scene
from xprotect_simulator import EventType, event_ids

TAMPERING = EventType(
    id="7a000000-0000-4000-8000-000000000001",
    name="Tampering",
    display_name="Tampering",
    generator_type="Driver",
    generator_subtype="Device",
    group="Device - Configurable",
    sources=("Camera",),
)


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Use the default options: push, with polls as an audit."""
    return {}


def named(scene: Scene) -> str | None:
    """Return the subjects of the repair, `None` while there is none."""
    registry = ir.async_get(scene.hass)
    issue = registry.async_get_issue(DOMAIN, f"not_pushed_{scene.entry.entry_id}")
    return (issue.translation_placeholders or {})["subjects"] if issue else None


async def minutes(scene: Scene, count: int) -> None:
    """Let minutes pass, with events of all kinds."""
    world = scene.simulator.world
    for _ in range(count * 3):
        scene.emit()
        await scene.time.passes(10)
        for camera in world.cameras:
            world.emit(event_ids.RECORDING_STARTED, camera)
        world.emit(TAMPERING.id, world.cameras[1])
        for motion in (event_ids.MOTION_STARTED, event_ids.MOTION_STOPPED):
            world.emit(motion, world.cameras[1])
        await scene.time.passes(10)
    scene.note_what_the_server_added()


async def test_a_type_that_is_never_pushed_is_reported_and_polled(
    unset_scene: Scene,
) -> None:
    """Motion that switches on a light must not be delayed by half a minute for ever."""
    scene = unset_scene
    await scene.set_up()
    deliveries = scene.watch(scene.delivery_id)
    sockets = scene.simulator.sockets
    scene.simulator.faults.enable(f"ws_not_pushed:{event_ids.MOTION_STARTED}")
    await minutes(scene, 5)
    # One stream requests the states at the set-up, and one is renewed.
    assert sockets.commands["startSession"] == sockets.commands["addSubscription"] == 3
    assert (scene.delivery, deliveries) == ("push", ["poll", "push"])
    assert named(scene) == "Motion Started"
    while scene.emit().type != event_ids.MOTION_STARTED:
        await scene.time.passes(1)
    await scene.time.passes(3)
    scene.assert_everything_arrived_once()
    assert scene.motion == "on"
    described = await async_get_config_entry_diagnostics(scene.hass, scene.entry)
    assert described["delivery"]["not_pushed"] == [event_ids.MOTION_STARTED]
    assert scene.lines() == []


async def test_types_that_are_pushed_again_are_no_longer_polled(
    unset_scene: Scene,
) -> None:
    """The repair disappears, and the server gets no further requests."""
    scene = unset_scene
    await scene.set_up()
    scene.simulator.faults.enable(f"ws_not_pushed:{event_ids.MOTION_STARTED}")
    await minutes(scene, 5)
    scene.simulator.faults.clear()
    await minutes(scene, 1)
    assert named(scene) is None
    before = scene.event_requests
    await minutes(scene, 2)
    assert scene.event_requests - before <= 5
    scene.assert_everything_arrived_once()


async def test_a_source_that_is_never_pushed_is_reported_and_polled(
    unset_scene: Scene,
) -> None:
    """A camera may be in a part of the system whose events the server does not push."""
    scene = unset_scene
    await scene.set_up()
    scene.simulator.faults.enable(f"ws_not_pushed:{scene.camera.id}")
    await minutes(scene, 5)
    assert named(scene) == scene.camera.name
    assert scene.delivery == "push"
    scene.emit()
    await scene.time.passes(3)
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize(
    ("entry_options", "is_fast"),
    [({}, False), ({"event_types": [TAMPERING.id]}, True)],
    ids=["of no interest", "chosen"],
)
async def test_a_type_that_no_entity_shows_is_polled_only_if_it_is_chosen(
    unset_scene: Scene, *, is_fast: bool
) -> None:
    """Only important events justify thirty times as many requests."""
    scene = unset_scene
    scene.simulator.world.add_event_type(TAMPERING)
    await scene.set_up()
    scene.simulator.faults.enable(f"ws_not_pushed:{TAMPERING.id}")
    await minutes(scene, 5)
    assert named(scene) == "Tampering"
    before = scene.event_requests
    await scene.time.passes(60)
    assert (scene.event_requests - before > 20) is is_fast


async def test_delivery_is_poll_while_nothing_is_pushed(
    unset_scene: Scene,
) -> None:
    """Otherwise every event is delayed by half a minute while the sensor shows push."""
    scene = unset_scene
    await scene.set_up()
    await minutes(scene, 1)
    scene.simulator.faults.enable("ws_silent:events")
    await minutes(scene, 4)
    assert (scene.delivery, named(scene)) == ("poll", None)
    seen = scene.watch(scene.delivery_id)
    await minutes(scene, 4)
    assert seen == []
    scene.emit()
    await scene.time.passes(3)
    scene.assert_everything_arrived_once()
    scene.simulator.faults.clear()
    await minutes(scene, 11)
    assert (scene.delivery, seen) == ("push", ["push"])
    scene.assert_everything_arrived_once()
