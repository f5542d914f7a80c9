"""Messages of the event stream, of any size."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import json
import tracemalloc
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import (
    AnswerTooLargeError,
    messages as messages_module,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.messages import (
    MAX_PUSHED_ROWS,
    Message,
    read_message,
)
from custom_components.xprotect_events.api.upgrade import MAX_MESSAGE
from custom_components.xprotect_events.api.wire import MAX_ROWS
from tests.api.payloads import payload

# Bytes that a message may add to the memory, besides its own size.
MAX_PEAK = 64 * 1024 * 1024


def read(message: bytes) -> Message:
    """Decode a message."""
    return asyncio.run(read_message(message))


def documented(name: str, key: str) -> Any:  # noqa: ANN401 - JSON
    """Return the first row of a documented message."""
    message = payload(name)
    assert isinstance(message, dict)
    return message[key][0]


def filled(before: str, row: str, after: str, size: int = MAX_MESSAGE) -> bytes:
    """Return a message with as many rows as fit."""
    count = (size - len(before) - len(after)) // (len(row) + 1)
    return (before + ",".join([row] * count) + after).encode()


# Made when they are used: together they have many megabytes.
LARGE: dict[str, Callable[[], bytes]] = {
    "empty events": lambda: filled('{"events":[', "[]", "]}"),
    "empty objects": lambda: filled('{"events":[', "{}", "]}"),
    "empty states": lambda: filled('{"commandId":1,"states":[', "[]", "]}"),
    "numbers": lambda: filled('{"commandId":1,"states":[', "1.5", "]}"),
    "something else": lambda: filled('{"anything":[', "[]", "]}"),
    "no object": lambda: filled("[", "[]", "]"),
    "one text": lambda: b'{"events":["' + b"x" * (MAX_MESSAGE - 16) + b'"]}',
    "one key": lambda: b'{"' + b"x" * (MAX_MESSAGE - 16) + b'":1}',
    "many keys": lambda: filled("{", '"x":1', "}"),
    "nested": lambda: b"[" * MAX_MESSAGE,
    "just below the limit": lambda: filled('{"x":[', "[]", "]}", 8 * 1024 * 1024),
}


@pytest.mark.parametrize("make", LARGE.values(), ids=list(LARGE))
def test_no_message_takes_more_memory_than_one_of_a_large_site(
    make: Callable[[], bytes],
) -> None:
    """A message that takes thirty times its size would exhaust the memory."""
    message = make()
    tracemalloc.start()
    try:
        with suppress(ResponseError):
            read(message)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MAX_PEAK


def test_the_states_of_the_largest_site_are_read() -> None:
    """Six times as many as the largest known site has."""
    row = documented("stream_states", "states")
    count = 100_000
    states = json.dumps({"commandId": 3, "status": 200, "states": [row] * count})
    found = read(states.encode())
    assert found.states is not None
    assert len(found.states.rows) == count
    assert found.fields == {"commandId": 3, "status": 200}


def test_too_many_states_are_refused() -> None:
    """A server that sends so many may send any number."""
    row = json.dumps(documented("stream_states", "states"))
    rows = ",".join([row] * (MAX_ROWS + 1))
    with pytest.raises(AnswerTooLargeError):
        read(f'{{"states":[{rows}]}}'.encode())


@pytest.mark.parametrize("padding", [0, 9 * 1024 * 1024], ids=["small", "large"])
def test_events_beyond_the_limit_are_left_to_the_poll(padding: int) -> None:
    """The fields after a very long list are still read."""
    rows = [documented("stream_events", "events")] * (MAX_PUSHED_ROWS + 1000)
    message = json.dumps({"events": rows, "after": "x"}).encode()
    found = read(message + b" " * padding)
    assert len(found.events.rows) == MAX_PUSHED_ROWS
    assert found.fields["after"] == "x"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("x" * 40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
rows_of_a_kind = st.sampled_from(["stream_events", "stream_states"]).map(
    lambda name: documented(name, name.removeprefix("stream_"))
)


@given(
    document=st.dictionaries(
        st.sampled_from(["events", "states", "commandId", "status", "error"]),
        values | st.lists(values | rows_of_a_kind),
    )
)
def test_a_large_message_is_read_like_a_small_one(document: dict[str, Any]) -> None:
    """Only the method of decoding depends on the size."""
    message = json.dumps(document).encode()
    small = read(message)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages_module, "MAX_FAST", 0)
        large = read(message)
    assert (large.events, large.states) == (small.events, small.states)
    for key in ("commandId", "status", "error"):
        assert large.fields.get(key) == small.fields.get(key)


@pytest.mark.parametrize("limit", [0, 1000], ids=["by rows", "at once"])
@given(message=st.binary(max_size=40) | st.text('{}[]",: events1\\').map(str.encode))
def test_an_invalid_message_is_refused(message: bytes, limit: int) -> None:
    """Any such message ends the stream with a documented error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages_module, "MAX_FAST", limit)
        with suppress(ResponseError):
            assert isinstance(read(message).fields, dict)
