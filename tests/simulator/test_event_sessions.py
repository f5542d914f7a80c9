"""Event sessions, in every variant that clients must support."""

from datetime import timedelta

import pytest

from xprotect_simulator import ManualClock, Simulator, StoredEvent, event_ids
from xprotect_simulator.times import to_text

from .client import Client

ASCENDING = [{"target": "time", "direction": "asc"}]
DESCENDING = [{"target": "time", "direction": "desc"}]


def condition(target: str, operator: str, value: object) -> list[dict[str, object]]:
    """Return a filter of one condition."""
    return [{"target": target, "operator": operator, "value": value}]


def emit(sim: Simulator, number: int) -> list[str]:
    """Let some events happen and return their ids."""
    user_event = sim.world.named("Gate open").id
    return [sim.world.emit(user_event).id for _ in range(number)]


async def deleted(client: Client, session: str, **query: str) -> list[str]:
    """Read a session and return the ids that left it."""
    answer = await client.get(f"eventSessions/{session}/events", **query)
    rows: list[str] = answer.body["data"]["deletedFromSession"]
    return rows


async def test_a_session_is_answered_bare_with_its_id(client: Client) -> None:
    """As documented: the request, and `id`."""
    body = {"filterBy": condition("id", "equals", "x"), "orderBy": ASCENDING}
    answer = await client.post("eventSessions", body)
    assert answer.status == 201
    assert answer.body == body | {"id": answer.body["id"]}


async def test_a_read_returns_matching_events_and_then_new_ones(
    client: Client, sim: Simulator
) -> None:
    """Both paths read the same session."""
    first = emit(sim, 2)
    session = await client.create_session()
    assert await client.read_session(session) == first
    assert await client.read_session(session) == []
    second = emit(sim, 1)
    answer = await client.get(f"eventSessions/{session}", include="data")
    assert answer.body == {
        "data": {
            "deletedFromSession": [],
            "addedToSession": [
                (await client.get(f"events/{second[0]}", include="data")).body["data"]
            ],
        }
    }


async def test_max_size_limits_one_reply_by_default(
    client: Client, sim: Simulator
) -> None:
    """The rest comes with the next replies."""
    session = await client.create_session(order_by=ASCENDING)
    made = emit(sim, 5)
    replies = [await client.read_session(session, maxSize="2") for _ in range(4)]
    assert replies == [made[:2], made[2:4], made[4:], []]
    emit(sim, 101)
    assert len(await client.read_session(session)) == 100
    for size in ("0", "2001", "many"):
        answer = await client.get(f"eventSessions/{session}", maxSize=size)
        assert answer.status == 400


async def test_with_a_window_a_full_session_returns_nothing_more(
    client: Client, sim: Simulator
) -> None:
    """In ascending order the window does not move."""
    sim.faults.enable("window_reading")
    session = await client.create_session(order_by=ASCENDING)
    made = emit(sim, 3)
    assert await client.read_session(session, maxSize="2") == made[:2]
    emit(sim, 3)
    assert await client.read_session(session, maxSize="2") == []
    sim.faults.disable("window_reading")
    assert await client.read_session(session, maxSize="3") == made[2:]


async def test_with_a_window_newer_events_replace_older_ones(
    client: Client, sim: Simulator
) -> None:
    """They are listed as deleted although they are still stored."""
    sim.faults.enable("window_reading")
    session = await client.create_session(order_by=DESCENDING)
    first = emit(sim, 2)
    assert await client.read_session(session, maxSize="2") == first[::-1]
    second = emit(sim, 1)
    answer = await client.get(f"eventSessions/{session}", maxSize="2")
    data = answer.body["data"]
    assert [event["id"] for event in data["addedToSession"]] == second
    assert data["deletedFromSession"] == [first[0]]
    emit(sim, 2)
    sim.faults.enable("no_deletions")
    assert await deleted(client, session, maxSize="2") == []


async def test_deleted_events_are_reported_by_a_session(
    client: Client, sim: Simulator
) -> None:
    """Only events that the client has received."""
    session = await client.create_session(order_by=ASCENDING)
    made = emit(sim, 2)
    assert await client.read_session(session, maxSize="1") == made[:1]
    sim.world.ledger.clean(sim.world.now() + 10**12, lambda _: 0)
    assert await deleted(client, session) == made[:1]
    assert await deleted(client, session) == []


