"""With every fault of the event stream, all events arrive once."""

import asyncio
from datetime import timedelta
from unittest.mock import patch

from homeassistant.const import Platform
import pytest

from custom_components.xprotect_events.api import EventSessions, SessionChanges
from tests.integration.lossless.scene import Scene
from xprotect_simulator import event_ids

# Seconds; the longest wait for the next stream, and for an unanswered command.
BACK_AFTER = 130

BY_COMMAND = {"ws_no_authenticate", "ws_authenticate_refused"}
STREAM_FAULTS: dict[str, str] = {
    "refused, 400": "ws_unavailable:400",
    "refused, 401": "ws_unavailable:401",
    "refused, 403": "ws_unavailable:403",
    "refused, 500": "ws_unavailable:500",
    "refused, 503": "ws_unavailable:503",
    "signs in by header only": "ws_no_authenticate",
    "sign-in command refused": "ws_authenticate_refused",
    "every command refused": "ws_refused",
    "session refused": "ws_refused:startSession",
    "subscription refused": "ws_refused:addSubscription",
    "states refused": "ws_refused:getState",
    "resume refused": "ws_resume_refused",
    "events before the reply": "ws_events_first",
    "states come late": "ws_slow_state:20 ws_resume_refused",
    "closed at each event": "ws_close:1001",
    "closed with an error at each event": "ws_close:1011",
    "reset at each event": "ws_drop",
    "reset at every fifth event": "ws_drop:every=5",
    "closed as soon as events can come": "ws_close_early:1001",
    "dropped when idle": "ws_idle:60",
    "subscriptions lost": "ws_unsubscribed",
    "flooded with pings": "ws_flood:pings",
    "flooded with empty messages": "ws_flood:messages",
    "no events": "ws_silent:events",
    "no replies": "ws_silent:replies",
    "no pings": "ws_silent:pings",
    "pinged": "ws_ping:20",
    "events lost": "ws_lost",
    "every second event lost": "ws_lost:every=2",
    "a type not pushed": f"ws_not_pushed:{event_ids.MOTION_STARTED}",
    "events late": "ws_late:5",
    "repeated at once": "ws_duplicate:together",
    "repeated later": "ws_duplicate:next",
    "out of order": "ws_out_of_order",
    "group is null": "ws_null_group:null",
    "group is the nil GUID": "ws_null_group:nil",
    "without datatype, tag and data": "ws_bare",
}


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Use the default options: push, with polls as an audit."""
    return {}


@pytest.mark.parametrize("spec", STREAM_FAULTS.values(), ids=list(STREAM_FAULTS))
async def test_a_fault_of_the_stream_loses_no_event(
    unset_scene: Scene, spec: str
) -> None:
    """The poll finds events that are not pushed, and repeats are dropped."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    assert scene.delivery == "push"
    world, faults = scene.simulator.world, scene.simulator.faults
    for one in spec.split():
        faults.enable(one)
    # An event without a state, with everything that an event may have.
    plate, data = world.named("Licence plate read"), {"plate": "AB 12345"}
    scene.emitted.append(world.emit(plate.id, scene.camera, tag="a tag", data=data))
    await scene.busy_time(60)
    # The fault may concern the start of a stream.
    scene.simulator.sockets.drop_all()
    await scene.busy_time(120)
    assert scene.delivery in {"push", "poll"}
    names = {one.partition(":")[0] for one in spec.split()}
    # The header signs in, so nobody needs the command.
    assert names <= faults.used.keys() | BY_COMMAND
    assert faults.used.keys().isdisjoint(BY_COMMAND)
    faults.clear()
    await scene.busy_time(BACK_AFTER)
    assert (scene.delivery, scene.motion) == ("push", scene.expected_motion)
    # Audits find nothing new, and the timers of closed sockets end.
    await scene.time.passes(260)
    scene.assert_everything_arrived_once()
    assert scene.lines() == []
    assert not scene.bus.missed


