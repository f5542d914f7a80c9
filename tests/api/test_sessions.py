"""Event sessions: created, read, forgotten and deleted, whatever the server is like."""

from datetime import UTC, datetime, timedelta
import json

import pytest

from custom_components.xprotect_events.api import (
    Operator,
    RejectedError,
    SessionChanges,
    SessionFilter,
    Source,
    XProtectClient,
    format_time,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.payloads import PAGE, payload
from tests.api.servers import ScriptedServer
from xprotect_simulator import ManualClock, Simulator, event_ids

ID = "b5f30718-6283-4e9f-8aa1-3c4d5e6f7010"

LONG = f"eventSessions/{ID}/events"

NO_FILTER: list[SessionFilter] = []


def added(changes: SessionChanges) -> list[str]:
    """Return the ids of the new events."""
    return [event.id for event in changes.added]


@pytest.mark.parametrize(
    "name", ["event_session", "event_session_in_data", "event_session_in_result"]
)
async def test_the_id_of_a_new_session_is_found_in_every_known_place(
    server: ScriptedServer, scripted: XProtectClient, name: str
) -> None:
    """The documentation shows it bare, other resources wrap it."""
    server.answer_rest("POST", "eventSessions", payload(name), status=201)
    assert await scripted.sessions.create(NO_FILTER) == ID


async def test_a_new_session_has_a_filter_and_an_order(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Both lists are required; the default order is not documented."""
    server.answer_rest("POST", "eventSessions", payload("event_session"))
    since = datetime(2026, 3, 2, tzinfo=UTC)
    await scripted.sessions.create(
        [
            SessionFilter(
                target="time",
                operator=Operator.GREATER_THAN,
                value=format_time(since),
            )
        ]
    )
    assert json.loads(server.received[-1].body) == {
        "filterBy": [
            {
                "target": "time",
                "operator": "gt",
                "value": "2026-03-02T00:00:00.000000Z",
            }
        ],
        "orderBy": [{"target": "time", "direction": "asc"}],
    }


@pytest.mark.parametrize(
    "fault", ["wrapped_session", "wrapped_session:result", "session_status:200"]
)
async def test_every_form_of_a_new_session_is_accepted(
    sim: Simulator, client: XProtectClient, fault: str
) -> None:
    """Status and wrapping are not documented."""
    sim.faults.enable(fault)
    session_id = await client.sessions.create()
    assert (await client.sessions.read(session_id, max_size=10)).added == ()


@pytest.mark.parametrize(
    "body",
    [{}, {"id": ""}, {"data": {"id": None}}, {"data": [], "result": None}, [], PAGE],
)
async def test_a_new_session_without_an_id_is_an_error(
    server: ScriptedServer, scripted: XProtectClient, body: object
) -> None:
    """It could not be read."""
    server.answer_rest("POST", "eventSessions", body, status=201)
    with pytest.raises(ResponseError):
        await scripted.sessions.create()


async def test_a_refused_session_raises_the_servers_text(
    sim: Simulator, client: XProtectClient
) -> None:
    """Then events are read in pages instead."""
    sim.faults.enable("empty_filters_refused")
    with pytest.raises(RejectedError, match="filterBy"):
        await client.sessions.create(NO_FILTER)


async def test_the_documented_changes_are_read(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The ids of removed events have one notation."""
    server.answer_rest("GET", LONG, payload("event_session_changes"))
    changes = await scripted.sessions.read(ID, max_size=10)
    assert added(changes) == ["5e6a4c06-b290-473d-80b5-8e0dffa1d3a6"]
    assert changes.added_count == 1
    assert changes.deleted == ("be041829-7394-4fa0-9bb2-4d5e6f708111",)


async def test_an_answer_may_have_no_changes(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Most answers are like this."""
    server.answer_rest("GET", LONG, payload("event_session_unchanged"))
    changes = await scripted.sessions.read(ID, max_size=10)
    assert changes == SessionChanges(added=(), added_count=0, deleted=())


@pytest.mark.parametrize(
    ("body", "deleted"),
    [
        ({"addedToSession": []}, ()),
        ({"addedToSession": [], "deletedFromSession": ["A"]}, ("a",)),
        ({"data": {"addedToSession": [], "deletedFromSession": None}}, ()),
        ({"data": {"addedToSession": [], "deletedFromSession": ["A", 5]}}, ("a",)),
    ],
)
async def test_changes_may_come_bare_and_without_deletions(
    server: ScriptedServer,
    scripted: XProtectClient,
    body: object,
    deleted: tuple[str, ...],
) -> None:
    """Only what is new matters."""
    server.answer_rest("GET", LONG, body)
    changes = await scripted.sessions.read(ID, max_size=10)
    assert changes.deleted == deleted


@pytest.mark.parametrize(
    "body", [PAGE, [], {}, {"data": {}}, {"data": {"addedToSession": {}}}]
)
async def test_an_answer_without_changes_in_it_is_an_error(
    server: ScriptedServer, scripted: XProtectClient, body: object
) -> None:
    """Read as "nothing new" it would hide a loss of events."""
    server.answer_rest("GET", LONG, body)
    with pytest.raises(ResponseError):
        await scripted.sessions.read(ID, max_size=10)


async def test_unreadable_rows_are_counted(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The number of rows decides whether there are more to read."""
    body = {"data": {"addedToSession": [{"id": "broken"}, None]}}
    server.answer_rest("GET", LONG, body)
    changes = await scripted.sessions.read(ID, max_size=2)
    assert (changes.added, changes.added_count) == ((), 2)
    assert scripted.unreadable.take()["events"].count == 2


async def test_the_size_is_always_sent_and_data_only_on_request(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Default and maximum are unknown."""
    server.answer_rest("GET", LONG, payload("event_session_unchanged"))
    await scripted.sessions.read(ID, max_size=10)
    await scripted.sessions.read(ID, max_size=7, include_data=True)
    assert [one.query for one in server.received if one.method == "GET"] == [
        "maxSize=10",
        "maxSize=7&include=data",
    ]


async def test_a_session_returns_only_what_is_new(
    sim: Simulator, client: XProtectClient
) -> None:
    """First the stored events, then those since the last read."""
    gate = sim.world.named("Gate open").id
    before = sim.world.emit(gate).id
    session_id = await client.sessions.create()
    assert added(await client.sessions.read(session_id, max_size=10)) == [before]
    assert added(await client.sessions.read(session_id, max_size=10)) == []
    after = sim.world.emit(gate).id
    assert added(await client.sessions.read(session_id, max_size=10)) == [after]


async def test_a_filter_on_time_excludes_the_past(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """A new session begins where the last one was lost, not at the beginning."""
    gate = sim.world.named("Gate open").id
    sim.world.emit(gate)
    await clock.advance(10)
    since = SessionFilter(
        target="time",
        operator=Operator.GREATER_THAN,
        value=format_time(clock.now()),
    )
    await clock.advance(10)
    after = sim.world.emit(gate).id
    session_id = await client.sessions.create([since])
    assert added(await client.sessions.read(session_id, max_size=10)) == [after]


async def test_a_full_reply_is_followed_by_the_rest(
    sim: Simulator, client: XProtectClient
) -> None:
    """`max_size` counts events."""
    gate = sim.world.named("Gate open").id
    made = [sim.world.emit(gate).id for _ in range(5)]
    session_id = await client.sessions.create()
    replies = [
        added(await client.sessions.read(session_id, max_size=2)) for _ in range(4)
    ]
    assert replies == [made[:2], made[2:4], made[4:], []]


async def test_data_comes_with_the_events_of_a_session(
    sim: Simulator, client: XProtectClient
) -> None:
    """There is no second request for each licence plate."""
    plate = sim.world.named("Licence plate read")
    sim.world.emit(plate.id, sim.world.cameras[0], data={"plate": "AB12345"})
    session_id = await client.sessions.create()
    changes = await client.sessions.read(session_id, max_size=10, include_data=True)
    assert changes.added[0].data == {"plate": "AB12345"}


async def test_the_ids_of_removed_rows_are_read(
    sim: Simulator, client: XProtectClient
) -> None:
    """They show that the server limits the session and not the reply."""
    sim.faults.enable("window_reading")
    gate = sim.world.named("Gate open").id
    session_id = await client.sessions.create()
    first = sim.world.emit(gate)
    await client.sessions.read(session_id, max_size=1)
    sim.world.emit(gate, time=first.time - timedelta(seconds=1))
    changes = await client.sessions.read(session_id, max_size=1)
    assert (changes.added_count, changes.deleted) == (1, (first.id,))


@pytest.mark.parametrize(
    ("fault", "first", "later"),
    [
        ("session_path:suffix", [200], [200]),
        ("session_path:short", [404, 200], [200]),
    ],
)
async def test_the_path_that_worked_is_remembered(
    sim: Simulator,
    client: XProtectClient,
    fault: str,
    first: list[int],
    later: list[int],
) -> None:
    """Two paths are documented; only the first read may try both."""
    sim.faults.enable(fault)
    session_id = await client.sessions.create()
    sim.requests.clear()
    await client.sessions.read(session_id, max_size=10)
    assert [one.status for one in sim.requests] == first
    sim.requests.clear()
    await client.sessions.read(session_id, max_size=10)
    assert [one.status for one in sim.requests] == later


async def test_motion_arrives_with_the_source_and_type_of_its_camera(
    sim: Simulator, client: XProtectClient
) -> None:
    """Everything else depends on this."""
    session_id = await client.sessions.create()
    camera = sim.world.cameras[0]
    sim.world.emit(event_ids.MOTION_STARTED, camera)
    (event,) = (await client.sessions.read(session_id, max_size=10)).added
    assert (event.type_id, event.source) == (
        event_ids.MOTION_STARTED,
        Source.parse(camera.path),
    )
