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
    TokenRefusedError,
    UnavailableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.auth import REPLACEMENT_PAUSE
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.sign_in_attempts import PAUSES
from tests.api.conftest import Connect, called_off
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


async def test_a_token_is_fetched_once_and_used_for_everything(
    sim: Simulator, client: XProtectClient
) -> None:
    """Logins are slow, and one every two seconds would fill XProtect's audit log."""
    await client.configuration.sites()
    await client.events.list()
    assert len(sim.login_attempts) == 1


async def test_twenty_callers_at_once_share_one_login(
    sim: Simulator, client: XProtectClient
) -> None:
    """At the start everything asks at the same time."""
    tokens = await asyncio.gather(*(client.authenticator.token() for _ in range(20)))
    assert len({token.access_token for token in tokens}) == 1
    assert len(sim.login_attempts) == 1


async def test_twenty_refused_requests_at_once_share_one_renewal(
    sim: Simulator, client: XProtectClient
) -> None:
    """A revoked token is refused for all requests at the same time."""
    await client.authenticator.token()
    sim.identity.revoke_tokens()
    lists = await asyncio.gather(*(client.configuration.sites() for _ in range(20)))
    assert all(len(sites) == 1 for sites in lists)
    assert len(sim.login_attempts) == 2


async def test_a_login_that_is_called_off_is_answered_and_serves_the_next(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """A form may be closed in the middle of it."""
    sim.faults.enable("slow:20:count=1")
    login = await called_off(client, clock)
    following = asyncio.create_task(client.authenticator.token())
    await clock.advance(20)
    await following
    assert login.cancelled()
    assert [attempt.outcome for attempt in sim.login_attempts] == ["success"]


@pytest.mark.parametrize(
    ("body", "good_for"),
    [
        ({"expires_in": 3600}, 3300),
        ({"expires_in": "1800"}, 1500),
        ({"expires_in": 10}, 8),
        ({"expires_in": 0}, 3300),
        ({"expires_in": None}, 3300),
        ({}, 3300),
    ],
)
async def test_a_token_is_renewed_before_it_expires(
    server: ScriptedServer,
    scripted: XProtectClient,
    clock: ManualClock,
    body: dict[str, object],
    good_for: int,
) -> None:
    """A request that is under way is not refused; the default lifetime is an hour."""
    server.answer_sign_in({"access_token": "a token", **body})
    await scripted.authenticator.token()
    await clock.advance(good_for - 1)
    await scripted.authenticator.token()
    assert server.paths("POST") == [DIRECT]
    await clock.advance(1)
    await scripted.authenticator.token()
    assert server.paths("POST") == [DIRECT, DIRECT]


async def test_a_token_that_dies_early_is_renewed_and_the_request_repeated(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """An administrator may restart the identity provider at any time."""
    sim.faults.enable("token_expires_early:5")
    await client.configuration.sites()
    await clock.advance(5)
    assert len(await client.configuration.sites()) == 1
    statuses = [one.status for one in sim.requests if one.method == "GET"]
    assert statuses == [200, 401, 200]


async def test_a_fresh_token_that_is_refused_is_not_renewed_again(
    sim: Simulator, client: XProtectClient
) -> None:
    """Something is wrong that no login repairs."""
    sim.faults.enable("unauthorized")
    with pytest.raises(TokenRefusedError) as caught:
        await client.configuration.sites()
    assert caught.value.server_text == "Token validation failed: the token is expired."
    assert len(sim.login_attempts) == 2
    assert len([one for one in sim.requests if one.method == "GET"]) == 2


async def test_a_token_that_was_refused_is_not_handed_out_again(
    sim: Simulator, client: XProtectClient
) -> None:
    """Also when the caller notices long after others did."""
    old = await client.authenticator.token()
    new = await client.authenticator.token(instead_of=old)
    assert new != old
    assert await client.authenticator.token(instead_of=old) == new
    assert len(sim.login_attempts) == 2


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
    """Accounts get locked by clients that try on, for everything the user has."""
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
    """Each requires another act of the user, and no second attempt may follow."""
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
async def test_a_failure_that_is_not_about_the_password_is_no_refusal(
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
async def test_a_server_without_an_identity_provider_is_asked_both_ways(
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


async def test_the_way_that_worked_is_remembered_until_it_is_gone(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """Only the first login may take two attempts."""
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


async def test_a_token_outlives_an_outage_of_the_identity_provider(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """Events continue to arrive, and a login is tried only from time to time."""
    token = await client.authenticator.token()
    sim.faults.enable("idp_down")
    await clock.advance(3305)
    assert (await client.authenticator.token()).access_token == token.access_token
    await client.configuration.sites()
    logins = [one for one in sim.requests if one.method == "POST"]
    assert len(logins) == 2
    await clock.advance(PAUSES[0])
    await client.configuration.sites()
    logins = [one for one in sim.requests if one.method == "POST"]
    assert len(logins) == 3


async def test_a_token_does_not_outlive_itself(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """Then the outage stops events here, too, and is reported."""
    await client.authenticator.token()
    sim.faults.enable("idp_down")
    await clock.advance(3600)
    with pytest.raises(UnavailableError):
        await client.configuration.sites()
    sim.faults.clear()
    await clock.advance(PAUSES[0])
    assert len(await client.configuration.sites()) == 1


async def test_a_refused_token_is_not_used_again(
    sim: Simulator, client: XProtectClient
) -> None:
    """The server has revoked it before its lifetime was over."""
    token = await client.authenticator.token()
    sim.faults.enable("idp_down")
    with pytest.raises(UnavailableError):
        await client.authenticator.token(instead_of=token)


async def test_a_token_in_its_second_life_is_replaced_when_it_is_refused(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """A token kept over an outage is the same token for the server."""
    first = await client.authenticator.token()
    sim.faults.enable("idp_down:503:count=1")
    await clock.advance(3305)
    await client.authenticator.token()
    await clock.advance(PAUSES[0])
    second = await client.authenticator.token(instead_of=first)
    assert second.access_token != first.access_token
