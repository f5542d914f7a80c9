"""The event stream ends with an error that names the cause, or is kept alive."""

import asyncio
from contextlib import suppress
from socket import SHUT_RDWR

from aiohttp import web
import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    Event,
    RejectedError,
    ResumePoint,
    StreamClosedError,
    TimedOutError,
    XProtectClient,
    stream as stream_module,
    websocket as websocket_module,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.messages import MAX_PUSHED_ROWS
from custom_components.xprotect_events.api.websocket import (
    MIN_PING_EVERY,
    PING_EVERY,
    ping_pause,
)
from custom_components.xprotect_events.api.wire import optional_seconds
from tests.api.payloads import payload
from tests.api.stream_script import (
    IMPATIENT,
    PATIENT,
    SESSION,
    Listen,
    Recipient,
    Script,
)
from xprotect_simulator import ManualClock, Simulator


async def test_the_error_of_a_refused_command_has_the_text_of_the_server(
    listen: Listen,
) -> None:
    """It is the only explanation."""
    script = Script({"status": 400, "error": {"errorText": "Invalid sourceIds."}})
    stream = await listen(script)
    with pytest.raises(RejectedError, match="addSubscription refused") as caught:
        await stream.subscribe([])
    assert (caught.value.status, caught.value.server_text) == (
        400,
        "Invalid sourceIds.",
    )


@pytest.mark.parametrize("status", [None, "strange"])
async def test_a_reply_without_a_status_is_no_success(
    listen: Listen, status: object
) -> None:
    """There is no proof that the command was carried out."""
    stream = await listen(Script({"status": status}))
    with pytest.raises(RejectedError):
        await stream.subscribe([])


