"""The faults of the Events and State WebSocket."""

import aiohttp
import pytest

from xprotect_simulator import ManualClock, Simulator, event_ids

from .stream_client import Connector


def emit(sim: Simulator, number: int) -> list[str]:
    """Create so many events, and return their ids."""
    return [sim.world.emit("x").id for _ in range(number)]


async def test_connections_close_when_the_fault_begins(connector: Connector) -> None:
    """All open ones; this counts as one use."""
    first, second = await connector.start(), await connector.start()
    connector.sim.faults.enable("ws_close:1011:count=1")
    assert (await first.end(), await second.end()) == (1011, 1011)
    assert connector.sim.faults.enabled == ()
    stream = await connector.start()
    made = emit(connector.sim, 1)
    assert await stream.ids(1) == made


async def test_connections_break_when_the_fault_begins(connector: Connector) -> None:
    """The next event is sent after a resume."""
    stream = await connector.start()
    seen = emit(connector.sim, 1)
    assert await stream.ids(1) == seen
    connector.sim.faults.enable("ws_drop:count=1")
    assert await stream.end() == 1006
    made = emit(connector.sim, 1)
    assert await (await connector.resume(stream, seen[0])).ids(1) == made


async def test_a_fault_with_every_does_not_affect_open_connections_at_once(
    connector: Connector,
) -> None:
    """It counts events."""
    stream = await connector.start()
    connector.sim.faults.enable("ws_drop:every=2")
    made = emit(connector.sim, 1)
    assert await stream.ids(1) == made
    emit(connector.sim, 1)
    assert await stream.end() == 1006


async def test_a_fault_waits_for_a_connection(connector: Connector) -> None:
    """On the command line it begins before any connection."""
    connector.sim.faults.enable("ws_drop:count=1")
    stream = await connector.start()
    emit(connector.sim, 1)
    assert await stream.end() == 1006


@pytest.mark.parametrize(("spec", "code"), [("ws_close:1001", 1001), ("ws_drop", 1006)])
async def test_connections_end_again_and_again_after_some_events(
    connector: Connector, spec: str, code: int
) -> None:
    """The event that breaks a connection is sent after the resume."""
    connector.sim.faults.enable(f"{spec}:every=3")
    stream = await connector.start()
    made = emit(connector.sim, 2)
    assert await stream.ids(2) == made
    for _ in range(3):
        (breaking,) = emit(connector.sim, 1)
        assert await stream.end() == code
        stream = await connector.resume(stream, made[-1])
        made = emit(connector.sim, 2)
        assert await stream.ids(3) == [breaking, *made]


async def test_connections_break_at_random(connector: Connector) -> None:
    """At any moment, nothing is lost."""
    connector.sim.faults.enable("ws_drop:chance=0.2")
    stream = await connector.start()
    seen = emit(connector.sim, 1)
    assert await stream.ids(1) == seen
    made, breaks = [], 0
    for _ in range(50):
        made += emit(connector.sim, 1)
        if not connector.sim.sockets.open:
            breaks += 1
            stream = await connector.resume(stream, seen[-1])
        seen += await stream.ids(1)
    assert seen[1:] == made
    assert 0 < breaks < 50


async def test_an_event_server_that_is_down_has_no_connections(
    connector: Connector,
) -> None:
    """Unless the fault is for other paths."""
    stream = await connector.start()
    connector.sim.faults.enable("event_server_down:path=/api/rest/*")
    made = emit(connector.sim, 1)
    assert await stream.ids(1) == made
    connector.sim.faults.enable("event_server_down")
    assert await stream.end() == 1006


async def test_a_silent_connection_stays_silent(connector: Connector) -> None:
    """Commands are answered, and a new connection resumes what was held back."""
    stream = await connector.start()
    seen = emit(connector.sim, 1)
    assert await stream.ids(1) == seen
    connector.sim.faults.enable("ws_silent:count=1")
    made = emit(connector.sim, 2)
    assert await stream.states() == []
    assert await stream.pushed_so_far() == []
    again = await connector.resume(stream, seen[0])
    assert await again.ids(2) == made
    assert connector.sim.faults.enabled == ()


async def test_new_connections_are_silent_while_the_fault_lasts(
    connector: Connector,
) -> None:
    """Then reconnecting does not help."""
    connector.sim.faults.enable("ws_silent")
    stream = await connector.start()
    emit(connector.sim, 1)
    assert await stream.pushed_so_far() == []
    connector.sim.faults.disable("ws_silent")
    emit(connector.sim, 1)
    assert await stream.pushed_so_far() == []


@pytest.mark.parametrize(
    ("value", "answered"), [("events", True), ("replies", True), ("pings", False)]
)
async def test_a_silent_connection_may_answer_pings(
    connector: Connector, value: str, answered: bool
) -> None:
    """Or seem dead; there are no replies, except with `events`."""
    stream = await connector.connect(autoping=False)
    connector.sim.faults.enable(f"ws_silent:{value}")
    await stream.send("startSession", sessionId="", eventId="")
    await stream.socket.ping(b"there?")
    sockets = connector.sim.sockets
    await sockets.until(lambda: sockets.commands["startSession"] == 1)
    connector.sim.sockets.close_all()
    kinds = []
    while aiohttp.WSMsgType.CLOSE not in kinds:
        kinds.append((await stream.socket.receive()).type)
    assert (aiohttp.WSMsgType.TEXT in kinds) is (value == "events")
    assert (aiohttp.WSMsgType.PONG in kinds) is answered


