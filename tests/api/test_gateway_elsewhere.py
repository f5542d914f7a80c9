"""An API Gateway on one host, and the identity provider on another."""

from collections.abc import AsyncIterator
from contextlib import suppress
import ssl

import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    Authentication,
    CredentialsRefusedError,
    Event,
    InsecureIdentityProviderError,
    NotAGatewayError,
    UnavailableError,
    UnreachableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.sign_in_attempts import PAUSES
from tests.api.conftest import Connect
from tests.api.servers import STREAM_PATH, ScriptedServer, closed_port
from xprotect_simulator import ManualClock, Options, Simulator

WINDOWS_USER = r"CORP\ann"


@pytest.fixture
async def management_server(clock: ManualClock) -> AsyncIterator[Simulator]:
    """Return the host of the identity provider."""
    options = Options(windows_username=WINDOWS_USER, windows_password="demo")
    async with Simulator(options, clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def sim(
    clock: ManualClock, management_server: Simulator
) -> AsyncIterator[Simulator]:
    """Return the gateway's own host, which has no identity provider."""
    identity = management_server.identity
    async with Simulator(Options(), clock=clock, identity=identity) as simulator:
        simulator.faults.enable(f"idp_elsewhere:{management_server.url}")
        yield simulator


def posts(sim: Simulator) -> list[str]:
    """Return the POST requests to a server, in order."""
    return [one.path for one in sim.requests if one.method == "POST"]


@pytest.mark.parametrize(
    ("username", "authentication"),
    [("demo", Authentication.BASIC), (WINDOWS_USER, Authentication.WINDOWS)],
)
async def test_the_identity_provider_that_discovery_names_is_used(
    sim: Simulator,
    management_server: Simulator,
    connect: Connect,
    clock: ManualClock,
    username: str,
    authentication: Authentication,
) -> None:
    """NTLM cannot pass the gateway, so Windows users have to go there themselves."""
    client = connect(sim.url, username=username, authentication=authentication)
    assert len(await client.configuration.sites()) == 1
    assert set(posts(management_server)) == {"/IDP/connect/token"}
    assert posts(sim)[0] == "/IDP/connect/token"
    tried = len(posts(sim))
    await clock.advance(3600)
    await client.configuration.sites()
    assert [one.outcome for one in management_server.login_attempts] == ["success"] * 2
    assert len(posts(sim)) == tried


async def test_a_refusal_there_is_as_final_as_here(
    sim: Simulator, management_server: Simulator, connect: Connect
) -> None:
    """Another address for the same password would be another attempt."""
    client = connect(sim.url, password="wrong")
    for _ in range(2):
        with pytest.raises(CredentialsRefusedError):
            await client.configuration.sites()
    assert len(management_server.login_attempts) == 1


async def test_an_identity_provider_that_moved_is_found_again(
    sim: Simulator, management_server: Simulator, connect: Connect, clock: ManualClock
) -> None:
    """A reinstallation may move it to the gateway's host."""
    client = connect(sim.url)
    await client.configuration.sites()
    management_server.faults.enable("server_error:404")
    sim.faults.disable("idp_elsewhere")
    await clock.advance(3600)
    with pytest.raises(NotAGatewayError):
        await client.configuration.sites()
    await clock.advance(PAUSES[0])
    await client.configuration.sites()
    assert [one.outcome for one in sim.login_attempts] == ["success"] * 2


async def test_the_entered_origin_is_tried_before_names_from_discovery(
    clock: ManualClock, connect: Connect
) -> None:
    """Servers return names that other machines cannot resolve."""
    async with Simulator(Options(), clock=clock) as sim:
        sim.faults.enable("unreachable_names")
        assert len(await connect(sim.url).configuration.sites()) == 1


def name(server: ScriptedServer, url: object) -> None:
    """Make discovery return the address of another identity provider."""
    server.answer_sign_in(status=404)
    server.answer("GET", "/api/.well-known/uris", {"IdentityProvider": url})


async def test_the_path_from_discovery_is_tried_at_the_entered_origin_first(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The named host may be unreachable although the path is right."""
    name(server, "http://xprotect.invalid/other/IDP")
    server.answer("POST", "/other/IDP/connect/token", {"access_token": "a token"})
    token = await scripted.authenticator.token()
    assert token.access_token == "a token"


async def test_an_unreachable_name_from_discovery_is_in_the_error(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The user has never entered the name, so the error must contain it."""
    port = closed_port()
    name(server, f"http://127.0.0.1:{port}/IDP")
    with pytest.raises(UnreachableError, match=str(port)):
        await scripted.authenticator.token()


@pytest.mark.parametrize(
    "named",
    [
        None,
        "",
        17,
        "IDP",
        "http://",
        "http://[",
        "http://a..b/IDP",
        "ftp://example.com/IDP",
        "http://user:password@127.0.0.1:1/IDP",
        "http://127.0.0.1:99999/IDP",
        "javascript:alert(1)",
        "http://xn--\udcff/",
    ],
)
async def test_an_invalid_address_from_discovery_is_ignored(
    server: ScriptedServer, scripted: XProtectClient, named: object
) -> None:
    """No request can be sent to it."""
    name(server, named)
    with pytest.raises(NotAGatewayError):
        await scripted.authenticator.token()


@pytest.mark.parametrize(
    ("status", "error"),
    [(200, NotAGatewayError), (404, NotAGatewayError), (503, UnavailableError)],
)
async def test_without_a_discovery_document_there_is_no_identity_provider(
    server: ScriptedServer,
    scripted: XProtectClient,
    status: int,
    error: type[ApiError],
) -> None:
    """But the gateway may have one later."""
    server.answer_sign_in(status=404)
    server.answer("GET", "/api/.well-known/uris", b"<html>", status=status)
    with pytest.raises(error):
        await scripted.authenticator.token()


async def test_a_password_for_an_encrypted_address_is_never_sent_in_clear_text(
    clock: ManualClock, connect: Connect
) -> None:
    """An attacker who can change the gateway's answer could read it then."""
    async with (
        ScriptedServer() as other,
        Simulator(Options(tls=True), clock=clock) as sim,
    ):
        sim.faults.enable(f"idp_elsewhere:{other.url}")
        client = connect(sim.url, tls=trusting(sim.certificate_pem))
        with pytest.raises(InsecureIdentityProviderError, match="without encryption"):
            await client.authenticator.token()
    assert other.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/IDP/connect/token", "/api/rest/v1/sites"])
async def test_no_redirect_takes_a_secret_to_another_host(
    server: ScriptedServer, scripted: XProtectClient, status: int, path: str
) -> None:
    """A 307 would make most clients post the password again, to any host."""
    async with ScriptedServer() as stranger:
        for method in ("GET", "POST"):
            server.answer(
                method, path, status=status, headers={"Location": stranger.url}
            )
        with suppress(ApiError):
            await scripted.configuration.sites()
        assert path in server.paths("GET") + server.paths("POST")
        assert stranger.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_token_is_sent_to_a_redirected_websocket(
    server: ScriptedServer, scripted: XProtectClient, status: int
) -> None:
    """The library would follow the redirect of a WebSocket to any host."""
    async with ScriptedServer() as stranger:
        location = {"Location": stranger.url + STREAM_PATH}
        server.answer("GET", STREAM_PATH, status=status, headers=location)
        with suppress(ApiError):
            await scripted.streams.connect(forget)
        assert [one.authorization for one in server.received if one.path == STREAM_PATH]
        assert not stranger.received


async def forget(_events: tuple[Event, ...]) -> None:
    """Ignore events."""


def trusting(pem: bytes) -> ssl.SSLContext:
    """Return a context that trusts one certificate."""
    return ssl.create_default_context(cadata=pem.decode())
