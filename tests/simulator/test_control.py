"""The simulator's own endpoints."""

import pytest

from xprotect_simulator import Simulator, event_ids

from .client import Client
from .stream_client import Connector


async def test_faults_are_switched_over_http(client: Client, sim: Simulator) -> None:
    """Even those that affect every answer."""
    on = await client.call("POST", "/simulator/faults", {"fault": "server_error:503"})
    assert on.body["enabled"] == ["server_error:503"]
    assert "slow" in on.body["available"]
    assert (await client.get("sites")).status == 503
    off = await client.call("DELETE", "/simulator/faults/server_error")
    assert off.body["enabled"] == []
    sim.faults.enable("html")
    await client.call("DELETE", "/simulator/faults")
    assert (await client.get("sites")).is_json


async def test_the_ledger_is_read_from_a_running_number_on(
    client: Client, sim: Simulator
) -> None:
    """Including events that are not stored."""
    sim.world.set_retention(event_ids.MOTION_STARTED, 0)
    sim.world.emit(sim.world.named("Gate open").id)
    sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
    rows = (await client.call("GET", "/simulator/ledger?after=1")).body["array"]
    assert [(row["localId"], row["isStored"]) for row in rows] == [(2, False)]
    assert (await client.call("GET", "/simulator/ledger?after=x")).status == 400


async def test_events_of_any_type_can_be_created(
    client: Client, sim: Simulator
) -> None:
    """Without the rules for users."""
    camera = sim.world.cameras[0].path
    body = {
        "type": event_ids.MOTION_STARTED,
        "source": camera,
        "time": "2026-03-02T05:00:00Z",
        "tag": "t",
        "data": {"a": 1},
    }
    answer = await client.call("POST", "/simulator/events", body)
    assert answer.status == 201
    assert sim.world.ledger.happened[0].source == camera
    assert answer.body["data"]["time"] == "2026-03-02T05:00:00.0000000Z"
    body = {"type": event_ids.MOTION_STARTED}
    assert (await client.call("POST", "/simulator/events", body)).status == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "faults", {"fault": "rain"}, 400),
        ("POST", "faults", [], 400),
        ("DELETE", "faults/rain", None, 400),
        ("POST", "events", {}, 400),
        ("POST", "password", {"password": 5}, 400),
        ("POST", "events", [], 400),
        ("POST", "events", {"type": "x", "data": 5}, 400),
        ("POST", "events", {"type": "x", "time": "now"}, 400),
        ("GET", "nothing", None, 404),
    ],
)
async def test_mistakes_are_answered_with_an_error(
    client: Client, method: str, path: str, body: object, status: int
) -> None:
    """In the same envelope as other errors."""
    answer = await client.call(method, f"/simulator/{path}", body)
    assert answer.status == status
    assert answer.error_text


async def test_the_websockets_can_be_observed_and_disturbed(
    client: Client, connector: Connector
) -> None:
    """Also from another process."""
    stream = await connector.start()
    answer = await client.call("GET", "/simulator/sockets")
    assert answer.body == {
        "open": 1,
        "accepted": 1,
        "commands": {"startSession": 1, "addSubscription": 1},
    }
    spec = {"fault": "ws_close:1001:count=1"}
    answer = await client.call("POST", "/simulator/faults", spec)
    assert answer.body["enabled"] == []
    assert await stream.end() == 1001
    stream = await connector.start()
    await client.call("POST", "/simulator/restart")
    assert await stream.end() == 1006


async def test_the_account_and_the_sessions_can_be_changed(client: Client) -> None:
    """For demonstrations."""
    session = await client.create_session()
    for act in ("restart", "lock"):
        answer = await client.call("POST", f"/simulator/{act}")
        assert answer.body == {"done": act}
    assert (await client.get(f"eventSessions/{session}")).status == 404
    assert (await client.token()).body["error_code"] == "LockedOut"
    await client.call("POST", "/simulator/unlock")
    assert (await client.token()).status == 200
    await client.call("POST", "/simulator/revoke")
    assert (await client.get("sites")).status == 401
    await client.call("POST", "/simulator/change-password")
    assert (await client.token()).body["error_code"] == "ChangePassword"


async def test_the_password_is_changed_from_outside(client: Client) -> None:
    """Like an administrator does while Home Assistant runs."""
    await client.call("POST", "/simulator/password", {"password": "another"})
    assert (await client.token()).body["error_code"] == "InvalidCredentials"
    await client.call("POST", "/simulator/password", {"password": "demo"})
    assert (await client.token()).status == 200
