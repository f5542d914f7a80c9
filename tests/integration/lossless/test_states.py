"""With any failure of polls and streams, states are current or unknown."""

from datetime import timedelta

from homeassistant.const import Platform
from homeassistant.core import Event, callback
import pytest

from custom_components.xprotect_events.engine.event_poll import PAGE_SIZE
from custom_components.xprotect_events.engine.state_questions import PATIENCE
from tests.integration.lossless.scene import BUS_EVENTS, Scene
from xprotect_simulator import event_ids

# More than two portions, each ending with a different state from the one before.
MANY = 501
# Seconds; the longest wait for the next poll or stream.
BACK_AFTER = 130


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Use the default options: push, with polls as an audit."""
    return {}


def motion_id(scene: Scene) -> str:
    """Return the sensor of motion at the camera."""
    return scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")


async def restart_server(scene: Scene, *faults: str) -> None:
    """Stop and start the server; its stream works before its events API."""
    await scene.simulator.stop()
    await scene.time.passes(5 * 60)
    assert scene.motion == "unavailable"
    scene.simulator.restart_event_server()
    for spec in ("server_error:503:path=/api/rest/v1/event*", *faults):
        scene.simulator.faults.enable(spec)
    await scene.simulator.start()
    asked = scene.simulator.sockets.commands["getState"]
    while scene.simulator.sockets.commands["getState"] == asked:
        await scene.time.passes(1)
    await scene.time.passes(PATIENCE)
    assert (scene.delivery, scene.motion) == ("push", "unknown")
    scene.simulator.faults.clear()


@pytest.mark.parametrize("seconds", [70, 600], ids=["read from a session", "in pages"])
async def test_missed_events_show_no_old_state_while_events_are_pushed(
    unset_scene: Scene, seconds: int
) -> None:
    """A large server takes minutes to send its states, although the stream is open."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    await scene.unload()
    other = scene.simulator.world.cameras[1]
    for _ in range(MANY):
        scene.emit(2)
        scene.simulator.world.emit(event_ids.MOTION_STARTED, other)
    scene.emit()
    await scene.time.passes(seconds)
    seen = scene.watch(motion_id(scene))
    scene.simulator.faults.enable("ws_slow_state:40")
    await scene.set_up()
    await scene.time.passes(BACK_AFTER)
    assert scene.delivery == "push"
    # Known from stored events, or unknown until the server has answered.
    assert [state for state in seen if state != "unknown"] == ["on"]


async def test_missed_states_that_are_pushed_do_not_wait_for_a_poll_that_fails(
    unset_scene: Scene,
) -> None:
    """All events of a recorder whose clock is two minutes slow are missed."""
    scene = unset_scene
    await scene.set_up()
    await scene.unload()
    scene.emit(2 * PAGE_SIZE)
    await scene.time.passes(600)

    @callback
    def fail(_event: Event) -> None:
        scene.simulator.faults.enable("server_error:503:path=/api/rest/v1/event*")

    scene.hass.bus.async_listen_once(BUS_EVENTS[1], fail)
    await scene.set_up()
    for _ in range(5):
        scene.emit(ago=timedelta(seconds=120))
        await scene.time.passes(30)
        assert (scene.delivery, scene.motion) == ("push", scene.expected_motion)


async def test_states_that_the_stream_does_not_send_are_read_after_an_outage(
    unset_scene: Scene,
) -> None:
    """A door may be open for days without an event."""
    scene = unset_scene
    scene.simulator.faults.enable("ws_refused:getState")
    await scene.set_up()
    await scene.busy_time(25)
    assert scene.motion == "on"
    await restart_server(scene, "ws_refused:getState")
    await scene.time.passes(BACK_AFTER)
    assert (scene.delivery, scene.motion) == ("push", "on")


async def test_states_that_the_stream_does_not_send_are_read_at_the_start(
    unset_scene: Scene,
) -> None:
    """Whether the stream or the poll is first."""
    scene = unset_scene
    scene.simulator.faults.enable("ws_refused:getState")
    scene.emit()
    await scene.time.passes(70)
    await scene.set_up()
    await scene.time.passes(5)
    assert (scene.delivery, scene.motion) == ("push", "on")


async def test_a_stream_that_breaks_off_before_it_sends_states_leaves_none_unknown(
    unset_scene: Scene,
) -> None:
    """A proxy may cut each stream whose first answer takes a minute."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(25)
    await restart_server(scene, "ws_slow_state:60")
    scene.simulator.faults.enable("ws_unavailable:503")
    scene.simulator.sockets.drop_all()
    await scene.time.passes(BACK_AFTER)
    assert (scene.delivery, scene.motion) == ("poll", "on")


@pytest.mark.parametrize("ahead", [0, 3, 3600], ids="{} s ahead".format)
async def test_an_event_that_was_not_pushed_hides_nothing_newer(
    unset_scene: Scene, ahead: int
) -> None:
    """The next audit finds it; by then it is over, whatever the camera's clock."""
    scene = unset_scene
    in_time = timedelta(seconds=-ahead)
    await scene.set_up()
    for pause in (0.3, 1, 5):
        await scene.time.passes(60)
        scene.simulator.faults.enable("ws_lost")
        scene.emit(ago=in_time)
        scene.simulator.faults.clear()
        await scene.time.passes(pause)
        scene.emit(ago=in_time)
        await scene.time.passes(60)
        assert scene.motion == "off"
    scene.assert_everything_arrived_once()


async def test_motion_that_begins_and_ends_in_the_same_instant_is_over(
    unset_scene: Scene,
) -> None:
    """Pushed events have no number, so their order of arrival counts."""
    scene = unset_scene
    await scene.set_up()
    await scene.time.passes(5)
    scene.emit(2, ago=timedelta(0))
    assert scene.emitted[0].ticks == scene.emitted[1].ticks
    await scene.time.passes(1)
    assert scene.motion == "off"
    await scene.time.passes(60)
    assert scene.motion == "off"


@pytest.mark.parametrize("entry_options", [{"delivery": "poll"}])
async def test_after_a_restart_the_newest_of_many_events_of_the_future_counts(
    unset_scene: Scene,
) -> None:
    """A recorder with a wrong time zone fills more than a page within an hour."""
    scene = unset_scene
    await scene.set_up()
    scene.emit(PAGE_SIZE + 1, ago=timedelta(hours=-1))
    # So that the second page does not end like the first.
    scene.simulator.world.emit(
        event_ids.PERIODIC_TIMER,
        scene.camera,
        time=scene.server_now + timedelta(hours=2),
    )
    await scene.time.passes(30)
    assert scene.motion == "on"
    await scene.unload()
    scene.simulator.faults.enable("slow:1:path=/api/rest/v1/events*")
    await scene.set_up()
    await scene.time.passes(30)
    scene.simulator.faults.clear()
    # The last slow answer arrives before the end.
    await scene.time.passes(1)
    assert (scene.delivery, scene.motion) == ("poll", "on")
