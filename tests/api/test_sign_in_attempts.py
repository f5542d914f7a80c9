"""How often a password is sent, with any answer: the fifth mistake locks an account."""

import base64
from collections.abc import Awaitable, Callable
import json

import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    Authentication,
    CredentialsRefusedError,
    Event,
    NewEvent,
    SignInAttempts,
    TokenRefusedError,
    UnavailableError,
    UnreachableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.sign_in_attempts import MAX_SENT, PAUSES
from tests.api.conftest import Connect
from tests.api.payloads import PAGE, payload
from tests.api.servers import STREAM_PATH, Received, Reply, ScriptedServer, closed_port
from xprotect_simulator import ManualClock

USERS = {Authentication.BASIC: "demo", Authentication.WINDOWS: r"CORP\ann"}
# The shortest valid challenge of NTLM.
CHALLENGE = base64.b64encode(
    b"NTLMSSP\0\2\0\0\0" + b"\0" * 8 + b"\1\2\x08\0" + b"\1" * 8 + b"\0" * 16
).decode()
# Seconds between two rounds of requests that need a token, as between failed polls.
TICK = 5
TEN_MINUTES, AN_HOUR = 600, 3600


def reply(document: object, status: int, **headers: str) -> Reply:
    """Return an answer with this status and text."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Reply(body=body, status=status, headers=headers)


# Answers after which the server may have counted a wrong password.
REFUSALS: dict[str, Reply] = {
    "InvalidCredentials": reply(payload("refusal_invalid_credentials"), 400),
    "LockedOut": reply(payload("refusal_locked_out"), 400),
    "ChangePassword": reply(payload("refusal_change_password"), 403),
    "an unknown code": reply(
        {"error": "invalid_grant", "error_code": "UserDisabled"}, 400
    ),
    "an unknown error": reply({"error": "too_bad"}, 400),
    "an unknown error, 403": reply({"error": "access_denied"}, 403),
    "no error of OAuth": reply({"message": "Account disabled"}, 403),
    "401 of a framework": reply({"status": 401, "error": "Unauthorized"}, 401),
    "401 about the client": reply(payload("refusal_invalid_client"), 401),
    "401 of the gateway": reply({"error": {"httpCode": 401}}, 401),
    "401 of a page": reply(PAGE, 401),
    "401 of garbage": reply(b"\xff\x00", 401),
    "401 without a body": reply(b"", 401),
    "401 with an offer": reply(PAGE, 401, **{"WWW-Authenticate": "Negotiate, NTLM"}),
}

# Answers after which the password may still be right.
FAILURES: dict[str, Reply] = {
    "unsupported_grant_type": reply(payload("refusal_unsupported_grant_type"), 400),
    "invalid_client": reply(payload("refusal_invalid_client"), 400),
    "400 of a page": reply(PAGE, 400),
    "403 of a page": reply(PAGE, 403),
    "403 of the gateway": reply(payload("error_403"), 403),
    "404 of a page": reply(PAGE, 404),
    "404 of the gateway": reply(payload("error_404"), 404),
    "405": reply(PAGE, 405),
    "407": reply(PAGE, 407),
    "418": reply(b"", 418),
    "429": reply(PAGE, 429),
    "500 in OAuth": reply({"error": "server_error"}, 500),
    "502": reply(b"", 502),
    "503": reply(PAGE, 503),
    "503 for a moment": reply(PAGE, 503, **{"Retry-After": "1"}),
    "301": reply(b"", 301, Location="https://example.com/"),
    "307": reply(b"", 307, Location="https://example.com/"),
    "a page": reply(PAGE, 200),
    "nothing": reply(b"", 200),
    "garbage": reply(b"\xff\x00", 200),
    "a list": reply([], 200),
    "no token": reply({"token": "in the wrong place"}, 200),
    "an invalid token": reply({"access_token": "a\nb"}, 200),
    "more than any token": reply(b" " * 100_000, 200),
    "no answer": Reply(is_lost=True),
}

type Act = Callable[[XProtectClient], Awaitable[object]]


async def follow(client: XProtectClient) -> object:
    """Open the stream."""
    return await client.streams.connect(take)


async def take(_events: tuple[Event, ...]) -> None:
    """Take events."""


# The requests for a token, automatic ones and those after a button was pressed.
ACTS: tuple[Act, ...] = (
    lambda client: client.events.list(),
    lambda client: client.sessions.create(),
    follow,
    lambda client: client.configuration.sites(),
    lambda client: client.events.trigger(NewEvent(type_id="x")),
)


class House:
    """All parts of one entry that sign in."""

    def __init__(
        self, client: XProtectClient, server: ScriptedServer, clock: ManualClock
    ) -> None:
        self.client = client
        self._server = server
        self._clock = clock
        self.errors: list[ApiError] = []
        self.sent_at: list[float] = []

    async def live(self, seconds: float, *, tick: float = TICK) -> None:
        """Let time pass."""
        end = self._clock.monotonic() + seconds
        while self._clock.monotonic() < end:
            for act in ACTS:
                with pytest.raises(ApiError) as caught:
                    await act(self.client)
                self.errors.append(caught.value)
            new = self.sent - len(self.sent_at)
            self.sent_at += [self._clock.monotonic()] * new
            await self._clock.advance(tick)

    @property
    def sent(self) -> int:
        """How often the password, or a proof of it, was sent."""
        return sum(map(contains_the_password, self._server.received))


def contains_the_password(received: Received) -> bool:
    """Return whether a request may count as an attempt."""
    return "password=" in received.body or ntlm_message(received) == 3


def ntlm_message(received: Received) -> int:
    """Return the number of the NTLM message in a request; 0: there is none."""
    scheme, _, message = (received.authorization or "").partition(" ")
    return base64.b64decode(message)[8] if scheme in {"NTLM", "Negotiate"} else 0


def finally_answering(reply: Reply) -> Callable[[Received], Reply]:
    """Return a server's handling of sign-ins, with this as its last answer."""

    def sign_in(received: Received) -> Reply:
        if contains_the_password(received):
            return reply
        offer = "NTLM" if ntlm_message(received) == 0 else f"NTLM {CHALLENGE}"
        return Reply(status=401, headers={"WWW-Authenticate": offer})

    return sign_in