async def test_pings_wait_for_a_slow_state(
    connector: Connector, clock: ManualClock
) -> None:
    """A busy server seems dead to an impatient client."""
    stream = await connector.connect(autoping=False)
    await stream.start()
    connector.sim.faults.enable("ws_slow_state:90:count=1")
    await stream.send("getState")
    await clock.until_asleep()
    await stream.socket.ping()
    await stream.command("nothing")
    await clock.advance(90)
    assert (await stream.socket.receive()).type is aiohttp.WSMsgType.TEXT
    await stream.socket.ping()
    assert (await stream.socket.receive()).type is aiohttp.WSMsgType.PONG


async def test_the_server_may_ping(connector: Connector, clock: ManualClock) -> None:
    """As often as the newest fault says."""
    sockets = connector.sim.sockets
    connector.sim.faults.enable("ws_ping:60")
    connector.sim.faults.enable("ws_ping:5")
    stream = await connector.connect(autoping=False)
    for number in (1, 2):
        await clock.until_asleep()
        await clock.advance(5)
        message = await stream.socket.receive()
        assert message.type is aiohttp.WSMsgType.PING
        await stream.socket.pong(message.data)
        await stream.command("nothing")
        assert sockets.pongs == number
    connector.sim.faults.disable("ws_ping")
    await clock.advance(60)
    await stream.send("nothing")
    assert (await stream.socket.receive()).type is aiohttp.WSMsgType.TEXT


async def test_events_may_be_missing(connector: Connector) -> None:
    """They are not sent after a resume either; polls find them."""
    stream = await connector.start()
    connector.sim.faults.enable("ws_lost:every=2")
    made = emit(connector.sim, 4)
    assert await stream.ids(2) == [made[0], made[2]]
    again = await connector.resume(stream, made[0])
    assert await again.ids(1) == [made[2]]


async def test_events_may_be_pushed_with_a_delay(
    connector: Connector, clock: ManualClock
) -> None:
    """By the simulator's clock; the next event may be sent earlier."""
    stream = await connector.start()
    connector.sim.faults.enable("ws_late:10:count=1")
    late, next_one = emit(connector.sim, 2)
    assert await stream.pushed_so_far() == [next_one]
    await clock.advance(9)
    assert await stream.pushed_so_far() == []
    await clock.advance(1)
    assert await stream.ids(1) == [late]


async def test_events_may_be_pushed_twice(connector: Connector) -> None:
    """In one message, or with the next event."""
    stream = await connector.start()
    connector.sim.faults.enable("ws_duplicate:count=1")
    first, second = emit(connector.sim, 2)
    assert await stream.ids(3) == [first, first, second]
    connector.sim.faults.enable("ws_duplicate:next:count=1")
    first, second, third = emit(connector.sim, 3)
    assert await stream.ids(4) == [first, second, first, third]


async def test_events_may_be_pushed_out_of_order(connector: Connector) -> None:
    """The last one is sent when the fault ends."""
    stream = await connector.start()
    connector.sim.faults.enable("ws_out_of_order")
    first, second, third = emit(connector.sim, 3)
    assert await stream.pushed_so_far() == [second, first]
    connector.sim.faults.disable("ws_out_of_order")
    assert await stream.ids(1) == [third]


async def test_faults_of_pushing_wait_for_a_session(connector: Connector) -> None:
    """Events without a client do not use them up."""
    connector.sim.faults.enable("ws_lost:count=1")
    emit(connector.sim, 3)
    stream = await connector.start()
    _, second = emit(connector.sim, 2)
    assert await stream.ids(1) == [second]


async def test_connections_close_as_soon_as_events_could_be_pushed(
    connector: Connector,
) -> None:
    """Right after the subscription, and right after a resume."""
    stream = await connector.start()
    seen = emit(connector.sim, 1)
    assert await stream.ids(1) == seen
    connector.sim.faults.enable("ws_close_early:1011")
    fresh = await connector.start()
    assert await fresh.end() == 1011
    resumed = await connector.resume(stream, seen[0])
    assert await resumed.end() == 1011


async def test_lost_subscriptions_leave_the_session(connector: Connector) -> None:
    """It can be resumed as usual; only a new one receives events again."""
    stream = await connector.start()
    seen = emit(connector.sim, 1)
    assert await stream.ids(1) == seen
    connector.sim.faults.enable("ws_unsubscribed")
    emit(connector.sim, 1)
    resumed = await connector.resume(stream, seen[0])
    fresh = await connector.start()
    made = emit(connector.sim, 1)
    assert await fresh.ids(1) == made
    assert await resumed.pushed_so_far() == []


async def test_a_connection_without_frames_is_dropped(
    connector: Connector, clock: ManualClock
) -> None:
    """Pings are frames; proxies close idle connections."""
    connector.sim.faults.enable("ws_idle:60")
    stream = await connector.start()
    for _ in range(4):
        await stream.socket.ping()
        await clock.advance(40)
    await clock.advance(120)
    assert await stream.end() == 1006


@pytest.mark.parametrize("what", ["type", "source"])
async def test_events_of_a_type_or_a_source_are_never_pushed(
    connector: Connector, what: str
) -> None:
    """Such types exist; all others are pushed."""
    world = connector.sim.world
    camera, other = world.cameras[:2]
    value = event_ids.MOTION_STARTED if what == "type" else camera.id
    connector.sim.faults.enable(f"ws_not_pushed:{value.upper()}")
    stream = await connector.start()
    world.emit(event_ids.MOTION_STARTED, camera)
    made = world.emit(event_ids.MOTION_STOPPED, other)
    assert await stream.ids(1) == [made.id]


@pytest.mark.parametrize("what", ["pings", "messages"])
async def test_a_connection_is_flooded(connector: Connector, what: str) -> None:
    """Events still arrive, between frames without content."""
    stream = await connector.start()
    connector.sim.faults.enable(f"ws_flood:{what}:count=1")
    made = emit(connector.sim, 1)
    assert await stream.ids(1) == made
