"""Windows users of a site, in Home Assistant."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import requires, version
import json
from pathlib import Path

import aiohttp
from aiohttp import web
import homeassistant
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.requirements import CONSTRAINT_FILE
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.api import Refusal
from custom_components.xprotect_events.site_check import refused
from custom_components.xprotect_events.windows_support import REQUIREMENT
from tests.integration.conftest import Poll
from tests.integration.entries import load
from tests.integration.flow_forms import (
    assert_it_finishes,
    begin,
    form_for,
    submit,
)
from xprotect_simulator import Options, Simulator

USER, PASSWORD = r"CORP\ann", "a password"
# The beginning of the NTLM message that proves the password.
PROOF = base64.b64encode(b"NTLMSSP\0\3\0\0\0").decode()
ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "custom_components/xprotect_events/manifest.json"

OVER_TLS = Options(windows_username=USER, windows_password=PASSWORD, tls=True)
IN_CLEAR = Options(windows_username=USER, windows_password=PASSWORD)


def set_user(hass: HomeAssistant, entry: MockConfigEntry, **changes: object) -> None:
    """Change the entry to the Windows user."""
    user = {"authentication": "windows", "username": USER, "password": PASSWORD}
    hass.config_entries.async_update_entry(entry, data=entry.data | user | changes)


@pytest.mark.parametrize(
    ("simulator_options", "trust"),
    [(IN_CLEAR, "nobody"), (OVER_TLS, "everybody"), (OVER_TLS, "the certificate")],
)
async def test_certificates_for_windows_users_are_checked_like_others(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, trust: str
) -> None:
    """The login uses separate connections, which must trust the same certificates."""
    pem = simulator.certificate_pem.decode()
    changes: dict[str, dict[str, object]] = {
        "nobody": {},
        "everybody": {"verify_ssl": False},
        "the certificate": {"ca_certificate": pem},
    }
    set_user(hass, entry, **changes[trust])
    await load(hass, entry)
    assert [(one.username, one.outcome) for one in simulator.login_attempts] == [
        (USER, "success")
    ]


@pytest.mark.parametrize("simulator_options", [OVER_TLS])
async def test_an_untrusted_certificate_ends_the_login_before_it_begins(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Otherwise an unknown server would get a proof of the password."""
    set_user(hass, entry)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert not simulator.requests


