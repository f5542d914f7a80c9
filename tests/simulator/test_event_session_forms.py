"""Event sessions: paths, envelopes, expiry and owners."""

import pytest

from xprotect_simulator import ManualClock, Simulator, event_ids

from .client import REST, Client

ASCENDING = [{"target": "time", "direction": "asc"}]


async def test_empty_filters_may_be_refused(client: Client, sim: Simulator) -> None:
    """The documentation calls both lists required."""
    sim.faults.enable("empty_filters_refused")
    body = {"filterBy": [], "orderBy": ASCENDING}
    assert (await client.post("eventSessions", body)).status == 400


async def test_the_documented_example_of_a_session_is_accepted_unchanged(
    client: Client, sim: Simulator
) -> None:
    """Developers begin with the vendor's page; its filter compares the id to null."""
    sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
    body = {
        "filterBy": [{"operator": "equals", "target": "id", "value": None}],
        "orderBy": [{"target": "id", "direction": "asc"}],
    }
    answer = await client.post("eventSessions", body)
    assert answer.status == 201
    assert answer.body == {**body, "id": answer.body["id"]}
    assert await client.read_session(answer.body["id"]) == []


@pytest.mark.parametrize("wrapper", ["data", "result"])
async def test_a_new_session_may_be_wrapped(
    client: Client, sim: Simulator, wrapper: str
) -> None:
    """The form of real servers is uncertain."""
    sim.faults.enable(f"wrapped_session:{wrapper}")
    sim.faults.enable("session_status:200")
    body: dict[str, object] = {"filterBy": [], "orderBy": []}
    answer = await client.post("eventSessions", body)
    assert answer.status == 200
    assert answer.body[wrapper]["id"]


@pytest.mark.parametrize(("only", "other"), [("suffix", ""), ("short", "/events")])
async def test_a_server_may_support_only_one_path(
    client: Client, sim: Simulator, only: str, other: str
) -> None:
    """The other path is a 404."""
    sim.faults.enable(f"session_path:{only}")
    session = await client.create_session()
    paths = {"suffix": "/events", "short": ""}
    right = await client.get(f"eventSessions/{session}{paths[only]}")
    assert right.status == 200
    assert (await client.get(f"eventSessions/{session}{other}")).status == 404


async def test_a_session_that_is_not_read_is_forgotten(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """Reading keeps it."""
    session = await client.create_session()
    for _ in range(3):
        await clock.advance(299)
        assert await client.read_session(session) == []
    assert len(sim.sessions) == 1
    await clock.advance(300)
    assert (await client.get(f"eventSessions/{session}")).status == 404
    assert len(sim.sessions) == 0


@pytest.mark.parametrize(
    ("form", "status", "text"),
    [
        ("404", 404, "Unknown resource: eventSessions/{session}"),
        ("400", 400, "UnknownSession"),
        ("410", 410, "UnknownSession"),
    ],
)
async def test_an_unknown_session_is_answered_in_one_of_three_ways(
    client: Client, sim: Simulator, form: str, status: int, text: str
) -> None:
    """All of them mean that a new one is needed."""
    sim.faults.enable(f"expiry_answer:{form}")
    session = await client.create_session()
    sim.restart_event_server()
    answer = await client.get(f"eventSessions/{session}/events")
    assert (answer.status, answer.error_text) == (status, text.format(session=session))


async def test_a_session_is_deleted_once(client: Client) -> None:
    """Then it is unknown."""
    session = await client.create_session()
    path = f"{REST}/eventSessions/{session}"
    assert (await client.call("DELETE", path)).status == 204
    assert (await client.call("DELETE", path)).status == 404


async def test_a_session_outlives_the_token_and_belongs_to_its_user(
    client: Client, sim: Simulator
) -> None:
    """Renewing the token changes nothing."""
    session = await client.create_session()
    sim.identity.revoke_tokens()
    await client.sign_in()
    assert await client.read_session(session) == []
    await client.sign_in_as_service()
    assert (await client.get(f"eventSessions/{session}")).status == 404
    own = await client.create_session()
    assert await client.read_session(own) == []


async def test_a_session_shows_only_visible_sources(
    client: Client, sim: Simulator
) -> None:
    """Like lists."""
    seen, hidden = sim.world.cameras[:2]
    sim.identity.limit_sources([seen.path])
    session = await client.create_session()
    sim.world.emit(event_ids.MOTION_STARTED, hidden)
    visible = sim.world.emit(event_ids.MOTION_STARTED, seen)
    assert await client.read_session(session) == [visible.id]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "eventSessions", 405), ("GET", "eventSessions/x", 400)],
)
async def test_other_requests_are_refused(
    client: Client, method: str, path: str, status: int
) -> None:
    """Sessions cannot be listed."""
    assert (await client.call(method, f"{REST}/{path}")).status == status
