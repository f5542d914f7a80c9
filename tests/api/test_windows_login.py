"""Windows users: NTLM over one connection, and the password proven once."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
import logging
import ssl

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import (
    Authentication,
    CredentialsRefusedError,
    LoginConnector,
    NotAGatewayError,
    Refusal,
    WindowsLoginError,
    XProtectClient,
)
from custom_components.xprotect_events.api.ntlm import Handshake
from custom_components.xprotect_events.api.sign_in_attempts import PAUSES
from tests.api.conftest import Connect
from tests.api.servers import Received, Reply, ScriptedServer
from xprotect_simulator import ManualClock, Options, Simulator

USER, PASSWORD = r"CORP\ann", "pässword &+=%"
TOKEN_PATH = "/IDP/connect/token"
# The shortest valid challenge.
CHALLENGE = base64.b64encode(
    b"NTLMSSP\0\2\0\0\0" + b"\0" * 8 + b"\1\2\x08\0" + b"\1" * 8 + b"\0" * 16
).decode()


@pytest.fixture(params=["http", "https"])
async def sim(
    clock: ManualClock, request: pytest.FixtureRequest
) -> AsyncIterator[Simulator]:
    """Return a site with a Windows user."""
    options = Options(
        windows_username=USER,
        windows_password=PASSWORD,
        tls=request.param == "https",
    )
    async with Simulator(options, clock=clock) as simulator:
        yield simulator


class Visitors:
    """Windows users of a site, and the connections of their logins."""

    def __init__(self, sim: Simulator, connect: Connect) -> None:
        pem = sim.certificate_pem.decode()
        self._tls = ssl.create_default_context(cadata=pem) if pem else True
        self._sim = sim
        self._connect = connect
        self.connectors: list[LoginConnector] = []

    def client(self, username: str = USER, password: str = PASSWORD) -> XProtectClient:
        """Return a client that has not connected yet."""
        return self._connect(
            self._sim.url,
            username=username,
            password=password,
            authentication=Authentication.WINDOWS,
            tls=self._tls,
            login_connector=self._connector,
        )

    def _connector(self) -> LoginConnector:
        self.connectors.append(LoginConnector())
        return self.connectors[-1]


@pytest.fixture
def visitors(sim: Simulator, connect: Connect) -> Visitors:
    """Return the Windows users of the site."""
    return Visitors(sim, connect)


@pytest.fixture
def stranger(server: ScriptedServer, connect: Connect) -> XProtectClient:
    """Return a client of the scripted server for a Windows user."""
    return windows_client(connect, server.url)


def windows_client(connect: Connect, url: str) -> XProtectClient:
    """Return a client of any server for a Windows user."""
    return connect(
        url,
        username=USER,
        password=PASSWORD,
        authentication=Authentication.WINDOWS,
    )


def token_answers(sim: Simulator) -> list[int]:
    """Return the statuses of the requests for a token, in order."""
    return [one.status for one in sim.requests if one.path.endswith("/token")]


@pytest.mark.parametrize("username", [USER, r"corp\ANN", "ann@CORP"])
async def test_a_windows_user_signs_in_by_ntlm(
    sim: Simulator, visitors: Visitors, username: str
) -> None:
    """Most sites have Windows users; over TLS the login is bound to the certificate."""
    assert len(await visitors.client(username).configuration.sites()) == 1
    assert token_answers(sim) == [401, 401, 200]
    assert [(one.username, one.outcome) for one in sim.login_attempts] == [
        (USER, "success")
    ]


async def test_the_token_is_renewed_the_same_way(
    sim: Simulator, visitors: Visitors, clock: ManualClock
) -> None:
    """After an hour nobody is there to enter the password."""
    client = visitors.client()
    await client.configuration.sites()
    await clock.advance(3600)
    await client.configuration.sites()
    assert [one.outcome for one in sim.login_attempts] == ["success"] * 2


async def test_every_login_has_its_own_connection_and_closes_it(
    visitors: Visitors, clock: ManualClock
) -> None:
    """A signed-in connection could be used with the user's rights."""
    client = visitors.client()
    await client.authenticator.token()
    await clock.advance(3600)
    await client.authenticator.token()
    assert [connector.closed for connector in visitors.connectors] == [True, True]
    assert {connector.limit for connector in visitors.connectors} == {1}


