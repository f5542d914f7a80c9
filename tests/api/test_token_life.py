"""An access token is renewed in time, and used until it is refused."""

import asyncio

import pytest

from custom_components.xprotect_events.api import (
    TokenRefusedError,
    UnavailableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.sign_in_attempts import PAUSES
from tests.api.conftest import called_off
from tests.api.servers import ScriptedServer
from xprotect_simulator import ManualClock, Simulator

DIRECT = "/IDP/connect/token"


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


async def test_a_cancelled_login_continues_and_is_used_by_the_next_request(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """A form may be closed during a login."""
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
    """Another login would not help."""
    sim.faults.enable("unauthorized")
    with pytest.raises(TokenRefusedError) as caught:
        await client.configuration.sites()
    assert caught.value.server_text == "Token validation failed: the token is expired."
    assert len(sim.login_attempts) == 2
    assert len([one for one in sim.requests if one.method == "GET"]) == 2


async def test_a_token_that_was_refused_is_not_handed_out_again(
    sim: Simulator, client: XProtectClient
) -> None:
    """Even if the caller notices long after others did."""
    old = await client.authenticator.token()
    new = await client.authenticator.token(instead_of=old)
    assert new != old
    assert await client.authenticator.token(instead_of=old) == new
    assert len(sim.login_attempts) == 2


async def test_a_token_is_used_during_an_outage_of_the_identity_provider(
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


async def test_a_token_is_not_used_after_its_lifetime(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """Then the outage stops events here as well, and is reported."""
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


async def test_a_token_kept_during_an_outage_is_replaced_when_it_is_refused(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """To the server it is still the same token."""
    first = await client.authenticator.token()
    sim.faults.enable("idp_down:503:count=1")
    await clock.advance(3305)
    await client.authenticator.token()
    await clock.advance(PAUSES[0])
    second = await client.authenticator.token(instead_of=first)
    assert second.access_token != first.access_token
