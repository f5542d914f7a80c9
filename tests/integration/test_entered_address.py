"""An address that cannot work is refused, and the right one is suggested."""

from homeassistant.core import HomeAssistant
import pytest

from tests.api.servers import ScriptedServer, closed_port
from tests.integration.flow_forms import (
    assert_it_finishes,
    begin,
    facts_of,
    form_for,
    submit,
)
from xprotect_simulator import Simulator


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


@pytest.mark.parametrize("path", ["", "/vms"])
async def test_the_error_contains_the_encrypted_address(
    hass: HomeAssistant, simulator: Simulator, path: str
) -> None:
    """With its path, and with the port of the redirect."""
    flow_id = await begin(hass)
    simulator.faults.enable("redirect")
    typed = form_for(simulator, url=simulator.url + path)
    result = await submit(hass, flow_id, typed)
    assert result["errors"] == {"base": "use_https"}
    assert facts_of(result)["address"] == f"https://127.0.0.1:{simulator.port}{path}"
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