async def test_a_wrong_password_is_proven_once_and_never_again(
    sim: Simulator, visitors: Visitors
) -> None:
    """Windows locks the account for everything that the person uses."""
    client = visitors.client(password="wrong")
    for _ in range(3):
        with pytest.raises(CredentialsRefusedError) as caught:
            await client.configuration.sites()
        assert caught.value.refusal is Refusal.INVALID
    assert token_answers(sim) == [401, 401, 401]
    assert [one.outcome for one in sim.login_attempts] == ["InvalidCredentials"]
    assert visitors.connectors[0].closed


async def test_twenty_callers_at_once_prove_a_wrong_password_once(
    sim: Simulator, visitors: Visitors
) -> None:
    """At the start everything asks at the same time."""
    client = visitors.client(password="wrong")
    results = await asyncio.gather(
        *(client.configuration.sites() for _ in range(20)), return_exceptions=True
    )
    assert {type(result) for result in results} == {CredentialsRefusedError}
    assert len(sim.login_attempts) == 1


@pytest.mark.parametrize("act", ["lock", "require_password_change"])
async def test_a_refusal_by_windows_has_no_reason(
    sim: Simulator, visitors: Visitors, act: str
) -> None:
    """IIS answers a bare 401 for every problem with the account."""
    getattr(sim.identity, act)(USER)
    with pytest.raises(CredentialsRefusedError) as caught:
        await visitors.client().authenticator.token()
    assert caught.value.refusal is Refusal.INVALID


@pytest.mark.parametrize("code", ["LockedOut", "ChangePassword", "InvalidCredentials"])
async def test_refusals_of_a_windows_user_by_xprotect_are_understood(
    server: ScriptedServer, stranger: XProtectClient, code: str
) -> None:
    """A Windows user may have no access to XProtect."""
    body = {"error": "invalid_grant", "error_code": code}
    server.answer("POST", TOKEN_PATH, body, status=400)
    with pytest.raises(CredentialsRefusedError) as caught:
        await stranger.authenticator.token()
    assert caught.value.refusal == code


async def test_a_basic_user_cannot_sign_in_as_a_windows_user(
    sim: Simulator, visitors: Visitors, connect: Connect
) -> None:
    """The two kinds of users sign in differently."""
    with pytest.raises(CredentialsRefusedError):
        await visitors.client("demo", "demo").authenticator.token()
    if not sim.certificate_pem:
        basic = connect(sim.url, username=USER, password=PASSWORD)
        with pytest.raises(CredentialsRefusedError):
            await basic.authenticator.token()


async def test_windows_users_sign_in_at_the_identity_provider_itself(
    server: ScriptedServer, stranger: XProtectClient
) -> None:
    """The gateway shares its connections, so NTLM cannot pass it."""
    server.answer_sign_in(status=404)
    with pytest.raises(NotAGatewayError):
        await stranger.authenticator.token()
    assert server.paths("POST") == [TOKEN_PATH]


async def test_a_missing_windows_login_is_not_a_wrong_password(
    sim: Simulator, visitors: Visitors, clock: ManualClock
) -> None:
    """It may be switched off in IIS; then the password is not the problem."""
    sim.faults.enable("windows_login_off:count=1")
    client = visitors.client()
    with pytest.raises(WindowsLoginError, match="does not offer Windows login"):
        await client.authenticator.token()
    assert len(sim.login_attempts) == 0
    await clock.advance(PAUSES[0])
    await client.authenticator.token()


async def test_a_replaced_connection_is_not_a_wrong_password(
    sim: Simulator, visitors: Visitors, clock: ManualClock
) -> None:
    """Behind such a proxy every proof would be refused, and the account locked."""
    sim.faults.enable("windows_login_cut")
    client = visitors.client()
    with pytest.raises(WindowsLoginError, match="a proxy may be in the way"):
        await client.authenticator.token()
    assert token_answers(sim) == [401, 401]
    sim.faults.clear()
    await clock.advance(PAUSES[0])
    await client.authenticator.token()


