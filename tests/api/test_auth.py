"""Signing in: one login for all requests, and a refused password is not repeated."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    CredentialsRefusedError,
    NotAGatewayError,
    Refusal,
    RejectedError,
    UnavailableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.auth import REPLACEMENT_PAUSE
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.sign_in_attempts import PAUSES
from tests.api.conftest import Connect
from tests.api.payloads import PAGE, payload
from tests.api.servers import ScriptedServer
from xprotect_simulator import ManualClock, Options, Simulator

DIRECT = "/IDP/connect/token"

THROUGH_GATEWAY = "/API/IDP/connect/token"

type Act = Callable[[XProtectClient], Awaitable[object]]

# The requests that Home Assistant may still send after a refusal.
ACTS: dict[str, Act] = {
    "sign in": lambda client: client.authenticator.token(),
    "list": lambda client: client.configuration.cameras(),
    "read": lambda client: client.events.list(),
    "create": lambda client: client.sessions.create(),
    "delete": lambda client: client.sessions.delete("x"),
}


@pytest.mark.parametrize(
    ("prepare", "refusal"),
    [
        (lambda sim: sim.identity.set_password("another"), Refusal.INVALID),
        (lambda sim: sim.identity.lock(), Refusal.LOCKED),
        (
            lambda sim: sim.identity.require_password_change(),
            Refusal.MUST_CHANGE_PASSWORD,
        ),
    ],
)
async def test_a_refused_password_is_never_sent_again(
    sim: Simulator,
    client: XProtectClient,
    prepare: Callable[[Simulator], None],
    refusal: Refusal,
) -> None:
    """A client that keeps trying locks the account, for everything that uses it."""
    prepare(sim)
    acts = [act for _ in range(4) for act in ACTS.values()]
    outcomes = await asyncio.gather(
        *(act(client) for act in acts), return_exceptions=True
    )
    refused = [one for one in outcomes if isinstance(one, CredentialsRefusedError)]
    # Deleting a session is best effort and fails in silence.
    assert len(refused) == 16
    assert {one.refusal for one in refused} == {refusal}
    with pytest.raises(CredentialsRefusedError):
        await client.authenticator.token()
    assert len(sim.login_attempts) == 1


async def test_a_password_that_was_changed_meanwhile_is_sent_once(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """The renewal finds out, long after the set-up."""
    await client.configuration.sites()
    sim.identity.set_password("another")
    await clock.advance(3550)
    for _ in range(3):
        with pytest.raises(CredentialsRefusedError):
            await client.configuration.sites()
    outcomes = [attempt.outcome for attempt in sim.login_attempts]
    assert outcomes == ["success", "InvalidCredentials"]


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (400, payload("refusal_invalid_credentials"), Refusal.INVALID),
        (400, payload("refusal_locked_out"), Refusal.LOCKED),
        (400, payload("refusal_change_password"), Refusal.MUST_CHANGE_PASSWORD),
        (401, payload("refusal_locked_out"), Refusal.LOCKED),
        (403, payload("refusal_change_password"), Refusal.MUST_CHANGE_PASSWORD),
        (400, {"error": "invalid_grant"}, Refusal.INVALID),
        (
            400,
            {"error": "invalid_grant", "error_code": "UserDisabled"},
            Refusal.INVALID,
        ),
        (400, {"error_code": "LockedOut"}, Refusal.LOCKED),
        (401, b"", Refusal.INVALID),
        (401, PAGE, Refusal.INVALID),
        (401, {}, Refusal.INVALID),
    ],
)
async def test_each_kind_of_refusal_has_its_error_and_is_final(
    server: ScriptedServer,
    scripted: XProtectClient,
    status: int,
    body: object,
    refusal: Refusal,
) -> None:
    """Each requires another action of the user, and no second attempt may follow."""
    server.answer_sign_in(body, status=status)
    with pytest.raises(CredentialsRefusedError) as caught:
        await scripted.authenticator.token()
    assert (caught.value.refusal, caught.value.status) == (refusal, status)
    assert server.paths("POST") == [DIRECT]


@pytest.mark.parametrize(
    ("status", "body", "error", "text"),
    [
        (
            400,
            payload("refusal_unsupported_grant_type"),
            RejectedError,
            "unsupported_grant_type",
        ),
        (400, payload("refusal_invalid_client"), RejectedError, "invalid_client"),
        (
            400,
            {"error": "invalid_request", "error_description": "Too long"},
            RejectedError,
            "Too long",
        ),
        (503, PAGE, UnavailableError, None),
        (500, {"error": "server_error"}, UnavailableError, "server_error"),
        (502, b"", UnavailableError, None),
        (429, PAGE, UnavailableError, None),
    ],
)
async def test_a_failure_that_is_not_about_the_password_is_not_a_refusal(
    server: ScriptedServer,
    scripted: XProtectClient,
    clock: ManualClock,
    status: int,
    body: object,
    error: type[ApiError],
    text: str | None,
) -> None:
    """The user must not be asked for another password."""
    server.answer_sign_in(body, status=status)
    with pytest.raises(error) as caught:
        await scripted.authenticator.token()
    assert (caught.value.status, caught.value.server_text) == (status, text)
    assert server.paths("POST") == [DIRECT]
    server.answer_sign_in({"access_token": "a token"})
    await clock.advance(PAUSES[0])
    assert (await scripted.authenticator.token()).access_token == "a token"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, PAGE),
        (404, payload("error_404")),
        (405, PAGE),
        (410, b""),
        (200, PAGE),
        (200, b""),
    ],
)
async def test_both_paths_of_the_identity_provider_are_tried(
    server: ScriptedServer, scripted: XProtectClient, status: int, body: object
) -> None:
    """A server may offer only one of them."""
    server.answer_sign_in(body, status=status)
    with pytest.raises(NotAGatewayError) as caught:
        await scripted.authenticator.token()
    assert caught.value.status in {status, None}
    assert server.paths("POST") == [DIRECT, THROUGH_GATEWAY]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, PAGE),
        (403, PAGE),
        (407, PAGE),
        (307, b""),
        (200, []),
        (200, {"token": "in the wrong place"}),
        (200, {"access_token": ""}),
    ],
)
async def test_the_password_is_not_sent_to_a_second_address_after_a_doubtful_answer(
    server: ScriptedServer, scripted: XProtectClient, status: int, body: object
) -> None:
    """The first address may have counted it as a wrong password."""
    server.answer_sign_in(body, status=status)
    with pytest.raises(ResponseError):
        await scripted.authenticator.token()
    assert server.paths("POST") == [DIRECT]


async def test_the_path_that_worked_is_used_until_it_fails(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """Only the first login may need two attempts."""
    sim.faults.enable("server_error:404:path=/idp/*")
    first = await client.authenticator.token()
    second = await client.authenticator.token(instead_of=first)
    await clock.advance(REPLACEMENT_PAUSE)
    ways = [one.path for one in sim.requests]
    assert ways == [DIRECT, THROUGH_GATEWAY, THROUGH_GATEWAY]
    sim.faults.clear()
    sim.faults.enable("server_error:404:path=/api/idp/*")
    with pytest.raises(NotAGatewayError):
        await client.authenticator.token(instead_of=second)
    await clock.advance(PAUSES[0])
    await client.authenticator.token()
    ways = [one.path for one in sim.requests][3:]
    assert ways == [THROUGH_GATEWAY, DIRECT]


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("demo", "a&b=c+d%20e"),
        ("demo", "100% für Ünïcode €"),
        ("demo", " space at both ends "),
        ("demo", "password=x&client_id=y"),
        ("a&b user", "\"quotes' and \\"),
    ],
)
async def test_special_characters_arrive_as_they_were_typed(
    connect: Connect, username: str, password: str
) -> None:
    """The vendor's samples do not encode them, and break at the first `&`."""
    options = Options(username=username, password=password)
    async with Simulator(options) as sim:
        client = connect(sim.url, username=username, password=password)
        assert len(await client.configuration.sites()) == 1