@pytest.mark.parametrize("simulator_options", [IN_CLEAR])
async def test_a_refused_windows_user_opens_one_form(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Windows locks accounts, too."""
    set_user(hass, entry, password="wrong")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]
    assert len(simulator.login_attempts) == 1


WINDOWS = {"authentication": "windows", "username": USER, "password": PASSWORD}


@pytest.mark.parametrize("simulator_options", [OVER_TLS])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("windows_login_off", "windows_login_unavailable"),
        ("windows_login_cut", "windows_login_unavailable"),
        ("idp_elsewhere:http://127.0.0.1:1", "insecure_identity_provider"),
        ("idp_elsewhere:https://127.0.0.1:1", "cannot_connect"),
    ],
)
async def test_problems_of_windows_logins_are_shown_and_solved(
    hass: HomeAssistant, simulator: Simulator, fault: str, error: str
) -> None:
    """None of these is a wrong password, and none is reported as one."""
    flow_id = await begin(hass)
    simulator.faults.enable(fault)
    form = form_for(simulator, **WINDOWS, verify_ssl=False)
    result = await submit(hass, flow_id, form)
    assert result["errors"] == {"base": error}
    assert not simulator.login_attempts
    simulator.faults.clear()
    await assert_it_finishes(hass, simulator, flow_id, **WINDOWS, verify_ssl=False)


@pytest.mark.parametrize("simulator_options", [IN_CLEAR])
async def test_a_wrong_password_of_a_windows_user_is_tried_once_and_corrected(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The domain counts attempts for everything that the person uses."""
    flow_id = await begin(hass)
    form = form_for(simulator, **{**WINDOWS, "password": "wrong"})
    result = await submit(hass, flow_id, form)
    assert result["errors"] == {"base": "invalid_windows_auth"}
    assert len(simulator.login_attempts) == 1
    await assert_it_finishes(hass, simulator, flow_id, **WINDOWS)


class Proxy:
    """Forwards each request over a separate connection, like nginx by default."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.proofs = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Listen on a free port; yields the address."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._forward)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()

    async def _forward(self, request: web.Request) -> web.Response:
        message = request.headers.get("Authorization", "").removeprefix("NTLM ")
        self.proofs += message.startswith(PROOF)
        headers = {"Content-Type": request.content_type}
        if message:
            headers["Authorization"] = request.headers["Authorization"]
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method,
                self._server + request.path_qs,
                headers=headers,
                data=await request.read(),
            ) as answer,
        ):
            offers = answer.headers.getall("WWW-Authenticate", ())
            return web.Response(
                status=answer.status,
                body=await answer.read(),
                headers=[("WWW-Authenticate", offer) for offer in offers],
            )


@pytest.mark.parametrize("simulator_options", [IN_CLEAR])
async def test_a_proxy_that_breaks_windows_logins_is_named_as_a_cause(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, poll: Poll
) -> None:
    """The answers are the same; both causes are named, and nothing is sent again."""
    proxy = Proxy(simulator.url)
    async with proxy.listening() as address:
        set_user(hass, entry)
        data = {**entry.data, "url": address}
        hass.config_entries.async_update_entry(entry, data=data)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        await poll(24 * 3600)
    assert proxy.proofs == 1
    (flow,) = hass.config_entries.flow.async_progress()
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert result["errors"] == {"base": "invalid_windows_auth"}
    # The solution in the text.
    begun = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, begun["flow_id"], form_for(simulator, **WINDOWS))
    assert result["reason"] == "reconfigure_successful"
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("simulator_options", [IN_CLEAR])
async def test_a_basic_user_is_replaced_by_a_windows_user_and_back(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """An administrator may replace basic users by Windows users."""
    basic = {"authentication": "basic", "username": "demo", "password": "demo"}
    for user in (WINDOWS, basic):
        begun = await entry.start_reconfigure_flow(hass)
        form = form_for(simulator, **user)
        result = await submit(hass, begun["flow_id"], form)
        assert result["reason"] == "reconfigure_successful"
        assert entry.state is ConfigEntryState.LOADED
        assert entry.data | user == entry.data
        assert {one.outcome for one in simulator.login_attempts} == {"success"}
        assert simulator.login_attempts[-1].username == user["username"]


@pytest.mark.parametrize("simulator_options", [IN_CLEAR])
async def test_a_windows_user_signs_in_again_with_a_new_password(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The form for a new password does not ask for the kind of user."""
    set_user(hass, entry, password="yesterday")
    begun = await entry.start_reauth_flow(hass)
    typed = {"username": USER, "password": PASSWORD}
    result = await submit(hass, begun["flow_id"], typed)
    assert result["reason"] == "reauth_successful"
    assert entry.data["authentication"] == "windows"
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("environment", ["test", "demo"])
def test_the_package_is_installed_in_the_environments(environment: str) -> None:
    """Neither tests nor the demo may need the network at their start."""
    pinned = (ROOT / f"requirements/{environment}.txt").read_text().split()
    assert REQUIREMENT in pinned


class Internet:
    """The package index, which may be unreachable."""

    def __init__(self) -> None:
        self.is_there = False
        self.asked: list[str] = []

    def install(self, requirement: str, **_: object) -> bool:
        """Install a package."""
        self.asked.append(requirement)
        return self.is_there


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    """Pretend that the package is not installed yet."""
    internet = Internet()
    package = "homeassistant.requirements.pkg_util"
    monkeypatch.setattr(f"{package}.is_installed", lambda _: False)
    monkeypatch.setattr(f"{package}.install_package", internet.install)
    return internet


async def test_a_basic_user_needs_no_package_at_all(
    hass: HomeAssistant, internet: Internet, entry: MockConfigEntry
) -> None:
    """Many of these networks have no internet, which each update would need."""
    assert json.loads(MANIFEST.read_text())["requirements"] == []
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert internet.asked == []


@pytest.mark.parametrize("simulator_options", [IN_CLEAR])
async def test_a_package_that_could_not_be_installed_is_tried_again(
    hass: HomeAssistant,
    simulator: Simulator,
    internet: Internet,
    entry: MockConfigEntry,
) -> None:
    """Even without a restart."""
    set_user(hass, entry)
    for _ in range(2):
        internet.asked.clear()
        await hass.config_entries.async_reload(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "windows_support_missing"
        assert entry.error_reason_translation_placeholders == {"package": REQUIREMENT}
        assert set(internet.asked) == {REQUIREMENT}
    assert not simulator.requests
    internet.is_there = True
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert simulator.login_attempts


@pytest.mark.parametrize("simulator_options", [IN_CLEAR])
async def test_the_form_says_which_package_is_missing(
    hass: HomeAssistant, simulator: Simulator, internet: Internet
) -> None:
    """And that a basic user does not need it."""
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator, **WINDOWS))
    assert result["errors"] == {"base": "windows_support_missing"}
    assert result["description_placeholders"] == {"package": REQUIREMENT}
    assert not simulator.requests
    internet.is_there = True
    await assert_it_finishes(hass, simulator, flow_id, **WINDOWS)


def test_the_package_is_compatible_with_home_assistant_s_constraints() -> None:
    """Home Assistant installs nothing that its constraints exclude."""
    path = Path(homeassistant.__file__).parent / CONSTRAINT_FILE
    lines = [line for line in path.read_text().splitlines() if line[:1].isalnum()]
    pinned = {one.name.lower(): one.specifier for one in map(Requirement, lines)}
    assert "cryptography" in pinned
    ours = Requirement(REQUIREMENT)
    needed = [ours, *map(Requirement, requires(ours.name) or ())]
    for one in needed:
        if one.marker is not None and not one.marker.evaluate({"extra": ""}):
            continue
        installed = version(one.name)
        assert installed in one.specifier
        assert installed in pinned.get(one.name.lower(), SpecifierSet())


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal.INVALID, "invalid_windows_auth"),
        (Refusal.LOCKED, "account_locked"),
        (Refusal.MUST_CHANGE_PASSWORD, "password_must_change"),
    ],
)
def test_a_known_reason_is_not_blamed_on_a_proxy(refusal: Refusal, error: str) -> None:
    """A proxy breaks the login without one."""
    assert refused(refusal, {"authentication": "windows"}).key == error
