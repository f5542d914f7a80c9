"""Only the certificate that the user has inspected is trusted."""

from collections.abc import Mapping
import hashlib
from pathlib import Path
import ssl
from typing import Any

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.api.servers import ScriptedServer, closed_port
from tests.integration.certificate_authority import Certificate
from tests.integration.conftest import Poll
from tests.integration.flow_forms import (
    assert_it_finishes,
    begin,
    choose,
    form_for,
    submit,
    suggestions,
)
from xprotect_simulator import Options, Simulator
from xprotect_simulator.certificate import self_signed

USER, PASSWORD = r"CORP\ann", "a password"
TLS = Options(scenario="quiet", tls=True)
EXPIRED = Options(scenario="quiet", tls=True, certificate_days=-1)
WINDOWS = Options(windows_username=USER, windows_password=PASSWORD, tls=True)
WINDOWS_USER = {"authentication": "windows", "username": USER, "password": PASSWORD}

OVER_TLS = pytest.mark.parametrize("simulator_options", [TLS])


def facts_of(result: ConfigFlowResult) -> Mapping[str, str]:
    """Return the facts about a certificate on a page."""
    facts = result["description_placeholders"]
    assert facts is not None
    return facts


async def show(
    hass: HomeAssistant, simulator: Simulator, **changes: object
) -> tuple[str, ConfigFlowResult]:
    """Fill in the form; return the flow's id and the next page."""
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator, **changes))
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "certificate")
    assert result["menu_options"] == ["trust_certificate", "user"]
    assert not simulator.requests
    return flow_id, result


async def show_another(simulator: Simulator) -> None:
    """Give the server another certificate."""
    await simulator.stop()
    simulator.replace_certificate()
    await simulator.start()
    simulator.requests.clear()
    simulator.login_attempts.clear()


@pytest.mark.parametrize(
    ("simulator_options", "user"),
    [(TLS, {}), (EXPIRED, {}), (WINDOWS, WINDOWS_USER)],
    ids=["self-signed", "expired", "Windows"],
)
async def test_a_certificate_is_shown_and_trusted_on_request(
    hass: HomeAssistant, simulator: Simulator, user: dict[str, str]
) -> None:
    """For sign-in, REST and WebSocket, whatever its dates and names."""
    flow_id, shown = await show(hass, simulator, **user)
    result = await choose(hass, flow_id, "trust_certificate")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.data["certificate_fingerprint"] == facts_of(shown)["fingerprint"]
    assert "ca_certificate" not in entry.data
    assert entry.state is ConfigEntryState.LOADED
    await simulator.sockets.until(lambda: simulator.sockets.accepted > 0)
    assert {one.outcome for one in simulator.login_attempts} == {"success"}


