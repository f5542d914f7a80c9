"""A hostile server: endless or huge answers, and ids that lead elsewhere."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
import json
import zlib

import aiohttp
from aiohttp import web
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    AnswerTooLargeError,
    ApiError,
    Event,
    StreamClosedError,
    TimedOutError,
    UnavailableError,
    XProtectClient,
    stream as stream_module,
    upgrade as upgrade_module,
    websocket as websocket_module,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.http import MAX_RETRY_AFTER, Http
from tests.api.payloads import payload
from tests.api.servers import Ending, RawServer, ScriptedServer

MEGABYTE = 1024 * 1024
# Seconds; the longest that a test may wait for an answer that never ends.
IMPATIENT = 0.2
# Seconds; longer than anything takes here.
PATIENT = 30.0


def bomb(megabytes: int) -> bytes:
    """Return zeros, compressed to a thousandth of their size."""
    packer = zlib.compressobj(wbits=31)
    packed = [packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)]
    return b"".join([*packed, packer.flush()])


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """A limit on the compressed size would not detect it."""
    packed = bomb(64)
    assert len(packed) < MEGABYTE
    headers = {"Content-Encoding": "gzip"}
    server.answer("GET", "/api/rest/v1/sites", packed, headers=headers)
    with pytest.raises(ResponseError, match="too large"):
        await scripted.configuration.sites()


@pytest.mark.parametrize(
    "headers", [b"", b"Content-Length: 99999999\r\n"], ids=["endless", "long"]
)
async def test_a_very_slow_answer_times_out(
    session: aiohttp.ClientSession, headers: bytes
) -> None:
    """Each byte restarts every timeout except that of the whole answer."""
    answer = b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n"
    async with RawServer(answer, Ending.DRIP) as server:
        with pytest.raises(TimedOutError):
            await Http(session=session).send("GET", URL(server.url), timeout=IMPATIENT)


async def test_an_endless_answer_is_cut_off(
    session: aiohttp.ClientSession,
) -> None:
    """Even if it is fast."""
    async with RawServer(b"HTTP/1.1 200 OK\r\n\r\n", Ending.DRIP) as server:
        with pytest.raises(AnswerTooLargeError):
            await Http(session=session).send(
                "GET", URL(server.url), timeout=PATIENT, limit=5
            )


async def test_endless_headers_are_refused(session: aiohttp.ClientSession) -> None:
    """They come before the body, whose size is limited."""
    answer = b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * MEGABYTE
    async with RawServer(answer, Ending.DRIP) as server:
        with pytest.raises(ApiError):
            await Http(session=session).send("GET", URL(server.url), timeout=PATIENT)


async def test_a_message_that_is_too_large_ends_the_stream(
    server: ScriptedServer, scripted: XProtectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frame begins with its size, so nothing is stored."""
    monkeypatch.setattr(upgrade_module, "MAX_MESSAGE", 1000)
    assert await received(server, scripted, "[" + " " * 2000) == 1009


async def received(server: ScriptedServer, client: XProtectClient, text: str) -> object:
    """Return the close code after a message that ends the stream."""

    async def speak(socket: web.WebSocketResponse) -> None:
        await socket.send_str(text)
        await socket.receive()

    async def take(_events: tuple[Event, ...]) -> None:
        """Ignore events."""

    server.conversations.append(speak)
    stream = await client.streams.connect(take)
    with pytest.raises(StreamClosedError) as caught:
        await stream.follow(PATIENT)
    return caught.value.status


@pytest.mark.parametrize(
    "identifier",
    ["..", ".", "../../../IDP/x", "a/../../b", "a?b=c", "a#b", "a%2fb", "a\\b", "a b"],
)
async def test_no_id_leads_to_another_resource(
    server: ScriptedServer, scripted: XProtectClient, identifier: str
) -> None:
    """Ids from the server and from automations become parts of addresses."""
    with pytest.raises(ResponseError, match="no id"):
        await scripted.events.get(identifier)
    with pytest.raises(ResponseError, match="no id"):
        await scripted.sessions.read(identifier, max_size=1)
    assert server.received == []


@pytest.mark.parametrize("identifier", ["x" * 101, "a\nb", "\ud800", 17, {}])
async def test_a_session_with_an_invalid_id_is_refused(
    server: ScriptedServer, scripted: XProtectClient, identifier: object
) -> None:
    """It would be part of each poll's address."""
    server.answer_rest("POST", "eventSessions", {"id": identifier}, status=201)
    with pytest.raises(ResponseError):
        await scripted.sessions.create()


@pytest.mark.parametrize("announced", ["99999999999", "1e300"])
async def test_a_retry_after_of_years_is_limited(
    server: ScriptedServer, scripted: XProtectClient, announced: str
) -> None:
    """Otherwise no events would arrive, and nobody would notice."""
    path, headers = "/api/rest/v1/sites", {"Retry-After": announced}
    server.answer("GET", path, status=503, headers=headers)
    with pytest.raises(UnavailableError) as caught:
        await scripted.configuration.sites()
    assert caught.value.retry_after == MAX_RETRY_AFTER


@pytest.mark.parametrize("year", ["1601", "9999"])
async def test_a_date_from_another_century_is_ignored(
    server: ScriptedServer, scripted: XProtectClient, year: str
) -> None:
    """Calculations with its time would fail at every later answer."""
    date = {"Date": f"Mon, 01 Jan {year} 00:00:00 GMT"}
    server.answer("GET", "/api/rest/v1/sites", {"array": []}, headers=date)
    await scripted.configuration.sites()
    assert abs(scripted.clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "token", ["a\r\nX-Forged: 1", "tök", "x" * 20_000, "", 5, None]
)
async def test_a_token_with_invalid_characters_is_refused(
    server: ScriptedServer, scripted: XProtectClient, token: object
) -> None:
    """It could add headers, or appear in an error."""
    server.answer_sign_in({"access_token": token})
    with pytest.raises(ResponseError) as caught:
        await scripted.configuration.sites()
    assert "Forged" not in repr(caught.value)
    assert server.paths("GET") == []


async def test_a_command_times_out_during_a_flood_of_events(
    server: ScriptedServer, scripted: XProtectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other messages must not extend the wait for the reply."""
    monkeypatch.setattr(stream_module, "COMMAND_TIMEOUT", IMPATIENT)
    # The server does not read the end of the stream either.
    monkeypatch.setattr(websocket_module, "CLOSE_TIMEOUT", IMPATIENT)
    message = json.dumps(payload("stream_events"))
    taken = 0

    async def flood(socket: web.WebSocketResponse) -> None:
        with suppress(ConnectionError):
            while not socket.closed:
                await socket.send_str(message)

    async def take(events: tuple[Event, ...]) -> None:
        nonlocal taken
        taken += len(events)

    server.conversations.append(flood)
    stream = await scripted.streams.connect(take)
    with pytest.raises(TimedOutError):
        await stream.start(None)
    await stream.close()
    assert taken > 0
