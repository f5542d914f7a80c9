"""Resuming a session after a broken connection."""

from datetime import timedelta

import aiohttp
import pytest

from xprotect_simulator import ManualClock, Options, Simulator, event_ids

from .client import Client
from .stream_client import Connector, StreamClient

SOME_ID = "4577f552-765a-438c-bc7d-e5ff1f754bc3"


async def broken(connector: Connector) -> tuple[StreamClient, str]:
    """Return a client whose connection was reset, and its last event."""
    stream = await connector.start()
    connector.sim.world.emit("x")
    connector.sim.world.emit("x")
    _, seen = await stream.ids(2)
    connector.sim.sockets.drop_all()
    await stream.end()
    return stream, seen


async def test_missed_events_are_sent_after_a_resume(
    connector: Connector, clock: ManualClock
) -> None:
    """In order, once, after the reply; the subscriptions are kept."""
    stream, seen = await broken(connector)
    made = []
    for _ in range(3):
        made.append(connector.sim.world.emit("x").id)
        await clock.advance(10)
    again = await connector.resume(stream, seen)
    made.append(connector.sim.world.emit("x").id)
    assert await again.ids(4) == made
    assert list(again.frames[0]) == [
        "commandId",
        "status",
        "sessionId",
        "inactiveTimeoutSeconds",
    ]
    assert await again.pushed_so_far() == []


async def test_events_that_were_sent_but_never_received_are_sent_again(
    connector: Connector,
) -> None:
    """Only the client knows which events it has received."""
    stream = await connector.start()
    made = [connector.sim.world.emit("x").id for _ in range(5)]
    assert await stream.ids(5) == made
    await stream.socket.close()
    again = await connector.resume(stream, made[1].upper())
    assert await again.ids(3) == made[2:]


async def test_missed_events_can_come_before_the_reply(connector: Connector) -> None:
    """The documentation does not exclude it."""
    connector.sim.faults.enable("ws_events_first")
    stream, seen = await broken(connector)
    missed = connector.sim.world.emit("x")
    again = await connector.resume(stream, seen)
    assert "events" in again.frames[0]
    assert await again.ids(1) == [missed.id]


async def test_a_session_can_be_resumed_again_and_again(connector: Connector) -> None:
    """The resume window restarts each time."""
    stream, seen = await broken(connector)
    for _ in range(3):
        stream = await connector.resume(stream, seen)
        missed = connector.sim.world.emit("x")
        connector.sim.sockets.close_all()
        assert await stream.ids(1) == [missed.id]
        assert await stream.end() == 1000
        seen = missed.id


async def test_after_the_window_a_new_session_begins(
    connector: Connector, clock: ManualClock
) -> None:
    """Without subscriptions, and with another id."""
    stream, seen = await broken(connector)
    await clock.advance(30.1)
    again = await connector.connect()
    assert await again.start(stream.session_id, seen) == 201
    assert again.session_id != stream.session_id
    connector.sim.world.emit("x")
    assert await again.pushed_so_far() == []
    assert len(connector.sim.sockets.sessions) == 1


async def test_the_window_can_be_longer(http: aiohttp.ClientSession) -> None:
    """It is a setting of the server."""
    clock = ManualClock()
    options = Options(resume_window=timedelta(minutes=5))
    async with Simulator(options, clock=clock) as sim:
        client = Client(sim=sim, http=http)
        await client.sign_in()
        connector = Connector(sim=sim, http=http, headers=client.headers)
        stream, seen = await broken(connector)
        await clock.advance(300)
        await connector.resume(stream, seen)


async def test_the_last_event_may_be_old(
    connector: Connector, clock: ManualClock
) -> None:
    """The connection may break after hours without events."""
    stream = await connector.start()
    seen = connector.sim.world.emit("x").id
    assert await stream.ids(1) == [seen]
    await clock.advance(timedelta(minutes=50))
    connector.sim.sockets.drop_all()
    made = []
    for _ in range(2):
        again = await connector.resume(stream, seen)
        await clock.advance(31)
        made.append(connector.sim.world.emit("x").id)
        assert await again.ids(len(made)) == made
        if len(made) == 1:
            connector.sim.sockets.drop_all()
    last = await connector.connect()
    assert await last.start(stream.session_id, seen) == 201


@pytest.mark.parametrize("event_id", ["", SOME_ID])
async def test_without_the_last_event_a_session_cannot_be_resumed(
    connector: Connector, event_id: str
) -> None:
    """Then the missed events are unknown."""
    stream, _seen = await broken(connector)
    again = await connector.connect()
    assert await again.start(stream.session_id, event_id) == 201


async def test_an_event_that_was_not_subscribed_is_not_known(
    connector: Connector,
) -> None:
    """The session never had it."""
    sim = connector.sim
    stream = await connector.start(resourceTypes=["cameras"])
    sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
    other = sim.world.emit(event_ids.PERIODIC_TIMER, sim.world.site)
    again = await connector.connect()
    assert await again.start(stream.session_id, other.id) == 201


async def test_an_unknown_session_is_replaced(connector: Connector) -> None:
    """As after a restart of the event server, which also closes all connections."""
    stream, seen = await broken(connector)
    again = await connector.connect()
    assert await again.start(SOME_ID, seen) == 201
    connector.sim.restart_event_server()
    assert await again.end() == 1006
    last = await connector.connect()
    assert await last.start(stream.session_id, seen) == 201


async def test_a_session_belongs_to_its_user(
    connector: Connector, stranger: Client
) -> None:
    """Its events are not for others."""
    stream, seen = await broken(connector)
    connector.sim.identity.add_user("guest", "guest")
    await stranger.sign_in("guest", "guest")
    other = await connector.connect(headers=dict(stranger.headers))
    assert await other.start(stream.session_id, seen) == 201


async def test_resuming_a_session_that_is_in_use_takes_it_over(
    connector: Connector,
) -> None:
    """The server may notice a broken connection later than the client."""
    stream = await connector.start()
    seen = connector.sim.world.emit("x").id
    assert await stream.ids(1) == [seen]
    again = await connector.resume(stream, seen)
    event = connector.sim.world.emit("x")
    assert await again.ids(1) == [event.id]
    assert await stream.end() == 1000
    assert connector.sim.sockets.open == 1
    assert await again.pushed_so_far() == []


async def test_resuming_can_be_refused(connector: Connector) -> None:
    """Only the status shows it."""
    stream, seen = await broken(connector)
    connector.sim.faults.enable("ws_resume_refused:count=1")
    again = await connector.connect()
    assert await again.start(stream.session_id, seen) == 201
    last = await connector.connect()
    assert await last.start(stream.session_id, seen) == 200