@pytest.fixture(params=list(Authentication))
def house(
    server: ScriptedServer,
    connect: Connect,
    clock: ManualClock,
    request: pytest.FixtureRequest,
) -> House:
    """Return a house whose user is known to XProtect, or to Windows."""
    kind: Authentication = request.param
    client = connect(server.url, username=USERS[kind], authentication=kind)
    return House(client, server, clock)


@pytest.mark.parametrize("reply", REFUSALS.values(), ids=list(REFUSALS))
async def test_after_a_possible_refusal_the_password_is_not_sent_again(
    house: House, server: ScriptedServer, reply: Reply
) -> None:
    """It counts as a refusal, so the form asks for another password."""
    server.sign_in = finally_answering(reply)
    await house.live(TEN_MINUTES)
    assert house.sent == 1
    assert {type(err) for err in house.errors} == {CredentialsRefusedError}


@pytest.mark.parametrize("reply", FAILURES.values(), ids=list(FAILURES))
async def test_after_other_failures_the_password_is_sent_a_few_times_an_hour(
    house: House, server: ScriptedServer, reply: Reply
) -> None:
    """The server may still have counted the attempt, without reporting it."""
    server.sign_in = finally_answering(reply)
    await house.live(AN_HOUR, tick=30)
    assert CredentialsRefusedError not in {type(err) for err in house.errors}
    assert 1 < house.sent <= MAX_SENT
    later = [moment for moment in house.sent_at if moment != house.sent_at[0]]
    assert later[0] >= house.sent_at[0] + PAUSES[0]


async def test_the_limit_holds_for_ever(house: House, server: ScriptedServer) -> None:
    """Also after the first hour: a server may be broken for a weekend."""
    server.sign_in = finally_answering(FAILURES["no answer"])
    await house.live(3 * AN_HOUR, tick=60)
    for begin in house.sent_at:
        within = [one for one in house.sent_at if begin <= one < begin + AN_HOUR]
        assert len(within) <= MAX_SENT


async def test_a_server_that_works_again_is_signed_in_to(
    house: House, server: ScriptedServer, clock: ManualClock
) -> None:
    """The pauses end, and the password does not count as refused."""
    server.sign_in = finally_answering(FAILURES["503"])
    await house.live(PAUSES[0] + TICK)
    server.sign_in = finally_answering(reply({"access_token": "a token"}, 200))
    with pytest.raises(UnavailableError):
        await house.client.authenticator.token()
    await clock.advance(PAUSES[1])
    token = await house.client.authenticator.token()
    assert token.access_token == "a token"
    assert house.sent == 3


async def test_a_retry_after_is_obeyed_at_the_sign_in(
    house: House, server: ScriptedServer
) -> None:
    """The server's own time is the best estimate."""
    headers = {"Retry-After": str(AN_HOUR // 2)}
    server.sign_in = finally_answering(reply(PAGE, 503, **headers))
    await house.live(AN_HOUR // 2, tick=30)
    assert house.sent == 1


async def test_clients_of_one_user_share_the_pauses(
    server: ScriptedServer, connect: Connect, clock: ManualClock
) -> None:
    """Home Assistant creates a new client at each attempt to set up."""
    attempts = SignInAttempts(clock.monotonic)
    server.sign_in = finally_answering(FAILURES["503"])
    for _ in range(10):
        with pytest.raises(UnavailableError):
            await connect(server.url, attempts=attempts).authenticator.token()
    assert len(server.received) == 1
    attempts.forget()
    with pytest.raises(UnavailableError):
        await connect(server.url, attempts=attempts).authenticator.token()
    assert len(server.received) == 2


async def test_a_password_that_was_not_sent_is_not_counted(
    connect: Connect, server: ScriptedServer, clock: ManualClock
) -> None:
    """A server that was off for a night is found at once in the morning."""
    attempts = SignInAttempts(clock.monotonic)
    off = connect(f"http://127.0.0.1:{closed_port()}", attempts=attempts)
    for _ in range(2 * MAX_SENT):
        with pytest.raises(UnreachableError):
            await off.authenticator.token()
    await connect(server.url, attempts=attempts).authenticator.token()


@pytest.mark.parametrize("path", ["GET", "stream"])
async def test_a_new_token_that_is_refused_causes_no_sign_in(
    server: ScriptedServer, scripted: XProtectClient, clock: ManualClock, path: str
) -> None:
    """The server would refuse the next token, too."""
    server.answer_rest("GET", "sites", {"array": []})
    asked = "/api/rest/v1/events" if path == "GET" else STREAM_PATH
    server.answer("GET", asked, status=401)
    for _ in range(100):
        await scripted.configuration.sites()
        with pytest.raises(TokenRefusedError):
            await (scripted.events.list() if path == "GET" else follow(scripted))
        await clock.advance(3)
    # A few at the start, then one a minute.
    assert len(server.paths("POST")) <= 3 + 5