@pytest.mark.parametrize(
    "spec", ["gateway_missing", "events_api_missing", "ws_unavailable:404"]
)
async def test_a_gateway_after_an_outage_is_not_treated_as_an_older_server(
    unset_scene: Scene, spec: str
) -> None:
    """Both answer that there is no stream, but one of them only for minutes."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    scene.simulator.faults.enable(spec)
    scene.simulator.sockets.drop_all()
    await scene.busy_time(60)
    assert scene.delivery in {"down", "poll"}
    scene.simulator.faults.clear()
    await scene.busy_time(120)
    assert scene.delivery == "push"
    scene.assert_everything_arrived_once()


async def test_streams_that_end_at_once_are_not_opened_one_after_the_other(
    unset_scene: Scene,
) -> None:
    """Each causes a session and an answer with all states."""
    scene = unset_scene
    scene.simulator.faults.enable("ws_close_early")
    await scene.set_up()
    await scene.busy_time(120)
    assert scene.simulator.sockets.accepted <= 16
    scene.assert_everything_arrived_once()


async def test_no_connection_is_silent_enough_for_a_proxy_to_drop_it(
    unset_scene: Scene,
) -> None:
    """Otherwise a quiet night would cause many new sessions and answers."""
    scene = unset_scene
    scene.simulator.faults.enable("ws_idle:60")
    await scene.set_up()
    seen = scene.watch(scene.delivery_id)
    accepted = scene.simulator.sockets.accepted
    await scene.time.passes(1200)
    assert (scene.delivery, seen) == ("push", [])
    assert scene.simulator.sockets.accepted == accepted


@pytest.mark.parametrize("hours", [0, -1, 1])
async def test_a_silent_stream_is_not_resumed(unset_scene: Scene, hours: int) -> None:
    """Its session would stay silent; only another one receives events again.

    Even after the server's clock was set, so that the stream seems to begin later.
    """
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    if hours:
        scene.simulator.faults.enable(f"clock_skew:{hours * 3600}")
        await scene.busy_time(40)
    subscribed = scene.simulator.sockets.commands["addSubscription"]
    scene.simulator.faults.enable("ws_unsubscribed:count=1")
    await scene.busy_time(60)
    assert scene.delivery == "push"
    commands = scene.simulator.sockets.commands
    assert commands["addSubscription"] == subscribed + 1
    scene.emit()
    await scene.time.passes(1)
    scene.assert_everything_arrived_once()


async def test_a_silent_socket_that_is_pinged_is_noticed_within_200_seconds(
    unset_scene: Scene,
) -> None:
    """Pings are not messages, and audits cannot find events that are not stored."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    accepted = scene.simulator.sockets.accepted
    scene.simulator.faults.enable("ws_ping:20")
    scene.simulator.faults.enable("ws_silent:events:count=1")
    scene.simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    scene.emit()
    await scene.time.passes(200)
    assert (scene.delivery, scene.motion) == ("push", "on")
    assert scene.simulator.sockets.accepted == accepted + 1


async def test_a_lost_subscription_is_noticed_where_nothing_is_stored(
    unset_scene: Scene,
) -> None:
    """The session answers without states; no audit finds events that are not stored."""
    scene = unset_scene
    scene.simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    scene.simulator.world.set_retention(event_ids.MOTION_STOPPED, 0)
    await scene.set_up()
    scene.emit(2)
    await scene.time.passes(5)
    # The state that a new session receives.
    scene.simulator.sockets.drop_all()
    scene.simulator.faults.enable("ws_resume_refused:count=1")
    await scene.time.passes(30)
    scene.simulator.faults.enable("ws_unsubscribed:count=1")
    scene.emit()
    await scene.time.passes(200)
    assert (scene.delivery, scene.motion) == ("push", "on")


async def test_a_socket_without_frames_is_closed_after_four_minutes(
    unset_scene: Scene,
) -> None:
    """A pulled cable does not end a connection by itself."""
    scene = unset_scene
    await scene.set_up()
    seen = scene.watch(scene.delivery_id)
    scene.simulator.faults.enable("ws_silent:pings:count=1")
    await scene.time.passes(235)
    assert seen == []
    await scene.time.passes(15)
    assert seen == ["poll", "push"]


