"""How push and poll share the events, and the states meanwhile."""

from datetime import timedelta

from homeassistant.const import Platform
import pytest

from custom_components.xprotect_events.engine.push import QUIET
from tests.integration.lossless.scene import Scene
from xprotect_simulator import event_ids

# Seconds; a little longer than the time until the first audit.
BEGINNING = 31
NOTHING_STORED = "server_error:500:path=/api/rest/v1/event[s]*"


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Use the default options: push, with polls as an audit."""
    return {}


@pytest.fixture
async def pushing(unset_scene: Scene) -> Scene:
    """Return a site whose events are pushed, just after an audit."""
    scene = unset_scene
    await scene.set_up()
    await scene.time.passes(BEGINNING)
    assert scene.delivery == "push"
    return scene


def cut_off(scene: Scene) -> None:
    """Let no event arrive; a later stream does not push the events from now on."""
    for fault in ("ws_unavailable:503", "ws_resume_refused", NOTHING_STORED):
        scene.simulator.faults.enable(fault)
    scene.simulator.sockets.drop_all()


async def test_events_are_polled_at_once_when_the_stream_is_gone(
    pushing: Scene,
) -> None:
    """The next audit would follow half a minute later."""
    scene = pushing
    scene.simulator.faults.enable("ws_silent:events")
    scene.emit()
    await scene.time.passes(1)
    assert not scene.bus.ids
    scene.simulator.faults.enable("ws_unavailable:503")
    scene.simulator.sockets.drop_all()
    await scene.time.passes(1)
    assert scene.bus.ids == [scene.emitted[-1].id]


async def test_events_are_polled_at_the_user_s_pace_without_a_stream(
    pushing: Scene,
) -> None:
    """Half a minute is long for a visitor at the door."""
    scene = pushing
    scene.simulator.faults.enable("ws_unavailable:503")
    scene.simulator.sockets.drop_all()
    await scene.time.passes(5)
    for _ in range(10):
        scene.emit()
        await scene.time.passes(3.5)
        scene.assert_everything_arrived_once()


async def test_events_before_the_stream_are_not_missed_by_the_stream(
    pushing: Scene,
) -> None:
    """Otherwise the audit would blame the stream."""
    scene = pushing
    cut_off(scene)
    await scene.busy_time(20)
    assert scene.delivery == "down"
    scene.simulator.faults.disable("ws_unavailable")
    await scene.time.passes(60)
    assert scene.delivery == "push"
    scene.simulator.faults.clear()
    await scene.time.passes(60)
    scene.assert_everything_arrived_once()
    assert scene.entry.runtime_data.statistics.audit_finds == 0


# Aiohttp's heartbeat: data that arrives while a socket closes restarts it.
@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.parametrize("entry_options", [{"poll_interval": 20}])
@pytest.mark.usefixtures("expected_lingering_timers")
async def test_a_stream_that_never_begins_causes_no_poll(unset_scene: Scene) -> None:
    """A user who has chosen a long interval wants few requests."""
    scene = unset_scene
    scene.simulator.faults.enable("ws_refused:startSession")
    await scene.set_up()
    await scene.time.passes(60)
    before = scene.event_requests
    await scene.time.passes(600)
    assert scene.simulator.sockets.commands["startSession"] > 10
    assert scene.event_requests - before <= 30


@pytest.mark.parametrize("entry_options", [{"event_types": [event_ids.MOTION_STARTED]}])
async def test_unsubscribed_events_do_not_renew_the_stream(
    pushing: Scene,
) -> None:
    """The poll finds such an event; the stream must not be replaced for it."""
    scene = pushing
    for _ in range(3):
        scene.simulator.world.emit(scene.simulator.world.named("Gate open").id)
        await scene.time.passes(40)
    statistics = scene.entry.runtime_data.statistics
    assert (statistics.audit_finds, statistics.streams_opened) == (0, 1)


async def test_events_that_are_being_sent_are_not_missed(pushing: Scene) -> None:
    """The audit may be some seconds faster than the stream."""
    scene = pushing
    scene.simulator.faults.enable("ws_late:3")
    # Just before an audit.
    for _ in range(30):
        scene.emit()
        await scene.time.passes(7)
    scene.assert_everything_arrived_once()
    statistics = scene.entry.runtime_data.statistics
    assert (statistics.audit_finds, statistics.streams_opened) == (0, 1)


async def test_states_are_unknown_until_the_server_sends_them(pushing: Scene) -> None:
    """The events of the outage are unknown."""
    scene = pushing
    scene.emit()
    await scene.time.passes(1)
    assert scene.motion == "on"
    cut_off(scene)
    await scene.time.passes(5)
    assert scene.motion == "unavailable"
    scene.emit()
    seen = scene.watch(scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion"))
    scene.simulator.faults.enable("ws_slow_state:20")
    scene.simulator.faults.disable("ws_unavailable")
    await scene.time.passes(60)
    assert scene.delivery == "push"
    assert seen == ["unknown", "off"]


async def test_states_that_are_known_are_shown_until_the_server_sends_them(
    pushing: Scene,
) -> None:
    """Events were polled all the time, so the states are known."""
    scene = pushing
    scene.emit()
    await scene.time.passes(1)
    seen = scene.watch(scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion"))
    scene.simulator.faults.enable("ws_resume_refused")
    scene.simulator.faults.enable("ws_slow_state:20")
    scene.simulator.sockets.drop_all()
    await scene.time.passes(60)
    assert (scene.delivery, scene.motion) == ("push", "on")
    assert seen == []


async def test_a_state_that_the_server_lacks_comes_from_the_newest_stored_event(
    unset_scene: Scene,
) -> None:
    """An event server that has just started has no earlier states."""
    scene = unset_scene
    scene.emit(ago=timedelta(hours=1))
    scene.simulator.world.states.clear()
    scene.simulator.faults.enable(NOTHING_STORED)
    await scene.set_up()
    await scene.time.passes(10)
    assert (scene.delivery, scene.motion) == ("push", "unknown")
    scene.simulator.faults.clear()
    await scene.time.passes(60)
    assert (scene.delivery, scene.motion) == ("push", "on")


async def test_an_event_server_that_was_restarted_makes_no_state_unknown(
    pushing: Scene,
) -> None:
    """It sends no states, and nothing has changed in the meantime."""
    scene = pushing
    scene.emit()
    camera = scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")
    await scene.time.passes(60)
    seen = scene.watch(camera)
    pages = scene.event_requests
    for _ in range(3):
        scene.simulator.world.states.clear()
        scene.simulator.faults.enable("ws_resume_refused")
        scene.simulator.sockets.drop_all()
        await scene.time.passes(60)
    assert (scene.delivery, scene.motion) == ("push", "on")
    assert seen == []
    # With a stream there are two polls a minute, and one at its start and its end.
    assert scene.event_requests - pages <= 3 * 10


async def test_a_state_that_is_newer_than_the_servers_answer_is_kept(
    unset_scene: Scene,
) -> None:
    """Its answer was being sent when motion began."""
    scene = unset_scene
    # The first request is from the set-up, the second from the push.
    scene.simulator.faults.enable("ws_slow_state:20:every=2")
    await scene.set_up()
    await scene.time.passes(5)
    scene.emit()
    await scene.time.passes(5)
    assert scene.motion == "on"
    await scene.time.passes(30)
    assert (scene.delivery, scene.motion) == ("push", "on")


async def test_no_event_is_hidden_when_a_quiet_stream_is_asked_for_states(
    pushing: Scene,
) -> None:
    """Motion may begin at the moment of the request."""
    scene = pushing
    scene.simulator.faults.enable("ws_slow_state:20")
    asked = scene.simulator.sockets.commands["getState"]
    await scene.time.passes(QUIET - BEGINNING + 5)
    assert scene.simulator.sockets.commands["getState"] == asked + 1
    scene.emit()
    await scene.time.passes(1)
    assert scene.motion == "on"
    await scene.time.passes(30)
    assert scene.motion == "on"


async def test_old_motion_does_not_change_the_state_in_between(pushing: Scene) -> None:
    """A recorder that was offline sends motion that has ended since."""
    scene = pushing
    scene.emit(2)
    await scene.time.passes(120)
    seen = scene.watch(scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion"))
    scene.simulator.faults.enable("ws_silent:events")
    scene.emit(2, ago=timedelta(seconds=90))
    await scene.time.passes(35)
    scene.assert_everything_arrived_once()
    assert len(scene.bus.missed) == 2
    assert seen == []
