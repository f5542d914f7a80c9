"""The event stream: commands one at a time, with events between them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
import json
from socket import SHUT_RDWR
from typing import Protocol

from aiohttp import WSCloseCode, web
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    ApiError,
    CertificateError,
    Event,
    EventStream,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    ResumePoint,
    Source,
    StreamClosedError,
    SubscriptionFilter,
    TimedOutError,
    TokenRefusedError,
    UnavailableError,
    UnreachableError,
    XProtectClient,
    stream as stream_module,
    upgrade as upgrade_module,
    websocket as websocket_module,
)
from custom_components.xprotect_events.api.auth import NEW_FOR
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.messages import MAX_PUSHED_ROWS
from custom_components.xprotect_events.api.stream import OnEvents
from custom_components.xprotect_events.api.upgrade import MAX_REDIRECTS
from custom_components.xprotect_events.api.websocket import (
    MIN_PING_EVERY,
    PING_EVERY,
    ping_pause,
)
from custom_components.xprotect_events.api.wire import optional_seconds
from tests.api.conftest import Connect
from tests.api.payloads import payload
from tests.api.servers import (
    STREAM_PATH,
    Converse,
    Ending,
    RawServer,
    ScriptedServer,
    closed_port,
)
from xprotect_simulator import ManualClock, Options, Simulator, event_ids

SESSION = "b5f30718-6283-4e9f-8aa1-3c4d5e6f7010"
MOTION = "5e6a4c06-b290-473d-80b5-8e0dffa1d3a6"
GATE = "8b2c0d4e-3f50-4b6c-9d7e-0f1a2b3c4d0d"
RESUME = ResumePoint(session_id=SESSION, event_id=MOTION)
# As long as a test can wait for an answer that never comes.
IMPATIENT = 0.05
# As long as nothing of this machine takes.
PATIENT = 30.0


class Script:
    """The server's side of one connection, step by step."""

    def __init__(self, *steps: Mapping[str, object] | str | bytes | None) -> None:
        """Send each step after a command; texts and frames without status at once.

        An object with a status is the reply to the next command, anything else is
        sent without waiting. `None` waits for a command and says nothing.
        """
        self._steps = steps
        self.commands: list[dict[str, object]] = []
        self.code = int(WSCloseCode.GOING_AWAY)

    async def __call__(self, socket: web.WebSocketResponse) -> None:
        """Go through the steps, then close."""
        for step in self._steps:
            if isinstance(step, bytes):
                await socket.send_bytes(step)
            elif isinstance(step, str):
                await socket.send_str(step)
            elif step is None:
                self.commands.append(await socket.receive_json())
            elif "status" in step:
                command = await socket.receive_json()
                self.commands.append(command)
                reply = {"commandId": command["commandId"], **step}
                await socket.send_json(reply)
            else:
                await socket.send_json(step)
        await socket.close(code=self.code)


class Recipient:
    """Takes what is pushed."""

    def __init__(self) -> None:
        self.batches: list[tuple[Event, ...]] = []

    @property
    def ids(self) -> list[str]:
        """What has arrived, by id."""
        return [event.id for batch in self.batches for event in batch]

    async def take(self, events: tuple[Event, ...]) -> None:
        """Take a batch."""
        self.batches.append(events)


def upgrades(server: ScriptedServer) -> list[str | None]:
    """Return what each upgrade was signed with."""
    return [one.authorization for one in server.received if one.method == "GET"]


@pytest.fixture
def recipient() -> Recipient:
    """Return who takes what is pushed."""
    return Recipient()


class Listen(Protocol):
    """Connects to a server that goes through a script."""

    async def __call__(
        self, script: Converse, to: OnEvents | None = None
    ) -> EventStream:
        """Return the stream; without somebody else the recipient gets the events."""


@pytest.fixture
async def listen(
    server: ScriptedServer, scripted: XProtectClient, recipient: Recipient
) -> AsyncIterator[Listen]:
    """Return a function that opens streams, all of which are closed at the end."""
    streams = []

    async def connect(script: Converse, to: OnEvents | None = None) -> EventStream:
        server.conversations.append(script)
        stream = await scripted.streams.connect(to or recipient.take)
        streams.append(stream)
        return stream

    yield connect
    for stream in streams:
        await stream.close()