async def test_events_cleaned_before_they_were_read_never_appear(
    client: Client, sim: Simulator
) -> None:
    """A session that was not read during a retention time lists nothing."""
    session = await client.create_session()
    emit(sim, 1)
    sim.world.ledger.clean(sim.world.now() + 10**12, lambda _: 0)
    assert await client.read_session(session) == []


async def test_sessions_filter_by_every_target(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """For each target, a value that matches one event of three."""
    start = clock.now()
    door, drive = sim.world.cameras[:2]
    events: list[StoredEvent] = []
    for number, (type_id, camera) in enumerate(
        [
            (event_ids.MOTION_STARTED, door),
            (event_ids.MOTION_STOPPED, drive),
            (event_ids.RECORDING_STARTED, sim.world.cameras[2]),
        ]
    ):
        time = start + timedelta(seconds=number)
        events.append(sim.world.emit(type_id, camera, time=time, tag=f"t{number}"))
    wanted = events[1]
    for target, operator, value in (
        ("id", "equals", wanted.id),
        ("localId", "equals", 2),
        ("type", "oneOf", [wanted.type]),
        ("tag", "startsWith", "t1"),
        ("source", "equals", drive.path),
        ("source.id", "equals", drive.id),
        ("source.name", "contains", "drive"),
        ("time", "equals", to_text(wanted.ticks)),
    ):
        session = await client.create_session(condition(target, operator, value))
        assert await client.read_session(session) == [wanted.id], target
    both = condition("time", "gt", to_text(events[0].ticks)) + condition(
        "time", "lt", to_text(events[2].ticks)
    )
    session = await client.create_session(both)
    assert await client.read_session(session) == [wanted.id]
    for offset in (0, 1.5, 2):
        time = start + timedelta(seconds=offset)
        late = sim.world.emit(event_ids.MOTION_STARTED, door, time=time)
        between = [late.id] if offset == 1.5 else []
        assert await client.read_session(session) == between


async def test_time_filters_may_be_ignored(client: Client, sim: Simulator) -> None:
    """Clients notice by the age of the events."""
    made = emit(sim, 1)
    sim.faults.enable("time_filter_ignored")
    future = condition("time", "gt", "2040-01-01T00:00:00Z")
    session = await client.create_session(future)
    assert await client.read_session(session) == made


async def test_sessions_sort_by_the_requested_order(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """Events stored with a delay are sorted by the requested order."""
    session = await client.create_session(
        order_by=[{"target": "localId", "direction": "desc"}]
    )
    by_id = await client.create_session(order_by=[{"target": "id"}])
    made = emit(sim, 2)
    past = clock.now() - timedelta(seconds=9)
    late = sim.world.emit(sim.world.named("Good night").id, time=past).id
    by_time = await client.create_session()
    assert await client.read_session(session) == [late, made[1], made[0]]
    assert await client.read_session(by_id) == sorted([late, *made])
    assert await client.read_session(by_time) == [late, *made]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"filterBy": []},
        {"filterBy": [5], "orderBy": []},
        {"filterBy": [{"target": "id"}], "orderBy": []},
        {"filterBy": condition("id", "likes", "x"), "orderBy": []},
        {"filterBy": condition("id", "oneOf", "x"), "orderBy": []},
        {"filterBy": condition("id", "equals", True), "orderBy": []},
        {"filterBy": condition("colour", "equals", "x"), "orderBy": []},
        {"filterBy": condition("time", "gt", "now"), "orderBy": []},
        {"filterBy": condition("time", "contains", "2026-01-01T00:00:00Z")}
        | {"orderBy": []},
        {"filterBy": condition("source.id", "contains", "x"), "orderBy": []},
        {"filterBy": [], "orderBy": [{"target": "colour"}]},
        {"filterBy": [], "orderBy": [{"target": "time", "direction": "up"}]},
    ],
)
async def test_malformed_sessions_are_refused(client: Client, body: object) -> None:
    """The client gets an error at once."""
    answer = await client.post("eventSessions", body)
    assert answer.status == 400
    assert answer.error_text