async def test_a_command_that_is_not_answered_times_out(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection can stay open without a server at the other end."""
    silence = asyncio.Event()

    async def stay_silent(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await silence.wait()

    monkeypatch.setattr(stream_module, "STATE_TIMEOUT", IMPATIENT)
    stream = await listen(stay_silent)
    with pytest.raises(TimedOutError, match="getState"):
        await stream.states()
    silence.set()


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 4000])
async def test_the_error_of_an_ended_stream_has_the_close_code(
    listen: Listen, code: int
) -> None:
    """Bug reports need it."""
    script = Script()
    script.code = code
    stream = await listen(script)
    with pytest.raises(StreamClosedError) as caught:
        await stream.follow(PATIENT)
    assert caught.value.status == code


async def test_a_stream_that_ends_in_the_middle_of_a_command_is_closed(
    listen: Listen,
) -> None:
    """According to the documentation a malformed command ends the connection."""
    stream = await listen(Script(None))
    with pytest.raises(StreamClosedError):
        await stream.subscribe([])


async def test_a_connection_that_is_cut_is_a_closed_stream(
    listen: Listen,
) -> None:
    """A pulled cable sends no closing frame."""

    async def cut(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        socket.get_extra_info("socket").shutdown(SHUT_RDWR)

    stream = await listen(cut)
    with pytest.raises(StreamClosedError):
        await stream.subscribe([])


async def test_a_closed_stream_raises_at_every_call(listen: Listen) -> None:
    """Further calls of its methods raise an error."""
    stream = await listen(Script())
    await stream.close()
    with pytest.raises(StreamClosedError):
        await stream.subscribe([])
    with pytest.raises(StreamClosedError):
        await stream.follow(PATIENT)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("no JSON", ResponseError),
        ("[" * 100_000, ResponseError),
        ("[]", ResponseError),
        ("null", ResponseError),
        (b'{"events":[]}', StreamClosedError),
    ],
    ids=["noise", "nested without end", "an array", "null", "bytes"],
)
async def test_an_invalid_message_ends_the_stream(
    listen: Listen, message: str | bytes, error: type[ApiError]
) -> None:
    """Nothing after it can be trusted."""
    stream = await listen(Script(message))
    with pytest.raises(error):
        await stream.follow(PATIENT)


@pytest.mark.parametrize(
    ("timeout", "pause"),
    [
        (None, PING_EVERY),
        (600, PING_EVERY),
        (30, 10),
        (45.0, 15),
        ("30", 10),
        (6, MIN_PING_EVERY),
        (0.001, MIN_PING_EVERY),
        (0, PING_EVERY),
        (-30, PING_EVERY),
        (True, PING_EVERY),
        ("soon", PING_EVERY),
        ("nan", PING_EVERY),
        ("-inf", PING_EVERY),
        (10**400, PING_EVERY),
        ([30], PING_EVERY),
    ],
    ids=str,
)
def test_pings_suit_the_time_out_that_the_server_names(
    timeout: object, pause: float
) -> None:
    """It exists since 2024 R1; an invalid value must not cause a flood of pings."""
    reply = {} if timeout is None else {"inactiveTimeoutSeconds": timeout}
    assert ping_pause(optional_seconds(reply, "inactiveTimeoutSeconds")) == pause


async def test_a_session_is_kept_alive_by_pings_of_our_own(
    sim: Simulator,
    client: XProtectClient,
    recipient: Recipient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proxies close connections that are idle for a minute, without a message."""
    monkeypatch.setattr(websocket_module, "PING_EVERY", 0.005)
    monkeypatch.setattr(websocket_module, "MIN_PING_EVERY", 0.005)
    monkeypatch.setattr(websocket_module, "DEAD_AFTER", 0.4)
    async with await client.streams.connect(recipient.take) as stream:
        await stream.start(None)
        # Twice as long as a connection without frames is kept, without a message.
        await stream.follow(0.5)
        sim.faults.enable("ws_silent:pings")
        with pytest.raises(StreamClosedError, match="dead"):
            await stream.follow(PATIENT)


async def test_a_stream_stays_open_while_its_events_are_handled(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorder and automations may need minutes for thousands of them."""

    async def take_slowly(_: tuple[Event, ...]) -> None:
        await asyncio.sleep(2 * IMPATIENT)

    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.send_json(payload("stream_events"))
        await socket.receive()

    monkeypatch.setattr(websocket_module, "DEAD_AFTER", IMPATIENT)
    stream = await listen(talk, take_slowly)
    await stream.follow(IMPATIENT / 2)


async def test_pings_do_not_count_as_events(
    sim: Simulator,
    client: XProtectClient,
    recipient: Recipient,
    clock: ManualClock,
) -> None:
    """Otherwise a silent stream would never be detected."""
    sim.faults.enable("ws_ping:1")
    async with await client.streams.connect(recipient.take) as stream:
        await stream.start(None)
        following = asyncio.create_task(stream.follow(0.2))
        while not following.done():
            await clock.advance(1)
            await asyncio.sleep(0.01)
        await following
    assert recipient.batches == []


@pytest.mark.parametrize("what", ["pings", "messages"])
async def test_a_flood_ends_the_stream_without_blocking_the_event_loop(
    sim: Simulator, client: XProtectClient, recipient: Recipient, what: str
) -> None:
    """100,000 frames without a pause must not delay other tasks."""
    slowest = 0.0

    async def live() -> None:
        nonlocal slowest
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0)
            slowest = max(slowest, loop.time() - before)

    living = asyncio.create_task(live())
    sim.faults.enable(f"ws_flood:{what}")
    async with await client.streams.connect(recipient.take) as stream:
        # The flood may be faster than the reply; then the next command raises the
        # error.
        with suppress(ResponseError):
            await stream.start(None)
        with pytest.raises(ResponseError, match="flooded"):
            await stream.follow(PATIENT)
    living.cancel()
    # Usually some milliseconds; a slow machine may take longer.
    assert slowest < 0.5


async def test_closing_does_not_wait_for_a_server_that_keeps_sending(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise no other stream could be opened."""

    async def talk(socket: web.WebSocketResponse) -> None:
        while True:
            await socket.ping()
            await asyncio.sleep(0)

    monkeypatch.setattr(websocket_module, "CLOSE_TIMEOUT", IMPATIENT)
    stream = await listen(talk)
    async with asyncio.timeout(PATIENT):
        await stream.close()


async def test_the_events_of_one_message_are_limited(
    listen: Listen, recipient: Recipient
) -> None:
    """The poll reads the rest; the next stream continues after the accepted ones."""
    documented = payload("stream_events")
    assert isinstance(documented, dict)
    row = documented["events"][0]
    rows = [{**row, "id": str(number)} for number in range(20_000)]
    script = Script({"status": 201, "sessionId": SESSION}, {"events": rows})
    stream = await listen(script)
    await stream.start(None)
    with pytest.raises(StreamClosedError):
        await stream.follow(PATIENT)
    assert len(recipient.ids) == MAX_PUSHED_ROWS
    assert stream.resume_point == ResumePoint(
        session_id=SESSION, event_id=recipient.ids[-1]
    )
