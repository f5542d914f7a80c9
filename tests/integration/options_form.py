"""Opens, reads and submits the form of the options."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.selector import SelectSelector
from pytest_homeassistant_custom_component.common import MockConfigEntry

# The options of an entry that has none yet.
UNTOUCHED = {
    "event_types": [],
    "exclude_event_types": [],
    "sources": [],
    "exclude_sources": [],
    "pictures": "off",
    "live_view": False,
    "delivery": "poll",
    "poll_interval": 2,
    "missed_events": "fire",
    "catch_up_hours": 24,
    "alarms": False,
    "switch_outputs": False,
    "ptz_presets": False,
    "source_groups": [],
    "area_groups": [],
    "state_groups": [],
}


async def open_form(
    hass: HomeAssistant, entry: MockConfigEntry
) -> tuple[str, dict[str, Any]]:
    """Open the form; return the flow's id and the fields."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "init"
    schema = result["data_schema"]
    assert schema is not None
    return result["flow_id"], {str(key): one for key, one in schema.schema.items()}


async def labels(
    hass: HomeAssistant, entry: MockConfigEntry, field: str
) -> dict[str, str]:
    """Return the choices of a field by their labels."""
    _, fields = await open_form(hass, entry)
    selector = fields[field]
    assert isinstance(selector, SelectSelector)
    return {
        one["value"]: one["label"]
        for one in selector.config["options"]
        if not isinstance(one, str)
    }


async def submit(
    hass: HomeAssistant, entry: MockConfigEntry, **changes: object
) -> None:
    """Choose these and submit; return after the reload."""
    await choose(hass, entry, **changes)
    await hass.async_block_till_done(wait_background_tasks=True)


async def choose(
    hass: HomeAssistant, entry: MockConfigEntry, **changes: object
) -> None:
    """Choose these, without waiting for the server."""
    flow_id, _ = await open_form(hass, entry)
    result = await hass.config_entries.options.async_configure(
        flow_id, {**UNTOUCHED, **changes}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
