"""Every answer of a server is read or refused, and is harmless."""

import asyncio
from contextlib import suppress
import json
from typing import Literal, override

import aiohttp
from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    Configuration,
    Event,
    Events,
    EventSessions,
    EventStream,
    NewEvent,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.grant import MAX_LIFETIME, read_grant
from custom_components.xprotect_events.api.http import (
    MAX_SERVER_TEXT,
    Answer,
    raise_for_status,
)
from custom_components.xprotect_events.api.unreadable import UnreadableRows
from custom_components.xprotect_events.api.websocket import WebSocket
from custom_components.xprotect_events.api.wire import (
    MAX_ROWS,
    MAX_TEXT,
    as_array,
    clean,
    decode_each,
)
from tests.api.hostile import Ask, ask, assert_harmless, mutations, values
from tests.effort import tried


class Socket(aiohttp.ClientWebSocketResponse[Literal[False]]):
    """Replaces a WebSocket that receives one message again and again."""

    def __init__(self, document: object) -> None:
        self._left = 3
        self._text = json.dumps(document).encode()

    @property
    @override
    def close_code(self) -> int:
        """Return how it ended."""
        return 1000

    @override
    async def close(self, **_more: object) -> bool:
        """End it."""
        return True

    @override
    async def send_json(self, *_args: object, **_more: object) -> None:
        """Take a command."""

    @override
    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:
        """Return the message some times, then the end."""
        self._left -= 1
        kind = aiohttp.WSMsgType.TEXT if self._left >= 0 else aiohttp.WSMsgType.CLOSED
        return aiohttp.WSMessage(kind, self._text, None)


LISTS: dict[str, Ask] = {
    "sites": lambda to: Configuration(to).sites(),
    "recordingServers": lambda to: Configuration(to).recording_servers(),
    "hardware": lambda to: Configuration(to).hardware(),
    "cameras": lambda to: Configuration(to).cameras(),
    "microphones": lambda to: Configuration(to).microphones(),
    "inputEvents": lambda to: Configuration(to).input_events(),
    "eventTypes": lambda to: Configuration(to).event_types(),
    "stateGroups": lambda to: Configuration(to).state_groups(),
    "userDefinedEvents": lambda to: Configuration(to).user_defined_events(),
    "analyticsEvents": lambda to: Configuration(to).analytics_events(),
    "well_known_uris": lambda to: Configuration(to).gateway(),
    "events_page": lambda to: Events(to).list(),
    "events_odd_times": lambda to: Events(to).list(),
    "event_with_data": lambda to: Events(to).get("x"),
    "event_triggered": lambda to: Events(to).trigger(NewEvent(type_id="x")),
    "events_bulk": lambda to: Events(to).trigger_many([NewEvent(type_id="x")] * 2),
    "event_session": lambda to: EventSessions(to).create(),
    "event_session_in_data": lambda to: EventSessions(to).create(),
    "event_session_changes": lambda to: EventSessions(to).read("x", max_size=9),
}


async def follow(document: object) -> object:
    """Return the result of reading a message of the WebSocket."""
    taken: list[Event] = []

    async def take(events: tuple[Event, ...]) -> None:
        taken.extend(events)

    socket = WebSocket(Socket(document))
    async with EventStream(socket, take, UnreadableRows()) as stream:
        with suppress(ApiError):
            await stream.start(None)
        with suppress(ApiError):
            taken.extend(await stream.states())
        with suppress(ApiError):
            await stream.follow(quiet=1.0)
    return taken, stream.resume_point


@pytest.mark.parametrize("name", LISTS)
@tried(30)
@given(data=st.data())
def test_an_answer_in_which_something_is_wrong_is_read_or_refused(
    name: str, data: st.DataObject
) -> None:
    """Every field of every answer may be anything."""
    document = data.draw(mutations(name))
    with suppress(ApiError):
        assert_harmless(asyncio.run(ask(document, LISTS[name])))


@pytest.mark.parametrize("name", ["stream_events", "stream_states"])
@tried(50)
@given(data=st.data())
def test_a_message_in_which_something_is_wrong_is_read_or_refused(
    name: str, data: st.DataObject
) -> None:
    """The same on the WebSocket, whose messages arrive without a request."""
    document = data.draw(mutations(name))
    if isinstance(document, dict):
        document.setdefault("commandId", data.draw(st.integers(0, 3) | values))
        document.setdefault("status", data.draw(st.sampled_from([200, 201]) | values))
        document.setdefault("sessionId", data.draw(values))
    assert_harmless(asyncio.run(follow(document)))


@tried(50)
@given(body=values | mutations("token"))
def test_a_login_in_which_something_is_wrong_is_read_or_refused(body: object) -> None:
    """Also the token: a line break in it would add a header."""
    answer = Answer(
        status=200, body=json.dumps(body).encode(), server_time=None, retry_after=None
    )
    with suppress(ApiError):
        grant = read_grant(answer)
        assert grant.access_token.isascii()
        assert grant.access_token.isprintable()
        assert 0 < grant.lifetime <= MAX_LIFETIME
        assert grant.access_token not in repr(grant)


@tried(50)
@given(
    status=st.integers(300, 999),
    body=st.binary(max_size=50)
    | values.map(json.dumps).map(str.encode)
    | mutations("error_403").map(json.dumps).map(str.encode)
    | mutations("refusal_locked_out").map(json.dumps).map(str.encode),
)
def test_an_invalid_refusal_is_still_a_refusal(status: int, body: bytes) -> None:
    """Its text is shown to users and written to the log."""
    answer = Answer(status=status, body=body, server_time=None, retry_after=None)
    for read in (raise_for_status, read_grant):
        with pytest.raises(ApiError) as caught:
            read(answer)
        text = caught.value.server_text or ""
        assert len(text) <= MAX_SERVER_TEXT
        assert clean(text, MAX_SERVER_TEXT) == text


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" + b"9" * 5000 + b"]",
        b"\xff\xfe",
        b"",
        b"\x00",
    ],
)
def test_json_beyond_pythons_limits_is_refused(body: bytes) -> None:
    """Python's limits raise different errors."""
    answer = Answer(status=200, body=body, server_time=None, retry_after=None)
    with pytest.raises(ResponseError, match="not JSON"):
        answer.json()


def test_a_list_that_is_too_long_is_refused_unread() -> None:
    """A row takes three bytes, so a small answer could create any number of devices."""
    with pytest.raises(ResponseError, match="more than"):
        as_array([0] * (MAX_ROWS + 1), "cameras.array")


def test_many_unreadable_rows_are_only_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Otherwise the log would fill a memory card."""
    decoded = decode_each(Event.from_wire, [0] * MAX_ROWS, "events")
    assert decoded == ((), MAX_ROWS, "events is not an object")
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Gate 3", "Gate 3"),
        ("Tür, 東京 👩‍🚒", "Tür, 東京 👩‍🚒"),
        ("a\u00a0b", "a\u00a0b"),
        ("a\r\nb\tc\x00d\x1b[2J", "a  b c d [2J"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("\ud83d half", "  half"),
        ("gnp.\u202eexe\u2066!", "gnp.exe!"),
        ("<b>{{ 1 }}</b>", "<b>{{ 1 }}</b>"),
        ("x" * 10_000, "x" * MAX_TEXT),
    ],
)
def test_a_name_is_kept_but_made_harmless(text: str, read: str) -> None:
    """Users can choose any name, and must find it unchanged."""
    assert clean(text) == read