@OVER_TLS
async def test_nothing_is_trusted_that_was_not_shown(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Another server may answer while the page is being read."""
    flow_id, shown = await show(hass, simulator)
    await show_another(simulator)
    result = await choose(hass, flow_id, "trust_certificate")
    assert result["step_id"] == "certificate_changed"
    assert facts_of(result)["fingerprint"] != facts_of(shown)["fingerprint"]
    assert not simulator.requests
    result = await choose(hass, flow_id, "user")
    assert result["errors"] == {"base": "certificate_changed"}
    await submit(hass, flow_id, form_for(simulator))
    result = await choose(hass, flow_id, "trust_certificate")
    assert result["type"] is FlowResultType.CREATE_ENTRY


@OVER_TLS
async def test_a_certificate_that_was_pasted_wrongly_gives_way_to_the_trusted_one(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The form that comes again would bring the wrong one back, and ask again."""
    wrong, _ = self_signed("127.0.0.1", 30)
    pasted = {"ca_certificate": wrong.decode()}
    flow_id, _ = await show(hass, simulator, password="wrong", advanced=pasted)
    result = await choose(hass, flow_id, "trust_certificate")
    assert result["errors"] == {"base": "invalid_auth"}
    assert result["data_schema"] is not None
    shown = dict(suggestions(result["data_schema"].schema))
    assert "ca_certificate" not in shown
    await assert_it_finishes(hass, simulator, flow_id)


@OVER_TLS
async def test_the_page_can_be_loaded_again(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The page may be open for long, while the user goes to the server."""
    flow_id, shown = await show(hass, simulator)
    again = await hass.config_entries.flow.async_configure(flow_id)
    assert facts_of(again) == facts_of(shown)


async def test_certificates_signed_by_the_trusted_one_are_not_trusted(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    """Milestone's own certificates are often authorities, which can sign any name."""
    authority = Certificate.issue("VMS Certificate Authority")
    certificate, key = authority.save(tmp_path)
    options = Options(scenario="quiet", tls_cert=certificate, tls_key=key)
    async with Simulator(options) as simulator:
        flow_id, _ = await show(hass, simulator)
    signed = Certificate.issue("vms", issuer=authority)
    certificate, key = signed.save(tmp_path)
    async with Simulator(
        Options(
            scenario="quiet",
            tls_cert=certificate,
            tls_key=key,
            port=simulator.port,
        )
    ) as other:
        result = await choose(hass, flow_id, "trust_certificate")
        assert result["step_id"] == "certificate_changed"
        assert not other.requests


async def test_a_certificate_without_addresses_says_so(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    """Older tools write the host into the common name only, which is not checked."""
    certificate, key = Certificate.issue("vms", host=None).save(tmp_path)
    options = Options(scenario="quiet", tls_cert=certificate, tls_key=key)
    async with Simulator(options) as simulator:
        flow_id, shown = await show(hass, simulator)
        assert (facts_of(shown)["subject"], facts_of(shown)["names"]) == ("CN=vms", "?")
        result = await choose(hass, flow_id, "trust_certificate")
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.config_entries.async_unload(result["result"].entry_id)


@OVER_TLS
async def test_it_is_trusted_at_its_own_address_only(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The identity provider on another host has its own certificate."""
    flow_id, _ = await show(hass, simulator)
    async with Simulator(TLS) as other:
        simulator.faults.enable(f"idp_elsewhere:{other.url}")
        result = await choose(hass, flow_id, "trust_certificate")
        assert result["errors"] == {"base": "ssl_error"}
        assert not other.requests
    simulator.faults.clear()
    await assert_it_finishes(hass, simulator, flow_id)


@OVER_TLS
async def test_the_password_is_kept_for_the_same_origin_and_never_shown(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The user enters it once, and no other server gets it."""
    flow_id, shown = await show(hass, simulator)
    result = await choose(hass, flow_id, "user")
    assert result["errors"] == {"base": "ssl_error"}
    assert "demo'" not in str(shown["description_placeholders"])
    form = form_for(simulator, verify_ssl=False)
    del form["password"]
    async with Simulator(TLS) as other:
        result = await submit(hass, flow_id, {**form, "url": other.url})
        assert result["errors"] == {"password": "password_needed"}
        assert not other.requests
    result = await submit(hass, flow_id, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["password"] == "demo"


async def test_a_refused_password_is_not_sent_again_for_an_empty_field(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """It would be a needless attempt."""
    flow_id = await begin(hass)
    await submit(hass, flow_id, form_for(simulator, password="wrong"))
    form = form_for(simulator)
    del form["password"]
    with pytest.raises(InvalidData, match="password"):
        await submit(hass, flow_id, form)
    assert len(simulator.login_attempts) == 1
    await assert_it_finishes(hass, simulator, flow_id)


@pytest.fixture
def trusting(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> MockConfigEntry:
    """Trust the first certificate of the server."""
    der = ssl.PEM_cert_to_DER_cert(simulator.certificate_pem.decode())
    fingerprint = hashlib.sha256(der).hexdigest()
    data = {**entry.data, "certificate_fingerprint": fingerprint}
    hass.config_entries.async_update_entry(entry, data=data)
    return entry


async def fix(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Press the button of the repair."""
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    issue_id = f"certificate_changed_{entry.entry_id}"
    result = await manager.async_init(DOMAIN, context={"issue_id": issue_id})
    return dict(result)


@OVER_TLS
async def test_another_certificate_gets_nothing_and_opens_a_repair(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    simulator: Simulator,
    trusting: MockConfigEntry,
    poll: Poll,
) -> None:
    """A renewal is usual once a year; another server in its place is not."""
    assert await hass.config_entries.async_setup(trusting.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not issue_registry.issues
    await show_another(simulator)
    await poll()
    assert not simulator.requests
    issue = (DOMAIN, f"certificate_changed_{trusting.entry_id}")
    assert issue in issue_registry.issues
    result = await fix(hass, trusting)
    assert result["step_id"] == "confirm"
    manager = repairs_flow_manager(hass)
    assert manager is not None
    # Loading the page a second time accepts nothing.
    again = await manager.async_configure(result["flow_id"], None)
    assert again["description_placeholders"] == result["description_placeholders"]
    assert not simulator.requests
    await manager.async_configure(result["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert trusting.state is ConfigEntryState.LOADED
    shown = result["description_placeholders"]["fingerprint"]
    assert trusting.data["certificate_fingerprint"] == shown
    await poll()
    assert simulator.requests
    assert issue not in issue_registry.issues


@OVER_TLS
async def test_a_certificate_that_changed_while_home_assistant_was_stopped_opens_it_too(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    simulator: Simulator,
    trusting: MockConfigEntry,
) -> None:
    """A known site is loaded from disk, so no failed set-up shows the problem."""
    assert await hass.config_entries.async_setup(trusting.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await hass.config_entries.async_unload(trusting.entry_id)
    await show_another(simulator)
    assert await hass.config_entries.async_setup(trusting.entry_id)
    assert (DOMAIN, f"certificate_changed_{trusting.entry_id}") in issue_registry.issues


@OVER_TLS
async def test_the_repair_waits_for_an_unreachable_server(
    hass: HomeAssistant, simulator: Simulator, trusting: MockConfigEntry, poll: Poll
) -> None:
    """A certificate that is not shown cannot be compared."""
    assert await hass.config_entries.async_setup(trusting.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await show_another(simulator)
    await poll()
    await simulator.stop()
    result = await fix(hass, trusting)
    assert result["reason"] == "cannot_connect"
    await simulator.start()


@OVER_TLS
async def test_a_changed_certificate_is_trusted_when_reconfiguring(
    hass: HomeAssistant, simulator: Simulator, trusting: MockConfigEntry
) -> None:
    """The same page as in the set-up, with another title."""
    await show_another(simulator)
    begun = await trusting.start_reconfigure_flow(hass)
    form = form_for(simulator)
    del form["password"]
    result = await submit(hass, begun["flow_id"], form)
    assert result["step_id"] == "certificate_changed"
    assert result["menu_options"] == ["trust_certificate", "reconfigure"]
    result = await choose(hass, begun["flow_id"], "trust_certificate")
    assert result["reason"] == "reconfigure_successful"
    assert trusting.state is ConfigEntryState.LOADED


@OVER_TLS
@pytest.mark.parametrize("how", ["authority", "nobody"])
async def test_another_form_of_trust_replaces_a_pin(
    hass: HomeAssistant, simulator: Simulator, trusting: MockConfigEntry, how: str
) -> None:
    """With a certificate of an authority, an old pin must not stop the next renewal."""
    pem = simulator.certificate_pem.decode()
    changes: dict[str, object] = (
        {"verify_ssl": False}
        if how == "nobody"
        else {"advanced": {"ca_certificate": pem}}
    )
    begun = await trusting.start_reconfigure_flow(hass)
    result = await submit(hass, begun["flow_id"], form_for(simulator, **changes))
    assert result["reason"] == "reconfigure_successful"
    assert "certificate_fingerprint" not in trusting.data


@OVER_TLS
async def test_a_form_for_a_new_password_names_the_changed_certificate(
    hass: HomeAssistant, simulator: Simulator, trusting: MockConfigEntry
) -> None:
    """It has no page for certificates, and names the form that has one."""
    await show_another(simulator)
    begun = await trusting.start_reauth_flow(hass)
    typed = {"username": "demo", "password": "demo"}
    result = await submit(hass, begun["flow_id"], typed)
    assert result["errors"] == {"base": "certificate_changed"}
    assert not simulator.requests
    begun = await trusting.start_reconfigure_flow(hass)
    await submit(hass, begun["flow_id"], form_for(simulator))
    result = await choose(hass, begun["flow_id"], "trust_certificate")
    assert result["reason"] == "reconfigure_successful"


async def test_a_server_without_encryption_has_its_own_error(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Encryption is assumed, and no password is sent without it."""
    flow_id = await begin(hass)
    address = f"127.0.0.1:{simulator.port}"
    result = await submit(hass, flow_id, form_for(simulator, url=address))
    assert result["errors"] == {"base": "only_http"}
    assert facts_of(result)["address"] == f"http://{address}"
    assert not simulator.login_attempts
    await assert_it_finishes(hass, simulator, flow_id)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vms. example.com", "vms.example.com"),
        ("https://my vms:8443", "https://myvms:8443"),
        ("2001:db8::1", "[2001:db8::1]"),
        ("https:/vms.example.com", "https://vms.example.com"),
        ("http//vms:8080", "http://vms:8080"),
        ("HTTPS://https://vms", "https://vms"),
        ("https:vms", "https://vms"),
    ],
)
async def test_a_corrected_address_is_suggested(
    hass: HomeAssistant, simulator: Simulator, typed: str, meant: str
) -> None:
    """The error contains the right address."""
    flow_id = await begin(hass)
    result = await submit(hass, flow_id, form_for(simulator, url=typed))
    assert result["errors"] == {"url": "address_suggestion"}
    assert facts_of(result)["address"] == meant
    await assert_it_finishes(hass, simulator, flow_id)


async def test_the_error_contains_the_encrypted_address(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """With its path, and with the port of the redirect."""
    flow_id = await begin(hass)
    simulator.faults.enable("redirect")
    result = await submit(hass, flow_id, form_for(simulator))
    assert result["errors"] == {"base": "use_https"}
    assert facts_of(result)["address"] == f"https://127.0.0.1:{simulator.port}"
    assert not simulator.login_attempts
    simulator.faults.clear()
    await assert_it_finishes(hass, simulator, flow_id)


async def test_an_invalid_redirect_is_not_suggested(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """A server may send anything."""
    flow_id = await begin(hass)
    async with ScriptedServer() as server:
        server.answer(
            "GET", "/api/.well-known/uris", status=301, headers={"Location": "http://["}
        )
        result = await submit(hass, flow_id, form_for(simulator, url=server.url))
    assert result["errors"] == {"base": "no_api_gateway"}
    await assert_it_finishes(hass, simulator, flow_id)


async def test_a_server_that_never_answers_cannot_be_reached(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Neither with encryption nor without."""
    flow_id = await begin(hass)
    form = form_for(simulator, url=f"127.0.0.1:{closed_port()}")
    result = await submit(hass, flow_id, form)
    assert result["errors"] == {"base": "cannot_connect"}
    await assert_it_finishes(hass, simulator, flow_id)
