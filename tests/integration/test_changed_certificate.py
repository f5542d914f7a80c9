"""A server whose trusted certificate changes is sent nothing until it is trusted."""

import hashlib
import ssl
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import Poll
from tests.integration.entries import load
from tests.integration.flow_forms import (
    choose,
    form_for,
    replace_certificate,
    submit,
)
from tests.integration.name_server import Names
from tests.integration.repair_forms import open_repair, submit_repair
from xprotect_simulator import Options, Simulator

OVER_TLS = pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet", tls=True)]
)


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
    return await open_repair(hass, f"certificate_changed_{entry.entry_id}")


@OVER_TLS
async def test_a_refused_password_leaves_the_certificate_trusted(
    hass: HomeAssistant, simulator: Simulator, trusting: MockConfigEntry
) -> None:
    """The form for the connection does not ask twice."""
    flow_id = (await trusting.start_reconfigure_flow(hass))["flow_id"]
    result = await submit(hass, flow_id, form_for(simulator, password="wrong"))
    assert result["errors"] == {"base": "invalid_auth"}
    result = await submit(hass, flow_id, form_for(simulator))
    assert result["reason"] == "reconfigure_successful"
    assert "certificate_fingerprint" in trusting.data


@OVER_TLS
async def test_a_stored_certificate_is_trusted_at_its_address_only(
    hass: HomeAssistant, simulator: Simulator, trusting: MockConfigEntry
) -> None:
    """Another server may have been copied from this one."""
    flow_id = (await trusting.start_reconfigure_flow(hass))["flow_id"]
    moved = form_for(simulator, url=f"https://localhost:{simulator.port}")
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        return_value=Names(),
    ):
        result = await submit(hass, flow_id, moved)
    assert result["step_id"] == "certificate"
    assert not simulator.login_attempts


@OVER_TLS
async def test_another_certificate_gets_nothing_and_opens_a_repair(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    simulator: Simulator,
    trusting: MockConfigEntry,
    poll: Poll,
) -> None:
    """A renewal is usual once a year; another server in its place is not."""
    await load(hass, trusting)
    assert not issue_registry.issues
    await replace_certificate(simulator)
    await poll()
    assert not simulator.requests
    issue = (DOMAIN, f"certificate_changed_{trusting.entry_id}")
    assert issue in issue_registry.issues
    result = await fix(hass, trusting)
    assert result["step_id"] == "confirm"
    # Loading the page a second time accepts nothing.
    again = await submit_repair(hass, result, None)
    assert again["description_placeholders"] == result["description_placeholders"]
    assert not simulator.requests
    await submit_repair(hass, result, {})
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
    await load(hass, trusting)
    assert await hass.config_entries.async_unload(trusting.entry_id)
    await replace_certificate(simulator)
    assert await hass.config_entries.async_setup(trusting.entry_id)
    assert (DOMAIN, f"certificate_changed_{trusting.entry_id}") in issue_registry.issues


@OVER_TLS
async def test_the_repair_waits_for_an_unreachable_server(
    hass: HomeAssistant, simulator: Simulator, trusting: MockConfigEntry, poll: Poll
) -> None:
    """A certificate that is not shown cannot be compared."""
    await load(hass, trusting)
    await replace_certificate(simulator)
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
    await replace_certificate(simulator)
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
    await replace_certificate(simulator)
    begun = await trusting.start_reauth_flow(hass)
    typed = {"username": "demo", "password": "demo"}
    result = await submit(hass, begun["flow_id"], typed)
    assert result["errors"] == {"base": "certificate_changed"}
    assert not simulator.requests
    begun = await trusting.start_reconfigure_flow(hass)
    await submit(hass, begun["flow_id"], form_for(simulator))
    result = await choose(hass, begun["flow_id"], "trust_certificate")
    assert result["reason"] == "reconfigure_successful"
