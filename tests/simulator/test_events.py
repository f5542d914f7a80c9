"""The Events REST API: reading stored events."""

from datetime import timedelta

import pytest

from xprotect_simulator import ManualClock, Simulator, event_ids
from xprotect_simulator.times import to_text

from .client import REST, Answer, Client


def ids(answer: Answer) -> list[str]:
    """Return the ids of a list of events."""
    assert answer.status == 200, answer.text
    return [event["id"] for event in answer.body["array"]]


async def test_an_event_has_the_documented_form(client: Client, sim: Simulator) -> None:
    """Seven digits, a resource path as source, no state group."""
    camera = sim.world.cameras[0]
    event = sim.world.emit(event_ids.MOTION_STARTED, camera, tag="mine")
    answer = await client.get(f"events/{event.id}")
    assert answer.body == {
        "data": {
            "specversion": "1.0",
            "type": event_ids.MOTION_STARTED,
            "source": camera.path,
            "time": to_text(event.ticks),
            "id": event.id,
            "localId": 1,
            "datatype": "none",
            "tag": "mine",
        }
    }
    assert len(answer.body["data"]["time"]) == len("2026-03-02T06:00:00.1234567Z")


async def test_data_is_returned_only_on_request(client: Client, sim: Simulator) -> None:
    """In lists, too."""
    doorbell = sim.world.analytics_events[0]
    event = sim.world.emit(doorbell.id, sim.world.cameras[0], data={"a": [1]})
    assert "data" not in (await client.get(f"events/{event.id}")).body["data"]
    with_data = await client.get(f"events/{event.id}", include="data")
    assert with_data.body["data"]["data"] == {"a": [1]}
    assert with_data.body["data"]["datatype"] == "analytics"
    listed = await client.get("events", include="Data")
    assert listed.body["array"][0]["data"] == {"a": [1]}


async def test_events_come_oldest_first_in_pages_with_links(
    client: Client, sim: Simulator
) -> None:
    """The last page has no `next`."""
    user_event = sim.world.user_defined_events[3]
    made = [sim.world.emit(user_event.id).id for _ in range(5)]
    pages = []
    path: str | None = f"{REST}/events?size=2&include=data"
    while path is not None:
        answer = await client.call("GET", path)
        pages.append(ids(answer))
        path = answer.body["_links"].get("next")
    assert pages == [made[:2], made[2:4], made[4:]]
    second = await client.get("events", page="1", size="2")
    back = await client.call("GET", second.body["_links"]["prev"])
    assert ids(back) == made[:2]
    newest = await client.get("events", orderBy="desc:'time'", size="2")
    assert ids(newest) == [made[4], made[3]]
    assert ids(await client.get("events", orderBy="asc:'time'")) == made


async def test_a_page_is_a_hundred_events_unless_asked_otherwise(
    client: Client, sim: Simulator
) -> None:
    """Two thousand is the maximum."""
    for _ in range(101):
        sim.world.emit(sim.world.user_defined_events[3].id)
    assert len(ids(await client.get("events"))) == 100
    assert len(ids(await client.get("events", size="2000"))) == 101
    assert (await client.get("events", size="2001")).status == 400


