"""Only the certificate that the user has inspected is trusted."""

from pathlib import Path
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest

from tests.integration.certificate_authority import Certificate
from tests.integration.flow_forms import (
    assert_it_finishes,
    begin,
    choose,
    facts_of,
    form_for,
    replace_certificate,
    submit,
    suggestions,
)
from tests.integration.name_server import Names
from xprotect_simulator import Options, Simulator
from xprotect_simulator.certificate import self_signed

USER, PASSWORD = r"CORP\ann", "a password"
TLS = Options(scenario="quiet", tls=True)
EXPIRED = Options(scenario="quiet", tls=True, certificate_days=-1)
WINDOWS = Options(windows_username=USER, windows_password=PASSWORD, tls=True)
WINDOWS_USER = {"authentication": "windows", "username": USER, "password": PASSWORD}

OVER_TLS = pytest.mark.parametrize("simulator_options", [TLS])


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
    await replace_certificate(simulator)
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
    """Otherwise the next form would contain the wrong one again."""
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
async def test_it_is_shown_again_at_another_address(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Another server may have been copied from this one."""
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        return_value=Names(),
    ):
        flow_id, _ = await show(hass, simulator, password="wrong")
        result = await choose(hass, flow_id, "trust_certificate")
        assert result["errors"] == {"base": "invalid_auth"}
        moved = form_for(simulator, url=f"https://localhost:{simulator.port}")
        result = await submit(hass, flow_id, moved)
    assert result["step_id"] == "certificate"
    assert len(simulator.login_attempts) == 1


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
