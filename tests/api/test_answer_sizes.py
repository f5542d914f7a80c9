"""No answer takes more memory than its kind of data can need."""

from collections.abc import Awaitable, Callable
import json
import tracemalloc
import zlib

import pytest

from custom_components.xprotect_events.api import (
    AnswerTooLargeError,
    ApiError,
    NewEvent,
    XProtectClient,
)
from custom_components.xprotect_events.api.body import EVENTS, LISTS, SMALL
from tests.api.servers import ScriptedServer

REST = "/api/rest/v1"

type Ask = Callable[[XProtectClient], Awaitable[object]]

# The request, its path, and the largest size of its answer in bytes.
ANSWERS: dict[str, tuple[str, str, int, Ask]] = {
    "gateway": (
        "GET",
        "/api/.well-known/uris",
        SMALL,
        lambda client: client.configuration.gateway(),
    ),
    "session": (
        "POST",
        f"{REST}/eventSessions",
        SMALL,
        lambda client: client.sessions.create(),
    ),
    "one event": (
        "GET",
        f"{REST}/events/x",
        EVENTS,
        lambda client: client.events.get("x"),
    ),
    "trigger": (
        "POST",
        f"{REST}/events",
        EVENTS,
        lambda client: client.events.trigger(NewEvent(type_id="x")),
    ),
    "list": (
        "GET",
        f"{REST}/sites",
        LISTS,
        lambda client: client.configuration.sites(),
    ),
}

PLACES = {
    **ANSWERS,
    "events": (
        "GET",
        f"{REST}/events",
        LISTS,
        lambda client: client.events.list(),
    ),
    "error": (
        "GET",
        f"{REST}/sites",
        LISTS,
        lambda client: client.configuration.sites(),
    ),
}
# Bytes that one answer may add to the memory.
MAX_PEAK = 100 * 1024 * 1024


def padded(document: object, size: int) -> bytes:
    """Return a document of so many bytes."""
    return json.dumps(document).encode().ljust(size)


@pytest.mark.parametrize(
    ("method", "path", "limit", "ask"), ANSWERS.values(), ids=list(ANSWERS)
)
async def test_the_size_of_an_answer_is_limited_by_its_kind(
    server: ScriptedServer,
    scripted: XProtectClient,
    method: str,
    path: str,
    limit: int,
    ask: Ask,
) -> None:
    """A gateway's document has some hundred bytes."""
    server.answer(method, path, padded({}, limit))
    assert not is_too_large(await failure(ask(scripted)))
    server.answer(method, path, padded({}, limit + 1))
    assert is_too_large(await failure(ask(scripted)))


@pytest.mark.parametrize("status", [403, 503])
async def test_an_error_page_of_any_size_raises_the_error_of_its_status(
    server: ScriptedServer, scripted: XProtectClient, status: int
) -> None:
    """The status is enough, so the page is neither read nor decoded."""
    body = {"error": {"details": [{"errorText": "No."}]}}
    server.answer_rest("GET", "sites", padded(body, SMALL), status=status)
    err = await failure(scripted.configuration.sites())
    assert err is not None
    assert (err.status, err.server_text) == (status, "No.")
    server.answer_rest("GET", "sites", padded(body, SMALL + 1), status=status)
    err = await failure(scripted.configuration.sites())
    assert err is not None
    assert (err.status, err.server_text) == (status, None)


async def failure(act: Awaitable[object]) -> ApiError | None:
    """Return the error of a request."""
    try:
        await act
    except ApiError as err:
        return err
    return None


def is_too_large(err: BaseException | None) -> bool:
    """Return whether an error, or its cause, is about the size."""
    return isinstance(err, AnswerTooLargeError) or (
        err is not None and is_too_large(err.__cause__)
    )


def packed(begin: bytes, again: bytes, end: bytes, size: int) -> bytes:
    """Return a long text of so many bytes, packed to a thousandth of it."""
    packer = zlib.compressobj(wbits=31)
    times = (size - len(begin) - len(end)) // len(again)
    parts = [packer.compress(begin)]
    for _ in range(0, times, 1000):
        parts.append(packer.compress(again * min(1000, times)))
        times -= 1000
    return b"".join([*parts, packer.compress(end), packer.flush()])


EMPTY_ROW = b"[],"
# Rows with names of this length: 100,000 of them just fit.
SHORT_ROW = b'{"id":"' + b"0" * 36 + b'","name":"' + b"x" * 260 + b'"},'
LONG_TEXT = b"x" * 1000
# Small on the wire and large in memory: begin, middle, end.
BOMBS: dict[str, tuple[bytes, bytes, bytes]] = {
    "empty rows": (b'{"array":[', EMPTY_ROW, b"0]}"),
    "rows": (b'{"array":[', SHORT_ROW, b"0]}"),
    "a long text": (b'{"array":[{"id":"1","name":"', LONG_TEXT, '😀"}]}'.encode()),
    "another list": (b'{"other":[', EMPTY_ROW, b'0],"array":[]}'),
    "no list": (b"[", EMPTY_ROW, b"0]"),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=list(BOMBS))
@pytest.mark.parametrize("place", ["gateway", "one event", "events", "list", "error"])
async def test_no_answer_takes_more_memory_than_a_large_list(
    server: ScriptedServer,
    scripted: XProtectClient,
    place: str,
    bomb: tuple[bytes, bytes, bytes],
) -> None:
    """32 KiB on the wire become 800 MiB of lists without a limit."""
    await scripted.authenticator.token()
    method, path, limit, ask = PLACES[place]
    server.answer(
        method,
        path,
        packed(*bomb, limit),
        status=403 if place == "error" else 200,
        headers={"Content-Encoding": "gzip"},
    )
    tracemalloc.start()
    try:
        await failure(ask(scripted))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MAX_PEAK
