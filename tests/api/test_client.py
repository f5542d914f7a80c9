"""The client as a whole: secrets, sessions and its public names."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
import logging
import traceback

import aiohttp
import pytest

from custom_components.xprotect_events import api
from custom_components.xprotect_events.api import (
    ApiError,
    Credentials,
    NewEvent,
    XProtectClient,
)
from tests.api.conftest import Connect
from tests.api.servers import RawServer, ScriptedServer, closed_port
from xprotect_simulator import Options, Simulator

PASSWORD = "s3cret & Ünique"
PLATE = "AB12345"


def reachable(thing: object, seen: set[int]) -> Iterator[object]:
    """Yield an object of the client and everything reachable from it."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    yield thing
    children: Sequence[object] = ()
    if is_dataclass(thing):
        children = [getattr(thing, field.name) for field in fields(thing)]
    elif type(thing).__module__.startswith(api.__name__):
        children = list(vars(thing).values())
    for child in children:
        if type(child).__module__.startswith(api.__name__):
            yield from reachable(child, seen)


def printed_by(error: BaseException) -> str:
    """Return everything that a log can show of an error."""
    return f"{error!r} {error} {''.join(traceback.format_exception(error))}"


async def test_nothing_that_can_be_printed_contains_a_secret(connect: Connect) -> None:
    """Diagnostics, logs and debuggers print any object."""
    async with Simulator(Options(password=PASSWORD)) as sim:
        client = connect(sim.url, password=PASSWORD)
        token = await client.authenticator.token()
    things = [*reachable(client, set()), token]
    assert len(things) > 8
    for thing in things:
        for printed in (repr(thing), str(thing)):
            assert PASSWORD not in printed
            assert token.access_token not in printed


async def test_no_error_contains_a_secret(
    server: ScriptedServer, connect: Connect
) -> None:
    """Errors are shown, logged and stored with a traceback of everything before."""
    errors = []

    async def fail(client: XProtectClient) -> None:
        with pytest.raises(ApiError) as caught:
            await client.events.trigger(NewEvent(type_id="x", data={"plate": PLATE}))
        errors.append(caught.value)

    for status in (400, 401, 403, 404, 429, 500):
        server.answer_rest("POST", "events", {"error": "x"}, status=status)
        await fail(connect(server.url, password=PASSWORD))
        server.answer_sign_in({"error": "x"}, status=status)
        await fail(connect(server.url, password=PASSWORD))
        server.answer_sign_in({"access_token": "t0ken"})
    server.answer_rest("POST", "events", b"no JSON")
    await fail(connect(server.url, password=PASSWORD))
    async with RawServer(b"noise") as raw_server:
        await fail(connect(raw_server.url, password=PASSWORD))
    await fail(connect(f"http://127.0.0.1:{closed_port()}", password=PASSWORD))
    shown = " ".join(printed_by(error) for error in errors)
    assert len(errors) == 15
    for secret in (PASSWORD, "s3cret", "t0ken", "token-1", PLATE):
        assert secret not in shown


async def test_no_line_of_the_log_contains_a_secret(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Users publish their logs."""
    caplog.set_level(logging.DEBUG)
    async with Simulator(Options(password=PASSWORD)) as sim:
        client = connect(sim.url, password=PASSWORD)
        await client.configuration.cameras()
        token = await client.authenticator.token()
        sim.identity.lock()
        with pytest.raises(ApiError):
            await client.authenticator.token(instead_of=token)
    assert PASSWORD not in caplog.text
    assert token.access_token not in caplog.text


async def test_the_session_stays_open_after_its_client(
    sim: Simulator, client: XProtectClient, session: aiohttp.ClientSession
) -> None:
    """Home Assistant's session is shared by all integrations."""
    await client.configuration.sites()
    del client
    assert not session.closed
    assert sim.requests


async def test_two_clients_share_no_token(sim: Simulator, connect: Connect) -> None:
    """Two servers, or two users of one, must not use each other's tokens."""
    one, other = connect(sim.url), connect(sim.url)
    tokens = [await client.authenticator.token() for client in (one, other)]
    assert tokens[0] != tokens[1]
    assert len(sim.login_attempts) == 2


def test_credentials_are_equal_when_their_secrets_are() -> None:
    """With another password they are different."""
    one, same, other = (
        Credentials(username="demo", password=password) for password in ("a", "a", "b")
    )
    assert one == same
    assert one != other


def test_everything_that_others_need_is_offered_by_the_package() -> None:
    """Others may import from here only."""
    assert [name for name in api.__all__ if not hasattr(api, name)] == []
    assert len(set(api.__all__)) == len(api.__all__)
