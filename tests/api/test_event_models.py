"""Decoding events, and encoding those to trigger."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from custom_components.xprotect_events.api import Event, Json, NewEvent, Source
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.event_models import parse_time

TYPE = "481d4d6c-9156-4698-af7e-74b32f9e4359"
ID = "5e6a4c06-b290-473d-80b5-8e0dffa1d3a6"
NOON = "2023-02-28T12:00:00.0000000Z"


def event(**fields: object) -> Event:
    """Decode an event with some fields changed."""
    row = {"id": ID, "type": TYPE, "time": NOON, **fields}
    return Event.from_wire(row, "event")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (
            "2023-02-28T18:10:12.4786334Z",
            datetime(2023, 2, 28, 18, 10, 12, 478633, UTC),
        ),
        ("2023-02-28T18:10:12.5Z", datetime(2023, 2, 28, 18, 10, 12, 500000, UTC)),
        ("2023-02-28T18:10:12Z", datetime(2023, 2, 28, 18, 10, 12, tzinfo=UTC)),
        ("2023-02-28T20:10:12+02:00", datetime(2023, 2, 28, 18, 10, 12, tzinfo=UTC)),
        ("2023-02-28T18:10:12", datetime(2023, 2, 28, 18, 10, 12, tzinfo=UTC)),
    ],
)
def test_every_notation_of_a_time_is_read_as_utc(
    written: str, moment: datetime
) -> None:
    """Times order events and move the cursor."""
    parsed = parse_time(written, "event")
    assert (parsed, parsed.utcoffset()) == (moment, timedelta())


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "18:10",
        "2023-02-30T00:00:00Z",
        "0001-01-01T00:00:00.0000000",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_an_invalid_time_is_reported_with_its_path(written: str) -> None:
    """An event without a time has no place in the order."""
    with pytest.raises(ResponseError, match=r"^event\.time is not a time$"):
        parse_time(written, "event")


def test_the_time_is_kept_as_the_server_wrote_it() -> None:
    """It has one digit more than a `datetime`, and users get it unchanged."""
    assert event(time="2023-02-28T20:10:12.4786334+02:00").time_text == (
        "2023-02-28T20:10:12.4786334+02:00"
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (
            {"time": "2023-02-28T12:00:00.0000001Z"},
            {"time": "2023-02-28T12:00:00.0000002Z"},
        ),
        ({"localId": 4}, {"localId": 5}),
        ({"localId": "4"}, {"localId": 10}),
        ({}, {"localId": 1}),
    ],
)
def test_events_of_one_microsecond_keep_their_order(
    earlier: dict[str, object], later: dict[str, object]
) -> None:
    """Started and stopped must not change places."""
    assert event(**earlier).order < event(**later).order


@pytest.mark.parametrize("source", [None, "", "/", 7])
def test_an_event_may_have_no_source(source: object) -> None:
    """Then it belongs to the server."""
    assert event(source=source).source is None


@pytest.mark.parametrize("key", ["id", "type", "time"])
def test_an_event_without_its_essentials_is_unreadable(key: str) -> None:
    """Without an id it could not be distinguished from its repeats."""
    with pytest.raises(ResponseError, match=rf"^event\.{key} is missing$"):
        event(**{key: None})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"description": "AB 12 345"}, {"description": "AB 12 345"}),
        ([{"plate": "AB12345"}], [{"plate": "AB12345"}]),
        ({}, {}),
        (None, None),
        ("text", None),
    ],
)
def test_data_is_passed_on_as_it_is(data: object, expected: Json) -> None:
    """Its content is not documented, so nothing is read from it."""
    assert event(data=data).data == expected


def test_fields_of_later_versions_are_ignored() -> None:
    """The API may gain fields, and the stream has some that are not needed."""
    assert event(invented=1, stategroupid=TYPE) == event()


def test_the_data_of_an_event_is_not_in_its_repr() -> None:
    """Licence plates must not appear in logs."""
    assert "AB12345" not in repr(event(data={"plate": "AB12345"}))


@pytest.mark.parametrize(
    ("new", "body"),
    [
        (NewEvent(type_id=TYPE), {"type": TYPE, "datatype": "none"}),
        (
            NewEvent(
                type_id=TYPE,
                source=Source("cameras", ID),
                time=datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
                tag="Tag",
            ),
            {
                "type": TYPE,
                "datatype": "none",
                "source": f"cameras/{ID}",
                "time": "2026-01-01T00:00:00.000000Z",
                "tag": "Tag",
            },
        ),
        (
            NewEvent(type_id=TYPE, data={"plate": "AB12345"}),
            {"type": TYPE, "datatype": "analytics", "data": {"plate": "AB12345"}},
        ),
        (
            NewEvent(type_id=TYPE, data={}, tag=""),
            {"type": TYPE, "datatype": "analytics", "data": {}, "tag": ""},
        ),
    ],
)
def test_only_what_was_given_is_sent(new: NewEvent, body: dict[str, Json]) -> None:
    """The server has a default for everything else, except for the datatype."""
    assert new.to_wire() == body


def test_the_data_of_a_trigger_is_not_in_its_repr() -> None:
    """The data of an automation may be private."""
    assert "AB12345" not in repr(NewEvent(type_id=TYPE, data={"plate": "AB12345"}))