async def test_the_upgrade_is_asked_for_with_a_token(
    listen: Listen, server: ScriptedServer
) -> None:
    """Without the version in the path there is nothing, without a token a 401."""
    await listen(Script())
    asked = server.received[-1]
    assert (asked.path, asked.authorization) == (STREAM_PATH, "Bearer token-1")


async def test_a_refused_token_is_renewed_once(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    clock: ManualClock,
) -> None:
    """It may have died since the last request."""
    server.answer("GET", STREAM_PATH, status=401)
    await scripted.authenticator.token()
    await clock.advance(NEW_FOR)
    with pytest.raises(TokenRefusedError):
        await scripted.streams.connect(recipient.take)
    assert upgrades(server) == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("age", [0, NEW_FOR])
async def test_a_new_token_that_is_refused_is_no_reason_to_sign_in_again(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    clock: ManualClock,
    age: float,
) -> None:
    """A proxy that loses the token would make us send the password each minute."""
    server.answer("GET", STREAM_PATH, status=401)
    await scripted.authenticator.token()
    await clock.advance(age)
    for _ in range(10):
        with pytest.raises(TokenRefusedError):
            await scripted.streams.connect(recipient.take)
        await clock.advance(30)
    assert len(server.paths("POST")) <= 2
    assert len(upgrades(server)) >= 10


REDIRECTS = {
    "a slash": "{origin}/api/ws/events/v1/",
    "relative": "/api/ws/events/v1/",
    "relative to the folder": "v1/",
}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", REDIRECTS.values(), ids=list(REDIRECTS))
async def test_a_redirect_at_the_same_server_keeps_the_token(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    status: int,
    location: str,
) -> None:
    """For aiohttp `ws` and `http` are different servers: the token got lost."""
    server.answer(
        "GET",
        STREAM_PATH,
        status=status,
        headers={"Location": location.format(origin=server.url)},
    )
    server.answer("GET", f"{STREAM_PATH}/", status=503)
    with pytest.raises(UnavailableError):
        await scripted.streams.connect(recipient.take)
    assert upgrades(server) == ["Bearer token-1", "Bearer token-1"]


async def test_a_stream_behind_a_redirect_brings_events(
    sim: Simulator, client: XProtectClient, recipient: Recipient
) -> None:
    """A proxy in front of the gateway may redirect to another path."""
    sim.faults.enable(f"redirect:{sim.url}:count=1:path=/api/ws/*")
    async with await client.streams.connect(recipient.take) as stream:
        await stream.start(None)
        await stream.subscribe([SubscriptionFilter()])
        event = sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
        await stream.states()
    assert recipient.ids == [event.id]
    assert len(sim.login_attempts) == 1


@pytest.mark.parametrize(
    "location",
    [
        "http://user:secret@{host}/api/ws/events/v1/",
        "https://{host}/api/ws/events/v1/",
        "http://localhost:{port}/api/ws/events/v1/",
        "http://127.0.0.1:1/api/ws/events/v1/",
        "ws://{host}/api/ws/events/v1/",
        "//127.0.0.2:{port}/",
        "file:///etc/passwd",
        "http://[",
        "http://{host}:x/",
    ],
)
async def test_a_redirect_to_elsewhere_is_not_followed(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    location: str,
) -> None:
    """Neither the token nor credentials in the redirect are sent."""
    host = server.url.removeprefix("http://")
    location = location.format(host=host, port=host.partition(":")[2])
    server.answer("GET", STREAM_PATH, status=307, headers={"Location": location})
    with pytest.raises(ResponseError) as caught:
        await scripted.streams.connect(recipient.take)
    assert caught.value.status == 307
    assert "secret" not in str(caught.value)
    assert upgrades(server) == ["Bearer token-1"]


async def test_redirects_in_a_circle_end(
    server: ScriptedServer, scripted: XProtectClient, recipient: Recipient
) -> None:
    """A gateway that sends us to itself must not be asked for ever."""
    server.answer("GET", STREAM_PATH, status=302, headers={"Location": STREAM_PATH})
    with pytest.raises(ResponseError):
        await scripted.streams.connect(recipient.take)
    assert len(upgrades(server)) == 1 + MAX_REDIRECTS


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (500, UnavailableError),
        (503, UnavailableError),
        (400, UnavailableError),
        (200, UnavailableError),
    ],
)
async def test_every_refused_upgrade_has_its_error(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    status: int,
    error: type[ApiError],
) -> None:
    """A server too old for the stream is polled for ever, a busy one tried again."""
    server.answer("GET", STREAM_PATH, status=status)
    with pytest.raises(error) as caught:
        await scripted.streams.connect(recipient.take)
    assert caught.value.status == status


