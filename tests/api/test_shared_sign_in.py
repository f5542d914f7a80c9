"""A sign-in continues when its caller is cancelled, and is not sent again."""

import asyncio

import pytest

from custom_components.xprotect_events.api import (
    CredentialsRefusedError,
    SignInAttempts,
    UnavailableError,
)
from custom_components.xprotect_events.api.errors import SignInPausedError
from custom_components.xprotect_events.api.sign_in_attempts import MAX_SENT, PAUSES
from tests.api.conftest import Connect, called_off
from xprotect_simulator import ManualClock, Simulator

# Seconds that the server takes for a sign-in.
SLOW = 20


@pytest.fixture
def attempts(clock: ManualClock) -> SignInAttempts:
    """Return the sign-in attempts that all clients of one entry share."""
    return SignInAttempts(clock.monotonic)


async def test_reloads_during_a_slow_sign_in_send_the_password_once(
    sim: Simulator, connect: Connect, clock: ManualClock, attempts: SignInAttempts
) -> None:
    """Each was counted as a failure, and after five the entry waited for an hour."""
    sim.faults.enable(f"slow:{SLOW}:count=1")
    for _ in range(2 * MAX_SENT):
        await called_off(connect(sim.url, attempts=attempts), clock)
    last = connect(sim.url, attempts=attempts)
    login = asyncio.create_task(last.authenticator.token())
    await clock.advance(SLOW)
    token = await login
    assert len(sim.login_attempts) == 1
    assert await last.authenticator.token() == token


async def test_slow_sign_ins_that_are_cancelled_and_succeed_are_not_failures(
    sim: Simulator, connect: Connect, clock: ManualClock, attempts: SignInAttempts
) -> None:
    """The password is right, so no account can be locked."""
    sim.faults.enable(f"slow:{SLOW}")
    for number in range(2 * MAX_SENT):
        client = connect(sim.url, attempts=attempts)
        await called_off(client, clock)
        await clock.advance(SLOW)
        # The next client gets the token of the cancelled caller.
        await connect(sim.url, attempts=attempts).authenticator.token()
        assert len(sim.login_attempts) == number + 1


async def test_the_token_of_a_cancelled_caller_is_used_while_it_is_valid(
    sim: Simulator, connect: Connect, clock: ManualClock, attempts: SignInAttempts
) -> None:
    """An entry may be disabled for a night."""
    sim.faults.enable(f"slow:{SLOW}:count=1")
    await called_off(connect(sim.url, attempts=attempts), clock)
    await clock.advance(SLOW + 3600)
    token = await connect(sim.url, attempts=attempts).authenticator.token()
    assert token.renew_at > clock.monotonic()
    assert len(sim.login_attempts) == 2


async def test_the_failure_of_a_cancelled_caller_is_counted(
    sim: Simulator, connect: Connect, clock: ManualClock, attempts: SignInAttempts
) -> None:
    """The server may have counted a wrong password without refusing it."""
    sim.faults.enable(f"slow:{SLOW}:count=1")
    sim.faults.enable("idp_down")
    await called_off(connect(sim.url, attempts=attempts), clock)
    await clock.advance(SLOW)
    with pytest.raises(UnavailableError):
        await connect(sim.url, attempts=attempts).authenticator.token()
    assert attempts.is_paused
    await clock.advance(PAUSES[0])
    assert not attempts.is_paused


async def test_the_refusal_of_a_cancelled_caller_is_remembered(
    sim: Simulator, connect: Connect, clock: ManualClock, attempts: SignInAttempts
) -> None:
    """Repeated refusals lock the account."""
    sim.identity.set_password("new")
    sim.faults.enable(f"slow:{SLOW}:count=1")
    client = connect(sim.url, attempts=attempts)
    refusals: list[CredentialsRefusedError] = []

    async def remember(err: CredentialsRefusedError) -> None:
        refusals.append(err)

    client.authenticator.on_refusal = remember
    await called_off(client, clock)
    await clock.advance(SLOW)
    for _ in range(2):
        with pytest.raises(CredentialsRefusedError):
            await connect(sim.url, attempts=attempts).authenticator.token()
    assert len(refusals) == len(sim.login_attempts) == 1
    # The account is unlocked and the entry reloaded.
    attempts.shared.clear()
    with pytest.raises(CredentialsRefusedError):
        await connect(sim.url, attempts=attempts).authenticator.token()
    assert len(sim.login_attempts) == 2


async def test_a_new_password_does_not_wait_for_a_sign_in_with_the_old_one(
    sim: Simulator, connect: Connect, clock: ManualClock, attempts: SignInAttempts
) -> None:
    """Its refusal would be mistaken for one of the new password."""
    sim.faults.enable(f"slow:{SLOW}:count=1")
    old = connect(sim.url, attempts=attempts, password="old")
    login = asyncio.create_task(old.authenticator.token())
    await clock.until_asleep()
    await connect(sim.url, attempts=attempts).authenticator.token()
    with pytest.raises(SignInPausedError):
        await login
    await clock.advance(SLOW)
    assert not attempts.is_paused


async def test_a_cancelled_check_of_the_site_causes_no_sign_in(
    sim: Simulator, connect: Connect, clock: ManualClock, attempts: SignInAttempts
) -> None:
    """It follows each new token, and a reload may cancel it."""
    client = connect(sim.url, attempts=attempts)

    async def check(_configuration: object) -> None:
        await clock.sleep(SLOW)

    client.check_site(check)
    await client.authenticator.token()
    await clock.advance(3600)
    await called_off(client, clock)
    await connect(sim.url, attempts=attempts).authenticator.token()
    assert len(sim.login_attempts) == 2
