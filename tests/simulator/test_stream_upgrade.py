"""Connecting to the Events and State WebSocket, and the end of connections."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from xprotect_simulator import ManualClock, Options, Simulator

from .client import Client
from .stream_client import PATH, Connector, StreamClient


@pytest.mark.parametrize("path", [PATH, f"{PATH}/", "/API/WS/Events/V1/"])
async def test_the_path_is_read_in_any_case_with_or_without_a_slash(
    connector: Connector, path: str
) -> None:
    """The vendor's samples use both."""
    stream = await connector.connect(path)
    assert await stream.start() == 201


@pytest.mark.parametrize("path", ["/api/ws/events", "/api/ws/events/v2", "/ws/v1"])
async def test_other_paths_do_not_exist(connector: Connector, path: str) -> None:
    """Leaving out the version is a common mistake."""
    assert await connector.refusal(path) == 404


async def test_a_plain_request_is_not_an_upgrade(client: Client) -> None:
    """A browser finds nothing here."""
    assert (await client.call("GET", PATH)).status == 400


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic eA=="])
async def test_a_wrong_token_is_refused_at_the_upgrade(
    connector: Connector, header: str
) -> None:
    """With an HTTP status, before the WebSocket is open."""
    assert await connector.refusal(headers={"Authorization": header}) == 401


async def test_an_expired_token_opens_nothing_and_closes_nothing(
    connector: Connector, clock: ManualClock
) -> None:
    """It is only checked when connecting."""
    stream = await connector.start()
    await clock.advance(timedelta(hours=1))
    assert await connector.refusal() == 401
    event = connector.sim.world.emit("x")
    assert await stream.ids(1) == [event.id]


async def test_revoking_a_token_leaves_the_connection(connector: Connector) -> None:
    """As documented."""
    stream = await connector.start()
    connector.sim.identity.revoke_tokens()
    assert await stream.states() == []
    assert await connector.refusal() == 401


async def test_a_role_may_forbid_the_websocket(connector: Connector) -> None:
    """The configuration may still be readable."""
    connector.sim.identity.forbid("ws")
    assert await connector.refusal() == 403


async def test_a_command_can_sign_in(connector: Connector) -> None:
    """Browsers cannot send the header."""
    stream = await connector.connect(headers={})
    reply = await stream.command("startSession", sessionId="", eventId="")
    assert reply["status"] == 401
    for token in ("Bearer wrong", None, 5):
        assert (await stream.command("authenticate", token=token))["status"] == 401
    token = connector.headers["Authorization"]
    assert (await stream.command("authenticate", token=token))["status"] == 200
    assert await stream.start() == 201


async def test_signing_in_by_command_can_be_missing(connector: Connector) -> None:
    """It was documented before it worked."""
    connector.sim.faults.enable("ws_no_authenticate")
    assert await connector.refusal(headers={}) == 401
    stream = await connector.connect()
    token = connector.headers["Authorization"]
    assert (await stream.command("authenticate", token=token))["status"] == 400
    assert await stream.start() == 201


async def test_signing_in_by_command_can_be_refused(connector: Connector) -> None:
    """Although the token is valid."""
    stream = await connector.connect(headers={})
    connector.sim.faults.enable("ws_authenticate_refused:count=1")
    token = connector.headers["Authorization"]
    assert (await stream.command("authenticate", token=token))["status"] == 401
    assert (await stream.command("authenticate", token=token))["status"] == 200


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_an_upgrade_can_be_answered_with_an_error(
    connector: Connector, status: int
) -> None:
    """The rest of the server works."""
    connector.sim.faults.enable(f"ws_unavailable:{status}:count=1")
    assert await connector.refusal() == status
    assert await connector.refusal() == 101
    assert (connector.sim.sockets.attempts, connector.sim.sockets.accepted) == (2, 1)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("events_api_missing", 404), ("gateway_missing", 404), ("event_server_down", 503)],
)
async def test_faults_of_the_server_concern_the_upgrade(
    connector: Connector, fault: str, status: int
) -> None:
    """A gateway without the Events REST API has no WebSocket either."""
    connector.sim.faults.enable(fault)
    assert await connector.refusal() == status


async def test_an_upgrade_is_logged_at_once(connector: Connector) -> None:
    """Not at the end of the connection, which may be much later."""
    await connector.connect()
    last = connector.sim.requests[-1]
    assert (last.path, last.status) == (PATH, 101)
    await connector.opened[0].socket.close()
    await connector.sim.sockets.until(lambda: not connector.sim.sockets.open)
    assert len(connector.sim.requests) == 1


async def test_open_connections_are_counted(connector: Connector) -> None:
    """Tests wait for it."""
    sockets = connector.sim.sockets
    first, _second = await connector.connect(), await connector.connect()
    assert sockets.open == 2
    await first.socket.close()
    await sockets.until(lambda: sockets.open == 1)


async def test_all_connections_can_be_closed_with_a_code(connector: Connector) -> None:
    """Events that were pushed before are still sent."""
    stream = await connector.start()
    event = connector.sim.world.emit("x")
    connector.sim.sockets.close_all(1011)
    connector.sim.sockets.close_all(1000)
    assert connector.sim.sockets.open == 0
    assert await stream.ids(1) == [event.id]
    assert await stream.end() == 1011


async def test_all_connections_can_be_reset(connector: Connector) -> None:
    """There is no closing frame."""
    stream = await connector.start()
    connector.sim.sockets.drop_all()
    assert connector.sim.sockets.open == 0
    assert await stream.end() == 1006


async def test_stopping_closes_every_connection_and_ends_every_task(
    http: aiohttp.ClientSession,
) -> None:
    """Including slow and delayed ones, and pings."""
    before = asyncio.all_tasks()
    clock = ManualClock()
    faults = ("ws_slow_state:60", "ws_late:60", "ws_ping:60")
    async with Simulator(Options(faults=faults), clock=clock) as sim:
        stream, slow = await streams_of(sim, http, 2)
        await slow.send("getState")
        await sim.sockets.until(lambda: sim.sockets.commands["getState"] > 0)
        sim.world.emit("x")
        ending = asyncio.create_task(stream.end())
    assert await ending == 1001
    assert sim.sockets.open == 0
    assert asyncio.all_tasks() == before


async def test_sessions_survive_a_server_that_was_out_of_reach(
    connector: Connector,
) -> None:
    """On the same port, within the resume window."""
    stream = await connector.start()
    seen = connector.sim.world.emit("x")
    assert await stream.ids(1) == [seen.id]
    await connector.sim.stop()
    missed = connector.sim.world.emit("x")
    await connector.sim.start()
    again = await connector.resume(stream, seen.id)
    assert await again.ids(1) == [missed.id]


async def test_a_client_that_does_not_read_cannot_stop_the_server(
    http: aiohttp.ClientSession,
) -> None:
    """Megabytes are still waiting when the server closes the connection."""
    async with Simulator(Options(), clock=ManualClock()) as sim:
        await streams_of(sim, http, 1)
        for _ in range(200):
            sim.world.emit("x", data={"text": "x" * 100_000})
    assert sim.sockets.open == 0


async def streams_of(
    sim: Simulator, http: aiohttp.ClientSession, number: int
) -> list[StreamClient]:
    """Return connections that subscribe to everything."""
    client = Client(sim=sim, http=http)
    await client.sign_in()
    connector = Connector(sim=sim, http=http, headers=client.headers)
    return [await connector.start() for _ in range(number)]