OFFERS = {"WWW-Authenticate": "Negotiate, NTLM"}


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        ({}, {}, "does not offer"),
        ({"WWW-Authenticate": 'Basic realm="x", Digest'}, {}, "does not offer"),
        ({"WWW-Authenticate": "NTLMX, ,"}, {}, "does not offer"),
        (OFFERS, OFFERS, "does not go on"),
        (OFFERS, {"WWW-Authenticate": "NTLM !!"}, "does not go on"),
        (OFFERS, {"WWW-Authenticate": "Negotiate TlRM"}, "does not go on"),
        (OFFERS, {"WWW-Authenticate": "NTLM TlRM"}, "cannot be understood"),
        (OFFERS, {"WWW-Authenticate": "NTLM " + "A" * 4000}, "cannot be understood"),
    ],
)
async def test_a_server_that_breaks_the_protocol_gets_no_proof(
    server: ScriptedServer,
    stranger: XProtectClient,
    first: dict[str, str],
    second: dict[str, str],
    error: str,
) -> None:
    """The error is not about the password, because it was not checked."""
    server.answer_in_turn(
        "POST",
        TOKEN_PATH,
        Reply(status=401, headers=first),
        Reply(status=401, headers=second),
    )
    with pytest.raises(WindowsLoginError, match=error):
        await stranger.authenticator.token()
    assert 3 not in map(kind_of, server.received)


def kind_of(received: Received) -> int:
    """Return the number of the NTLM message in a request; 0: there is none."""
    if received.authorization is None:
        return 0
    message = base64.b64decode(received.authorization.partition(" ")[2])
    return message[8]


async def test_negotiate_without_ntlm_is_enough(
    server: ScriptedServer, stranger: XProtectClient
) -> None:
    """An administrator may have removed NTLM from the list; Negotiate contains it."""
    server.answer_in_turn(
        "POST",
        TOKEN_PATH,
        Reply(status=401, headers={"WWW-Authenticate": "Negotiate"}),
        Reply(status=401, headers={"WWW-Authenticate": f"Negotiate {CHALLENGE}"}),
    )
    assert (await stranger.authenticator.token()).access_token == "token-1"
    assert [kind_of(one) for one in server.received] == [0, 1, 3]
    assert {
        one.authorization.split()[0] for one in server.received if one.authorization
    } == {"Negotiate"}


@pytest.mark.parametrize("reached", [1, 2])
async def test_a_server_that_requires_no_proof_gets_none(
    server: ScriptedServer, stranger: XProtectClient, reached: int
) -> None:
    """The answer to the first request is used."""
    refusals = [Reply(status=401, headers=OFFERS)] * (reached - 1)
    server.answer_in_turn("POST", TOKEN_PATH, *refusals)
    assert (await stranger.authenticator.token()).access_token == "token-1"
    assert [kind_of(one) for one in server.received] == [0, 1][:reached]


@given(
    challenge=st.binary(max_size=200)
    | st.binary(max_size=200).map(b"NTLMSSP\0\2\0\0\0".__add__)
)
def test_any_challenge_is_handled(challenge: bytes) -> None:
    """The server has not proved its identity yet."""
    handshake = Handshake("host", USER, PASSWORD)
    handshake.begin()
    with suppress(WindowsLoginError):
        assert handshake.prove(challenge, None).startswith(b"NTLMSSP\0\3")


def test_a_user_without_a_name_is_refused_here() -> None:
    """The library would look for users in files of this machine."""
    with pytest.raises(WindowsLoginError, match="name and password") as caught:
        Handshake("host", "", PASSWORD)
    assert caught.value.__cause__ is None


def test_an_unreadable_certificate_is_handled() -> None:
    """It was accepted unchecked, because verification was switched off."""
    handshake = Handshake("host", USER, PASSWORD)
    handshake.begin()
    with pytest.raises(WindowsLoginError):
        handshake.prove(base64.b64decode(CHALLENGE), b"no certificate")


def test_a_certificate_without_a_signature_hash_is_hashed_with_sha_256() -> None:
    """Newer signatures have no separate hash; SHA-256 is used."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vms")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now)
        .sign(key, None)
        .public_bytes(Encoding.DER)
    )
    handshake = Handshake("host", USER, PASSWORD)
    handshake.begin()
    assert handshake.prove(base64.b64decode(CHALLENGE), certificate)


async def test_no_message_of_a_login_reaches_a_log(
    visitors: Visitors, caplog: pytest.LogCaptureFixture
) -> None:
    """Weak passwords can be guessed from them; debug logs are posted in public."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    await visitors.client().authenticator.token()
    assert [one.name for one in caplog.records if one.name.startswith("spnego")] == []
    assert "TlRM" not in caplog.text