async def test_time_filters_see_steps_of_ten_milliseconds(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """So clients must overlap their queries."""
    user_event = sim.world.user_defined_events[3]
    start = clock.now()
    made = [
        sim.world.emit(user_event.id, time=start + timedelta(milliseconds=offset))
        for offset in (0, 4, 9, 10, 19, 20)
    ]
    after = await client.get("events", time=f"gt:'{to_text(made[0].ticks)}'")
    assert ids(after) == [event.id for event in made[3:]]
    before = await client.get("events", time=f"lt:'{to_text(made[4].ticks)}'")
    assert ids(before) == [event.id for event in made[:3]]
    both = f"lt:'{to_text(made[5].ticks)}',gt:'{to_text(made[2].ticks)}'"
    assert ids(await client.get("events", time=both)) == [made[3].id, made[4].id]
    nothing = f"gt:'{to_text(made[5].ticks)}',lt:'{to_text(made[0].ticks)}'"
    assert ids(await client.get("events", time=nothing)) == []


async def test_events_are_found_by_their_source(client: Client, sim: Simulator) -> None:
    """By name, by bare id, by path."""
    door, drive = sim.world.cameras[:2]
    at_door = sim.world.emit(event_ids.MOTION_STARTED, door).id
    at_drive = sim.world.emit(event_ids.MOTION_STARTED, drive).id
    nowhere = sim.world.emit(event_ids.PERIODIC_TIMER).id
    expected = {
        f"equals:'{door.path}'": [at_door],
        f"'{door.id.upper()}'": [at_door],
        f"notEquals:'{door.id}'": [at_drive, nowhere],
        f"oneOf:('{door.id}','{drive.path}')": [at_door, at_drive],
    }
    for text, wanted in expected.items():
        assert ids(await client.get("events", source_id=text)) == wanted
    expected = {
        "equals:'front door'": [at_door],
        "contains:'D'": [at_door, at_drive],
        "startsWith:'Drive'": [at_drive],
        "notEquals:'Front door'": [at_drive, nowhere],
        "oneOf:('Front door','Driveway')": [at_door, at_drive],
    }
    for text, wanted in expected.items():
        assert ids(await client.get("events", source_name=text)) == wanted


@pytest.mark.parametrize(
    "query",
    [
        {"time": "equals:'2026-03-02T06:00:00Z'"},
        {"time": "gt:5"},
        {"time": "gt:'yesterday'"},
        {"time": "gt:'2026-03-02T06:00:00'"},
        {"time": "gt:'2026-03-02T06:00:00Z"},
        {"source_name": "lt:'a'"},
        {"source_id": "startsWith:'cameras'"},
        {"orderBy": "asc:'name'"},
        {"orderBy": "time"},
        {"include": "everything"},
        {"page": "-1"},
        {"page": "one"},
        {"size": "0"},
        {"type": "equals:'x'"},
    ],
)
async def test_malformed_queries_are_refused_with_a_text(
    client: Client, query: dict[str, str]
) -> None:
    """A filter that is silently ignored would be worse."""
    answer = await client.get("events", **query)
    assert answer.status == 400
    assert answer.error_text


async def test_an_event_whose_type_is_not_stored_never_appears(
    client: Client, sim: Simulator
) -> None:
    """It is still in the ledger."""
    sim.world.set_retention(event_ids.MOTION_STARTED, 0)
    event = sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
    assert ids(await client.get("events")) == []
    assert (await client.get(f"events/{event.id}")).status == 404
    assert sim.world.ledger.happened == [event]
    assert not event.is_stored


async def test_events_older_than_their_retention_are_cleaned_away(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """Each type has its own number of days."""
    sim.world.set_retention(event_ids.MOTION_STARTED, 1)
    camera = sim.world.cameras[0]
    short = sim.world.emit(event_ids.MOTION_STARTED, camera)
    long = sim.world.emit(event_ids.MOTION_STOPPED, camera)
    await clock.advance(timedelta(days=1, hours=1))
    await client.sign_in()
    assert ids(await client.get("events")) == [long.id]
    assert (await client.get(f"events/{short.id}")).status == 404
    assert sim.world.ledger.happened == [short, long]


async def test_an_event_can_be_stored_later_than_it_happened(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """As from a recorder that was offline."""
    camera = sim.world.cameras[0]
    late = sim.world.emit(
        event_ids.MOTION_STARTED, camera, stored_late=timedelta(seconds=30)
    )
    early = sim.world.emit(event_ids.MOTION_STOPPED, camera)
    assert ids(await client.get("events")) == [early.id]
    await clock.advance(30)
    assert ids(await client.get("events")) == [late.id, early.id]
    past = sim.world.emit(
        event_ids.MOTION_STARTED, camera, time=clock.now() - timedelta(hours=1)
    )
    assert ids(await client.get("events")) == [past.id, late.id, early.id]


async def test_a_user_sees_only_events_of_visible_sources(
    client: Client, sim: Simulator
) -> None:
    """Service tokens see all."""
    seen, hidden = sim.world.cameras[:2]
    sim.identity.limit_sources([seen.path])
    visible = sim.world.emit(event_ids.MOTION_STARTED, seen)
    secret = sim.world.emit(event_ids.MOTION_STARTED, hidden)
    assert ids(await client.get("events")) == [visible.id]
    assert (await client.get(f"events/{secret.id}")).status == 404
    await client.sign_in_as_service()
    assert ids(await client.get("events")) == [visible.id, secret.id]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "events/x", 400),
        ("PUT", "events", 405),
        ("POST", "events/other", 405),
    ],
)
async def test_other_requests_are_refused(
    client: Client, method: str, path: str, status: int
) -> None:
    """Events can only be read and triggered."""
    assert (await client.call(method, f"{REST}/{path}", {})).status == status
