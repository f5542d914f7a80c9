"""Filling in the forms that set a site up."""

from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section

from custom_components.xprotect_events.const import DOMAIN
from xprotect_simulator import Simulator

# The last step, which offers areas.
AREAS = "areas"

type Form = dict[str, Any]


def form_for(simulator: Simulator, **changes: object) -> Form:
    """Return correct answers to the form, except for these."""
    return {
        "url": simulator.url,
        "username": "demo",
        "password": "demo",
        "verify_ssl": True,
        "advanced": {},
        **changes,
    }


async def begin(hass: HomeAssistant) -> str:
    """Open the form, and return the flow's id."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    assert result["errors"] == {}
    return result["flow_id"]


async def submit(
    hass: HomeAssistant, flow_id: str, form: Mapping[str, Any]
) -> ConfigFlowResult:
    """Send the form; a set-up that follows is over when this returns.

    No areas are chosen; tests of that step call it themselves.
    """
    result = await hass.config_entries.flow.async_configure(flow_id, dict(form))
    if result["type"] is FlowResultType.FORM and result["step_id"] == AREAS:
        result = await hass.config_entries.flow.async_configure(flow_id, {})
    # The event stream is a background task that does not end by itself.
    await hass.async_block_till_done()
    return result


async def choose(hass: HomeAssistant, flow_id: str, step: str) -> ConfigFlowResult:
    """Press a button of a menu; a set-up that follows is over when this returns."""
    return await submit(hass, flow_id, {"next_step_id": step})


async def submit_and_go_back(
    hass: HomeAssistant, flow_id: str, form: Mapping[str, Any]
) -> ConfigFlowResult:
    """Send the form, and do not trust the certificate that is shown then."""
    result = await submit(hass, flow_id, form)
    assert result["type"] is FlowResultType.MENU
    return await choose(hass, flow_id, "user")


async def assert_it_finishes(
    hass: HomeAssistant, simulator: Simulator, flow_id: str, **changes: object
) -> None:
    """Assert that the same form, now filled in correctly, sets the site up."""
    result = await submit(hass, flow_id, form_for(simulator, **changes))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].state is ConfigEntryState.LOADED


def facts_of(result: ConfigFlowResult) -> Mapping[str, str]:
    """Return the values that the text of a page contains."""
    facts = result["description_placeholders"]
    assert facts is not None
    return facts


async def replace_certificate(simulator: Simulator) -> None:
    """Give the server another certificate."""
    await simulator.stop()
    simulator.replace_certificate()
    await simulator.start()
    simulator.requests.clear()
    simulator.login_attempts.clear()


def suggestions(schema: Mapping[Any, Any]) -> Iterator[tuple[str, object]]:
    """Yield the suggested values of a form, including its sections."""
    for key, value in schema.items():
        if isinstance(value, section):
            yield from suggestions(value.schema.schema)
        elif key.description:
            yield str(key), key.description["suggested_value"]