async def test_a_refused_upgrade_may_say_when_to_ask_again(
    server: ScriptedServer, scripted: XProtectClient, recipient: Recipient
) -> None:
    """A starting server sends the time that it needs."""
    server.answer("GET", STREAM_PATH, status=503, headers={"Retry-After": "77"})
    with pytest.raises(UnavailableError) as caught:
        await scripted.streams.connect(recipient.take)
    assert caught.value.retry_after == 77


async def test_a_server_that_cannot_be_reached_is_unreachable(
    connect: Connect, recipient: Recipient
) -> None:
    """The stream fails in the same ways as every request."""
    client = connect(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(UnreachableError):
        await client.streams.connect(recipient.take)


async def test_an_untrusted_certificate_is_noticed_before_anything_is_sent(
    connect: Connect, recipient: Recipient
) -> None:
    """The token would be sent to an unknown server."""
    async with Simulator(Options(tls=True)) as sim:
        with pytest.raises(CertificateError):
            await connect(sim.url).streams.connect(recipient.take)
        assert not sim.requests


async def test_an_upgrade_that_is_not_answered_times_out(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A proxy without WebSockets may drop it."""
    await scripted.authenticator.token()
    monkeypatch.setattr(upgrade_module, "UPGRADE_TIMEOUT", IMPATIENT)
    async with RawServer(b"", Ending.SILENCE) as silent:
        monkeypatch.setattr(scripted.streams, "_url", URL(silent.url))
        with pytest.raises(TimedOutError):
            await scripted.streams.connect(recipient.take)
    assert server.paths() == []


async def test_a_new_session_begins_with_empty_ids(listen: Listen) -> None:
    """It has no events to continue after, and no session to resume."""
    script = Script({"status": 201, "sessionId": SESSION})
    stream = await listen(script)
    assert not await stream.start(None)
    assert script.commands == [
        {"command": "startSession", "commandId": 1, "sessionId": "", "eventId": ""}
    ]
    assert stream.resume_point is None


@pytest.mark.parametrize(
    ("resume", "status", "resumed"),
    [(RESUME, 200, True), (RESUME, 201, False), (None, 201, False), (None, 200, False)],
)
async def test_the_status_tells_whether_the_old_session_goes_on(
    listen: Listen, resume: ResumePoint | None, status: int, resumed: bool
) -> None:
    """A new one has no subscriptions: taken for the old one it would stay silent."""
    script = Script({"status": status, "sessionId": SESSION})
    stream = await listen(script)
    assert await stream.start(resume) is resumed


async def test_a_session_is_resumed_where_it_broke_off(
    listen: Listen,
) -> None:
    """The server then sends what was missed, and it can be done again."""
    script = Script({"status": 200, "sessionId": SESSION})
    stream = await listen(script)
    await stream.start(RESUME)
    assert script.commands[0]["sessionId"] == SESSION
    assert script.commands[0]["eventId"] == MOTION
    assert stream.resume_point == RESUME


async def test_missed_events_may_come_before_the_word_that_the_session_goes_on(
    listen: Listen, recipient: Recipient
) -> None:
    """The next stream continues after the last of them."""
    documented = payload("stream_events")
    assert isinstance(documented, dict)
    script = Script(documented, {"status": 200, "sessionId": SESSION})
    stream = await listen(script)
    assert await stream.start(RESUME)
    assert recipient.ids == [MOTION, GATE]
    assert stream.resume_point == ResumePoint(session_id=SESSION, event_id=GATE)


async def test_a_session_without_an_id_is_of_no_use(listen: Listen) -> None:
    """It could never be resumed."""
    stream = await listen(Script({"status": 201}))
    with pytest.raises(ResponseError, match="sessionId is missing"):
        await stream.start(None)


async def test_a_subscription_names_everything_that_it_includes(listen: Listen) -> None:
    """One without filters is accepted, and nothing arrives."""
    script = Script({"status": 200, "subscriptionId": SESSION})
    stream = await listen(script)
    await stream.subscribe(
        [
            SubscriptionFilter(),
            SubscriptionFilter(source_ids=(GATE,), event_types=(MOTION,)),
        ]
    )
    assert script.commands[0]["filters"] == [
        {
            "modifier": "include",
            "resourceTypes": ["*"],
            "sourceIds": ["*"],
            "eventTypes": ["*"],
        },
        {
            "modifier": "include",
            "resourceTypes": ["*"],
            "sourceIds": [GATE],
            "eventTypes": [MOTION],
        },
    ]


async def test_documented_states_are_read(listen: Listen, recipient: Recipient) -> None:
    """They are the last event of each source and group."""
    documented = payload("stream_states")
    assert isinstance(documented, dict)
    stream = await listen(Script(documented))
    (state,) = await stream.states()
    assert (state.id, state.time_text) == (MOTION, "2023-02-28T18:10:12.4786334Z")
    assert recipient.batches == []


async def test_the_states_of_a_large_site_fit_into_one_message(listen: Listen) -> None:
    """2,659 cameras took 4.25 MB, which is more than aiohttp's default limit."""
    documented = payload("stream_states")
    assert isinstance(documented, dict)
    rows = documented["states"] * 25_000
    script = Script({"status": 200, "states": rows})
    stream = await listen(script)
    assert len(json.dumps(rows)) > 4 * 1024 * 1024
    assert len(await stream.states()) == 25_000


async def test_documented_events_are_handed_over(
    listen: Listen, recipient: Recipient
) -> None:
    """Stateful ones and others, in the order in which they came."""
    documented = payload("stream_events")
    assert isinstance(documented, dict)
    stream = await listen(Script(documented))
    with pytest.raises(StreamClosedError):
        await stream.follow(PATIENT)
    assert recipient.ids == [MOTION, GATE]


async def test_events_between_a_command_and_its_reply_are_not_lost(
    listen: Listen, recipient: Recipient
) -> None:
    """They come whenever they happen."""
    documented = payload("stream_events")
    assert isinstance(documented, dict)
    script = Script(
        documented, {"commandId": 99}, {"status": 201, "sessionId": SESSION}
    )
    stream = await listen(script)
    await stream.start(None)
    assert recipient.ids == [MOTION, GATE]
    assert stream.resume_point == ResumePoint(session_id=SESSION, event_id=GATE)


async def test_an_event_that_was_not_taken_is_asked_for_again(
    listen: Listen,
) -> None:
    """Only what was handed over counts as received."""

    async def fail(_: tuple[Event, ...]) -> None:
        raise ConnectionError

    documented = payload("stream_events")
    assert isinstance(documented, dict)
    script = Script({"status": 200, "sessionId": SESSION}, documented)
    stream = await listen(script, fail)
    await stream.start(ResumePoint(session_id=SESSION, event_id="before"))
    with pytest.raises(ConnectionError):
        await stream.follow(PATIENT)
    assert stream.resume_point == ResumePoint(session_id=SESSION, event_id="before")


@pytest.mark.parametrize(
    ("rows", "arrived", "complaints"),
    [
        ([{"id": "broken"}, None], [], 2),
        ([], [], 0),
        (None, [], 0),
        (
            [None, {"id": GATE, "type": GATE, "time": "2023-02-28T18:10:13Z"}],
            [GATE],
            1,
        ),
    ],
)
async def test_an_event_that_cannot_be_read_does_not_end_the_stream(
    listen: Listen,
    recipient: Recipient,
    scripted: XProtectClient,
    rows: object,
    arrived: list[str],
    complaints: int,
) -> None:
    """It would come again and again, and nothing else would."""
    script = Script({"events": rows}, {"events": [], "later": True})
    stream = await listen(script)
    with pytest.raises(StreamClosedError):
        await stream.follow(PATIENT)
    assert recipient.ids == arrived
    counted = sum(one.count for one in scripted.unreadable.take().values())
    assert counted == complaints


async def test_a_refused_command_says_why(
    listen: Listen,
) -> None:
    """In the server's own words."""
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

    async def say_nothing(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await silence.wait()

    monkeypatch.setattr(stream_module, "STATE_TIMEOUT", IMPATIENT)
    stream = await listen(say_nothing)
    with pytest.raises(TimedOutError, match="getState"):
        await stream.states()
    silence.set()


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 4000])
async def test_a_stream_that_the_server_ends_tells_the_code(
    listen: Listen, code: int
) -> None:
    """What follows is the same, but a bug report needs it."""
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
    """Cables are pulled without a goodbye."""

    async def cut(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        socket.get_extra_info("socket").shutdown(SHUT_RDWR)

    stream = await listen(cut)
    with pytest.raises(StreamClosedError):
        await stream.subscribe([])


async def test_nothing_can_be_asked_of_a_closed_stream(listen: Listen) -> None:
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
async def test_a_message_that_is_none_ends_the_stream(
    listen: Listen, message: str | bytes, error: type[ApiError]
) -> None:
    """Nothing that comes after it could be trusted."""
    stream = await listen(Script(message))
    with pytest.raises(error):
        await stream.follow(PATIENT)


@pytest.mark.parametrize(
    ("told", "pause"),
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
    told: object, pause: float
) -> None:
    """It is there since 2024 R1; nonsense must not make a flood of pings."""
    reply = {} if told is None else {"inactiveTimeoutSeconds": told}
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
        # Twice as long as a connection without frames lives, and no message comes.
        await stream.follow(0.5)
        sim.faults.enable("ws_silent:pings")
        with pytest.raises(StreamClosedError, match="dead"):
            await stream.follow(PATIENT)


async def test_a_stream_is_not_dead_while_its_events_are_handled(
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


async def test_a_server_that_pings_all_the_time_is_quiet_all_the_same(
    sim: Simulator,
    client: XProtectClient,
    recipient: Recipient,
    clock: ManualClock,
) -> None:
    """A deaf connection would never be noticed."""
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
async def test_a_flood_ends_the_stream_and_not_the_peace(
    sim: Simulator, client: XProtectClient, recipient: Recipient, what: str
) -> None:
    """100,000 frames without a pause must hold nothing else up."""
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
        # The flood may be faster than the reply, and the next command sees it, too.
        with suppress(ResponseError):
            await stream.start(None)
        with pytest.raises(ResponseError, match="flooded"):
            await stream.follow(PATIENT)
    living.cancel()
    # Some milliseconds; a slow machine may have its bad moments.
    assert slowest < 0.5


async def test_a_server_that_never_stops_sending_is_left_without_a_goodbye(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be listened to for ever, and no other stream be opened."""

    async def talk(socket: web.WebSocketResponse) -> None:
        while True:
            await socket.ping()
            await asyncio.sleep(0)

    monkeypatch.setattr(websocket_module, "CLOSE_TIMEOUT", IMPATIENT)
    stream = await listen(talk)
    async with asyncio.timeout(PATIENT):
        await stream.close()


async def test_no_message_brings_more_rows_than_can_be_taken(
    listen: Listen, recipient: Recipient
) -> None:
    """The poll reads the rest, and the next stream continues after the taken ones."""
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


async def test_what_happens_at_the_simulator_arrives_at_once(
    sim: Simulator, client: XProtectClient, recipient: Recipient
) -> None:
    """Both sides were written from the documentation, and have to fit."""
    stream = await client.streams.connect(recipient.take)
    assert not await stream.start(None)
    await stream.subscribe(
        [SubscriptionFilter(event_types=(event_ids.MOTION_STARTED,))]
    )
    camera = sim.world.cameras[0]
    sim.world.emit(sim.world.named("Gate open").id)
    motion = sim.world.emit(event_ids.MOTION_STARTED, camera)
    (state,) = await stream.states()
    assert recipient.ids == [motion.id]
    assert (state.id, state.type_id, state.source) == (
        motion.id,
        event_ids.MOTION_STARTED,
        Source.parse(camera.path),
    )
    await stream.close()


async def test_a_stream_of_the_simulator_is_resumed_with_all_it_missed(
    sim: Simulator, client: XProtectClient, recipient: Recipient
) -> None:
    """A short break costs nothing, not even a repeat."""
    gate = sim.world.named("Gate open").id
    stream = await client.streams.connect(recipient.take)
    await stream.start(None)
    await stream.subscribe([SubscriptionFilter()])
    before = sim.world.emit(gate).id
    await stream.states()
    await stream.close()
    missed = [sim.world.emit(gate).id for _ in range(3)]
    again = await client.streams.connect(recipient.take)
    assert await again.start(stream.resume_point)
    after = sim.world.emit(gate).id
    await again.states()
    assert recipient.ids == [before, *missed, after]
    await again.close()