async def test_a_refused_upgrade_causes_no_sign_in(unset_scene: Scene) -> None:
    """Behind a proxy that loses the token, every attempt would send the password."""
    scene = unset_scene
    scene.simulator.faults.enable("unauthorized:path=/api/ws/*")
    await scene.set_up()
    await scene.busy_time(600)
    assert scene.delivery == "poll"
    assert scene.logins == 1
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize("ahead", [0, 3600], ids=["right clock", "an hour ahead"])
async def test_each_motion_of_less_than_a_second_is_shown(
    unset_scene: Scene, ahead: int
) -> None:
    """The server sends whole seconds, which must not make a state look old."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    # Longer than the time until an audit, whose answer has the server's time.
    for _ in range(120):
        scene.emit(ago=timedelta(seconds=-ahead))
        await scene.time.passes(0.3)
        assert scene.motion == scene.expected_motion
    assert scene.delivery == "push"


@pytest.mark.parametrize("ahead", [0, 3600], ids=["right clock", "an hour ahead"])
async def test_a_slow_answer_with_states_hides_no_event(
    unset_scene: Scene, ahead: int
) -> None:
    """The server read its states before the events that were pushed meanwhile."""
    scene = unset_scene
    await scene.set_up()
    scene.emit(ago=timedelta(seconds=-ahead))
    await scene.time.passes(5)
    scene.simulator.faults.enable("ws_slow_state:20")
    scene.simulator.faults.enable("ws_resume_refused")
    scene.simulator.sockets.drop_all()
    await scene.time.passes(10)
    scene.emit(ago=timedelta(seconds=-ahead))
    await scene.time.passes(5)
    assert scene.motion == "off"
    await scene.time.passes(30)
    assert (scene.delivery, scene.motion) == ("push", "off")


@pytest.mark.parametrize("entry_options", [{"catch_up_hours": 0}])
async def test_a_poll_that_fails_for_long_makes_no_pushed_state_unknown(
    unset_scene: Scene,
) -> None:
    """Events that are not stored are only pushed, and push has missed nothing."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    scene.simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    scene.emit()
    await scene.time.passes(1)
    seen = scene.watch(scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion"))
    scene.simulator.faults.enable("server_error:500:path=/api/rest/v1/event*")
    await scene.time.passes(300)
    assert (scene.delivery, scene.motion) == ("push", "on")
    scene.simulator.faults.clear()
    await scene.time.passes(120)
    assert scene.lines("are skipped")
    assert (scene.delivery, scene.motion) == ("push", "on")
    assert seen == []


async def test_states_that_were_not_sent_are_requested_when_the_stream_is_resumed(
    unset_scene: Scene,
) -> None:
    """They were forgotten when it began; no poll finds events that are not stored."""
    scene = unset_scene
    await scene.set_up()
    scene.simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    scene.emit()
    await scene.time.passes(5)
    faults, sockets = scene.simulator.faults, scene.simulator.sockets
    faults.enable("server_error:500:path=/api/rest/v1/event*")
    faults.enable("ws_unavailable:503")
    sockets.drop_all()
    await scene.time.passes(30)
    assert scene.delivery == "down"
    faults.clear()
    faults.enable("server_error:500:path=/api/rest/v1/event*")
    faults.enable("ws_resume_refused")
    faults.enable("ws_slow_state:20")
    while scene.delivery != "push":
        await scene.time.passes(1)
    assert scene.motion == "unknown"
    scene.simulator.world.emit(
        event_ids.MOTION_STARTED, scene.simulator.world.cameras[1]
    )
    await scene.time.passes(1)
    faults.clear()
    sockets.drop_all()
    await scene.time.passes(60)
    assert (scene.delivery, scene.motion) == ("push", "on")


async def test_events_between_two_streams_arrive_when_the_second_begins(
    unset_scene: Scene,
) -> None:
    """Even if a slow poll was already running when it happened."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    read = EventSessions.read

    async def read_slowly(
        sessions: EventSessions, session_id: str, *, max_size: int, include_data: bool
    ) -> SessionChanges:
        found = await read(
            sessions, session_id, max_size=max_size, include_data=include_data
        )
        await asyncio.sleep(6)
        return found

    scene.simulator.faults.enable("ws_resume_refused")
    with patch.object(EventSessions, "read", read_slowly):
        scene.simulator.sockets.drop_all()
        await scene.time.passes(0.05)
        scene.emit()
        # Two polls, and the shortest time between polls.
        await scene.time.passes(15)
    assert scene.delivery == "push"
    scene.assert_everything_arrived_once()
