"""Stored events and triggers: the requests and their answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    Condition,
    Direction,
    Event,
    EventPage,
    Events,
    NotFoundError,
    Operator,
    PermissionDeniedError,
    Source,
    UnavailableError,
    Unreadable,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.documented_events import CAMERA, DOCUMENTED, GATE_OPEN
from tests.api.payloads import PAGE, payload
from tests.api.servers import ScriptedServer
from xprotect_simulator import ManualClock, Simulator, event_ids

SECOND = timedelta(seconds=1)


@pytest.fixture
async def history(sim: Simulator, clock: ManualClock) -> Sequence[str]:
    """Create motion at the six cameras, once a second; return the events' ids."""
    ids = []
    for camera in sim.world.cameras:
        await clock.advance(1)
        ids.append(sim.world.emit(event_ids.MOTION_STARTED, camera).id)
    return ids


def found(events: Sequence[Event]) -> list[str]:
    """Return the ids of the found events."""
    return [event.id for event in events]


async def test_an_event_is_read_as_the_vendor_documents_it(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """A wrong field name would pass every test against a server of our own."""
    server.answer_rest("GET", f"events/{DOCUMENTED.id}", payload("event"))
    assert await scripted.events.get(DOCUMENTED.id) == DOCUMENTED
    assert server.received[-1].query == ""


async def test_data_is_read_on_request(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The server leaves it out otherwise."""
    server.answer_rest("GET", "events/x", payload("event_with_data"))
    event = await scripted.events.get("x", include_data=True)
    assert server.received[-1].query == "include=data"
    assert (event.datatype, event.tag) == ("analytics", None)
    assert event.data == {
        "description": "AB 12 345",
        "objectList": [{"name": "plate", "value": "AB12345"}],
    }


async def test_unusual_times_and_numbers_are_read(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Offsets, missing zones, numbers as text and capitals all occur."""
    server.answer_rest("GET", "events", payload("events_odd_times"))
    first, second, third = (await scripted.events.list()).events
    assert (first.id, first.type_id, first.source, first.time, first.local_id) == (
        DOCUMENTED.id,
        GATE_OPEN,
        CAMERA,
        DOCUMENTED.time,
        4,
    )
    assert (second.time, second.source, second.tag) == (DOCUMENTED.time, None, None)
    assert (third.local_id, third.source, third.datatype) == (None, None, None)


async def test_one_event_is_found_by_its_id(
    sim: Simulator, client: XProtectClient
) -> None:
    """With its data or without."""
    plate = sim.world.named("Licence plate read")
    data = {"plate": "AB12345"}
    event = sim.world.emit(plate.id, sim.world.cameras[0], data=data, tag="tag")
    got = await client.events.get(event.id, include_data=True)
    assert (got.id, got.type_id, got.source, got.tag, got.data) == (
        event.id,
        plate.id,
        Source.parse(sim.world.cameras[0].path),
        "tag",
        data,
    )
    assert (await client.events.get(event.id)).data is None


async def test_an_event_that_is_not_stored_is_not_found(
    sim: Simulator, client: XProtectClient
) -> None:
    """Most types are not stored until an administrator sets a retention."""
    sim.world.set_retention(event_ids.MOTION_STARTED, 0)
    event = sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
    with pytest.raises(NotFoundError):
        await client.events.get(event.id)


@pytest.mark.parametrize(
    ("read", "query"),
    [
        (
            lambda events: events.list(),
            {"orderBy": "asc:'time'", "page": "0", "size": "2000"},
        ),
        (
            lambda events: events.list(direction=Direction.DESCENDING, page=3, size=10),
            {"orderBy": "desc:'time'", "page": "3", "size": "10"},
        ),
        (
            lambda events: events.list(
                time=[
                    Condition(Operator.GREATER_THAN, DOCUMENTED.time),
                    Condition(Operator.LESS_THAN, DOCUMENTED.time + SECOND),
                ],
                source_id=[Condition(Operator.EQUALS, str(CAMERA))],
                include_data=True,
            ),
            {
                "time": "gt:'2023-02-28T18:10:12.478633Z',"
                "lt:'2023-02-28T18:10:13.478633Z'",
                "source.id": f"equals:'{CAMERA}'",
                "orderBy": "asc:'time'",
                "page": "0",
                "size": "2000",
                "include": "data",
            },
        ),
    ],
    ids=["nothing", "order and page", "every filter"],
)
async def test_a_list_sends_the_wanted_parameters(
    server: ScriptedServer,
    scripted: XProtectClient,
    read: Callable[[Events], Awaitable[EventPage]],
    query: Mapping[str, str],
) -> None:
    """Order and size are always sent, because their defaults are unknown."""
    server.answer_rest("GET", "events", payload("events_page"))
    page = await read(scripted.events)
    sent = server.received[-1].query
    assert dict(parse_qsl(sent, strict_parsing=True)) == query
    assert page.events[0] == DOCUMENTED


async def test_everything_is_listed_oldest_first(
    client: XProtectClient, history: Sequence[str]
) -> None:
    """This is the order in which it happened."""
    page = await client.events.list()
    assert (found(page.events), page.is_last) == (history, True)


async def test_the_newest_come_first_on_request(
    client: XProtectClient, history: Sequence[str]
) -> None:
    """Current states are taken from them."""
    page = await client.events.list(direction=Direction.DESCENDING, size=2)
    assert found(page.events) == [history[5], history[4]]


async def test_pages_follow_each_other_until_the_last(
    client: XProtectClient, history: Sequence[str]
) -> None:
    """A night of events does not fit into one answer."""
    pages = [await client.events.list(page=number, size=4) for number in range(2)]
    assert [found(page.events) for page in pages] == [history[:4], history[4:]]
    assert [page.is_last for page in pages] == [False, True]


async def test_a_span_of_time_has_two_ends(
    client: XProtectClient, history: Sequence[str]
) -> None:
    """Both conditions go into one parameter."""
    times = [event.time for event in (await client.events.list()).events]
    page = await client.events.list(
        time=[
            Condition(Operator.GREATER_THAN, times[1] + SECOND / 2),
            Condition(Operator.LESS_THAN, times[4] - SECOND / 2),
        ]
    )
    assert found(page.events) == history[2:4]


async def test_one_source_is_found_by_its_path_and_by_its_id(
    sim: Simulator, client: XProtectClient, history: Sequence[str]
) -> None:
    """The server takes both forms."""
    camera = sim.world.cameras[2]
    for value in (camera.path, camera.id):
        condition = Condition(Operator.EQUALS, value)
        page = await client.events.list(source_id=[condition])
        assert found(page.events) == [history[2]]


async def test_several_sources_are_found_at_once(
    sim: Simulator, client: XProtectClient, history: Sequence[str]
) -> None:
    """One request for several devices."""
    paths = tuple(camera.path for camera in sim.world.cameras[1:3])
    page = await client.events.list(source_id=[Condition(Operator.ONE_OF, paths)])
    assert found(page.events) == history[1:3]


async def test_a_list_can_contain_the_data(
    sim: Simulator, client: XProtectClient
) -> None:
    """A catch-up brings whole events."""
    plate = sim.world.named("Licence plate read")
    sim.world.emit(plate.id, sim.world.cameras[0], data={"plate": "AB12345"})
    (event,) = (await client.events.list(include_data=True)).events
    assert event.data == {"plate": "AB12345"}


@pytest.mark.parametrize(
    ("links", "count", "is_last"),
    [
        ({"next": "/api/rest/v1/events?page=1"}, 2, False),
        ({"next": "/api/rest/v1/events?page=1"}, 1, False),
        ({"prev": "/api/rest/v1/events?page=0"}, 2, False),
        ({"next": None}, 2, False),
        ({"next": ""}, 1, True),
        ({"next": "/api/rest/v1/events?page=1"}, 0, True),
        ({}, 0, True),
        (None, 2, False),
        (None, 1, True),
        (None, 0, True),
    ],
)
async def test_the_last_page_is_short_and_has_no_link_to_another(
    server: ScriptedServer,
    scripted: XProtectClient,
    links: object,
    count: int,
    is_last: bool,
) -> None:
    """A catch-up that stops too early loses events."""
    row = {"id": GATE_OPEN, "type": GATE_OPEN, "time": "2023-02-28T18:10:12Z"}
    server.answer_rest("GET", "events", {"_links": links, "array": [row] * count})
    page = await scripted.events.list(size=2)
    assert (len(page.events), page.is_last) == (count, is_last)


async def test_the_last_of_the_documented_pages_is_found(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The one in the middle has both links, the last one only `prev`."""
    server.answer_rest("GET", "events", payload("events_page"))
    assert not (await scripted.events.list(size=2)).is_last
    server.answer_rest("GET", "events", payload("events_last_page"))
    assert (await scripted.events.list(size=2)).is_last


async def test_an_unreadable_event_is_skipped_and_counted(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """One invalid event must not hide all others."""
    good = {"id": GATE_OPEN, "type": GATE_OPEN, "time": "2023-02-28T18:10:12Z"}
    rows = [{**good, "time": "now"}, good, None]
    server.answer_rest("GET", "events", {"array": rows})
    page = await scripted.events.list()
    assert found(page.events) == [GATE_OPEN]
    assert page.count == len(rows)
    assert scripted.unreadable.take() == {
        "events": Unreadable(count=2, reason="events.array.time is not a time")
    }
    assert scripted.unreadable.take() == {}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, payload("error_404"), NotFoundError),
        (503, PAGE, UnavailableError),
        (403, payload("error_403"), PermissionDeniedError),
        (200, PAGE, ResponseError),
        (200, {"data": {}}, ResponseError),
        (200, [], ResponseError),
    ],
)
async def test_an_answer_without_a_list_of_events_is_an_error(
    server: ScriptedServer,
    scripted: XProtectClient,
    status: int,
    body: object,
    error: type[ApiError],
) -> None:
    """No events and no answer are different things."""
    server.answer_rest("GET", "events", body, status=status)
    with pytest.raises(error):
        await scripted.events.list()


async def test_the_configuration_is_readable_while_the_event_server_is_down(
    sim: Simulator, client: XProtectClient
) -> None:
    """They are separate services behind one gateway."""
    sim.faults.enable("event_server_down")
    with pytest.raises(UnavailableError):
        await client.events.list()
    assert len(await client.configuration.cameras()) == 6
