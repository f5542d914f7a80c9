"""Windows users, with third-party clients."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import requests
from requests_ntlm import HttpNtlmAuth
import spnego

from xprotect_simulator import OptionError, Options, Simulator

from .client import Client

USER, PASSWORD = r"CORP\ann", "pässword &+=%"
FORM = {"grant_type": "windows_credentials", "client_id": "GrantValidatorClient"}


@pytest.fixture(params=["http", "https"])
async def sim(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    """Return a site with a Windows user."""
    options = Options(
        windows_username=USER, windows_password=PASSWORD, tls=request.param == "https"
    )
    async with Simulator(options) as simulator:
        yield simulator


@pytest.fixture
def trust(sim: Simulator, tmp_path: Path) -> str | bool:
    """Return the file with which `requests` trusts the site."""
    path = tmp_path / "certificate.pem"
    path.write_bytes(sim.certificate_pem)
    return str(path) if sim.certificate_pem else True


async def ask(
    sim: Simulator,
    trust: str | bool,
    auth: HttpNtlmAuth | None,
    path: str = "/IDP/connect/token",
    **form: str,
) -> requests.Response:
    """Request a token like the vendor's samples, in a thread."""
    return await asyncio.to_thread(
        requests.post,
        sim.url + path,
        data=FORM | form,
        auth=auth,
        verify=trust,
        timeout=30,
    )


@pytest.mark.parametrize("username", [USER, r"corp\ANN", "ann@corp"])
async def test_a_windows_user_gets_a_token(
    sim: Simulator, trust: str | bool, username: str
) -> None:
    """With the library of the vendor's samples, bound to the certificate."""
    answer = await ask(sim, trust, HttpNtlmAuth(username, PASSWORD))
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert [one.status for one in sim.requests] == [401, 401, 200]
    assert sim.identity.principal(f"Bearer {answer.json()['access_token']}").user
    assert [(one.username, one.outcome) for one in sim.login_attempts] == [
        (USER, "success")
    ]


@pytest.mark.parametrize(
    ("username", "password"), [(USER, "wrong"), (r"CORP\bob", PASSWORD)]
)
async def test_a_wrong_proof_is_refused_as_by_iis(
    sim: Simulator, trust: str | bool, username: str, password: str
) -> None:
    """The application never sees the request, so there is no JSON."""
    answer = await ask(sim, trust, HttpNtlmAuth(username, password))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Negotiate, NTLM"
    assert "json" not in answer.headers["Content-Type"]
    assert [(one.username, one.outcome) for one in sim.login_attempts] == [
        (username, "InvalidCredentials")
    ]


async def test_five_wrong_proofs_lock_the_account(
    sim: Simulator, trust: str | bool
) -> None:
    """Windows does not report it over HTTP: the right password is just refused."""
    for _ in range(5):
        await ask(sim, trust, HttpNtlmAuth(USER, "wrong"))
    assert (await ask(sim, trust, HttpNtlmAuth(USER, PASSWORD))).status_code == 401
    assert sim.login_attempts[-1].outcome == "LockedOut"
    sim.identity.unlock(USER)
    assert (await ask(sim, trust, HttpNtlmAuth(USER, PASSWORD))).status_code == 200


async def test_a_login_without_channel_binding_is_refused_over_tls(
    sim: Simulator, trust: str | bool
) -> None:
    """As by a server with extended protection."""
    auth = HttpNtlmAuth(USER, PASSWORD, send_cbt=False)
    answer = await ask(sim, trust, auth)
    assert answer.status_code == (401 if sim.certificate_pem else 200)


async def test_the_gateway_cannot_forward_ntlm(
    sim: Simulator, trust: str | bool
) -> None:
    """Its clients share connections to the identity provider."""
    auth = HttpNtlmAuth(USER, PASSWORD)
    path = "/API/IDP/connect/token"
    with pytest.raises(PermissionError):
        await ask(sim, trust, auth, path)
    assert len(sim.login_attempts) == 0


async def test_only_the_right_client_gets_a_token(
    sim: Simulator, trust: str | bool
) -> None:
    """The error codes are those of the standard."""
    auth = HttpNtlmAuth(USER, PASSWORD)
    answer = await ask(sim, trust, auth, client_id="Nobody")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


@pytest.mark.parametrize("sim", ["http"], indirect=True)
async def test_ntlm_inside_negotiate_is_accepted(sim: Simulator) -> None:
    """Windows' own clients wrap NTLM like this."""
    context = spnego.client(
        USER,
        PASSWORD,
        protocol="negotiate",
        options=spnego.NegotiateOptions.use_negotiate,
    )
    message = context.step() or b""
    statuses: list[int] = []
    async with aiohttp.ClientSession() as session:
        while not context.complete and len(statuses) < 3:
            sent = base64.b64encode(message).decode()
            async with session.post(
                f"{sim.url}/IDP/connect/token",
                data=FORM,
                headers={"Authorization": f"Negotiate {sent}"},
            ) as answer:
                statuses.append(answer.status)
                offer = answer.headers.get("WWW-Authenticate", "")
            if answer.status == 200:
                break
            message = context.step(base64.b64decode(offer.split()[-1])) or b""
    assert statuses == [401, 200]


@pytest.mark.parametrize("sim", ["http"], indirect=True)
@pytest.mark.parametrize(
    "header",
    [
        None,
        "Bearer x",
        "NTLM",
        "NTLM !!",
        "NTLM TlRMTVNTUAADAAAA",
        "Negotiate AAAA",
        "Negotiate " + "A" * 1000,
    ],
)
async def test_other_messages_are_refused(stranger: Client, header: str | None) -> None:
    """Including a proof without a challenge."""
    if header is not None:
        stranger.headers["Authorization"] = header
    answer = await stranger.token(grant_type="windows_credentials")
    assert answer.status == 401
    assert not answer.is_json
    assert answer.headers["WWW-Authenticate"] == "Negotiate"


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "x"), ("CORP\\", "x"), ("\\ann", "x"), (USER, "a:b"), ("C:\\ann", "x")],
)
def test_unreadable_messages_are_refused_at_once(name: str, password: str) -> None:
    """A typing mistake must not look like a wrong password."""
    with pytest.raises(OptionError):
        Simulator(Options(windows_username=name, windows_password=password))
