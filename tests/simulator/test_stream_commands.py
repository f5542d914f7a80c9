"""The commands of the Events and State WebSocket, and how they are refused."""

import json

import pytest

from xprotect_simulator import ManualClock, event_ids

from .stream_client import EVERYTHING, Connector

SOME_ID = "4577f552-765a-438c-bc7d-e5ff1f754bc3"


async def test_a_new_session_has_an_id_of_its_own(connector: Connector) -> None:
    """The status is 201."""
    first, second = await connector.connect(), await connector.connect()
    assert (await first.start(), await second.start()) == (201, 201)
    assert first.session_id != second.session_id
    assert len(connector.sim.sockets.sessions) == 2


async def test_a_session_reports_its_time_out_since_2024_r1(
    connector: Connector,
) -> None:
    """Clients learn how often they must send; older servers do not report it."""
    for version, timeout in (("24.1.1.1", 30), ("23.3.0.1", None)):
        connector.sim.world.product_version = version
        stream = await connector.connect()
        reply = await stream.command("startSession", sessionId="", eventId="")
        assert reply.get("inactiveTimeoutSeconds") == timeout


async def test_the_id_of_a_command_is_echoed_even_zero(connector: Connector) -> None:
    """The vendor's sample for browsers begins with it."""
    stream = await connector.connect()
    assert (await stream.command("startSession"))["commandId"] == 0
    await stream.socket.send_json({"command": "getState", "commandId": -7})
    stream.command_id = -7
    assert (await stream.reply())["commandId"] == -7


@pytest.mark.parametrize("name", ["addSubscription", "removeSubscription", "getState"])
async def test_other_commands_need_a_session(connector: Connector, name: str) -> None:
    """The refusal says so."""
    stream = await connector.connect()
    assert await stream.command(name) == {
        "commandId": 0,
        "status": 400,
        "error": {"errorText": "startSession comes first"},
    }


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("startSession", {}),
        ("fly", {}),
        ("addSubscription", {"filters": 5}),
        ("addSubscription", {"filters": [5]}),
        ("addSubscription", {"filters": [{}]}),
        ("addSubscription", {"filters": [EVERYTHING | {"modifier": "maybe"}]}),
        ("addSubscription", {"filters": [EVERYTHING | {"sourceIds": ["x"]}]}),
        ("addSubscription", {"filters": [EVERYTHING | {"eventTypes": ["x"]}]}),
        ("addSubscription", {"filters": [EVERYTHING | {"eventTypes": "*"}]}),
        ("addSubscription", {"filters": [EVERYTHING | {"resourceTypes": [5]}]}),
        ("removeSubscription", {"subscriptionId": "x"}),
        ("removeSubscription", {"subscriptionId": 5}),
    ],
)
async def test_wrong_commands_are_refused_and_the_connection_stays(
    connector: Connector, name: str, fields: dict[str, object]
) -> None:
    """The error has the reason."""
    stream = await connector.start()
    reply = await stream.command(name, **fields)
    assert reply["status"] == 400
    assert reply["error"]["errorText"]
    assert await stream.states() == []


@pytest.mark.parametrize("name", ["sessionId", "eventId"])
async def test_a_session_is_named_by_guids(connector: Connector, name: str) -> None:
    """Or by nothing, for a new one."""
    stream = await connector.connect()
    assert (await stream.command("startSession", **{name: "x"}))["status"] == 400
    assert (await stream.command("startSession", **{name: None}))["status"] == 201


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        "5",
        "{}",
        '{"command": "getState"}',
        '{"command": "getState", "commandId": "1"}',
        '{"command": "getState", "commandId": true}',
        '{"commandId": 1}',
        b'{"command": "getState", "commandId": 1}',
        b"\xff",
    ],
)
async def test_an_invalid_message_closes_the_connection(
    connector: Connector, message: str | bytes
) -> None:
    """Without an id there can be no reply."""
    stream = await connector.start()
    if isinstance(message, str):
        await stream.socket.send_str(message)
    else:
        await stream.socket.send_bytes(message)
    await stream.socket.send_json({"command": "getState", "commandId": 1})
    assert await stream.end() == 1007
    assert connector.sim.sockets.commands["getState"] == 0


async def test_an_unsubscribed_client_gets_nothing_more(connector: Connector) -> None:
    """Its other subscriptions stay."""
    stream = await connector.connect()
    await stream.start()
    camera = connector.sim.world.cameras[0]
    first = await stream.subscribe(resourceTypes=["cameras"])
    await stream.subscribe(resourceTypes=["sites"])
    reply = await stream.command("removeSubscription", subscriptionId=first.upper())
    assert reply == {"commandId": 3, "status": 200}
    connector.sim.world.emit(event_ids.MOTION_STARTED, camera)
    event = connector.sim.world.emit(event_ids.PERIODIC_TIMER, "sites/1")
    assert await stream.ids(1) == [event.id]
    for unknown in (first, SOME_ID):
        reply = await stream.command("removeSubscription", subscriptionId=unknown)
        assert reply["status"] == 404


async def test_commands_are_counted(connector: Connector) -> None:
    """Tests can check the commands of a client."""
    stream = await connector.start()
    await stream.command("fly")
    await stream.send("getState")
    sockets = connector.sim.sockets
    await sockets.until(lambda: sockets.commands["getState"] == 1)
    assert sockets.commands == {
        "startSession": 1,
        "addSubscription": 1,
        "getState": 1,
        "unknown": 1,
    }


async def test_events_may_come_between_a_command_and_its_reply(
    connector: Connector, clock: ManualClock
) -> None:
    """Then the state in the reply is older than the events."""
    world = connector.sim.world
    stream = await connector.start()
    old = world.emit(event_ids.MOTION_STARTED, world.cameras[0])
    connector.sim.faults.enable("ws_slow_state:60:count=1")
    await stream.send("getState")
    await clock.until_asleep()
    new = world.emit(event_ids.MOTION_STOPPED, world.cameras[0])
    await clock.advance(60)
    states = (await stream.reply())["states"]
    assert await stream.ids(2) == [old.id, new.id]
    assert [state["id"] for state in states] == [old.id]


async def test_commands_can_fail_one_by_one(connector: Connector) -> None:
    """Clients must handle the error."""
    stream = await connector.start()
    connector.sim.faults.enable("ws_refused:getState:count=1")
    assert await stream.subscribe()
    reply = await stream.command("getState")
    assert (reply["status"], reply["error"]) == (
        500,
        {"errorText": "The command failed"},
    )
    assert await stream.states() == []
    connector.sim.faults.enable("ws_refused")
    assert (await stream.command("addSubscription"))["status"] == 500


async def test_replies_are_short_json(connector: Connector) -> None:
    """They contain nothing else."""
    stream = await connector.connect()
    await stream.send("startSession", sessionId="", eventId="")
    text = await stream.socket.receive_str()
    reply = json.loads(text)
    assert list(reply) == [
        "commandId",
        "status",
        "sessionId",
        "inactiveTimeoutSeconds",
    ]
    assert " " not in text
