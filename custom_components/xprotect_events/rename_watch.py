"""Reports renamed events, and the automations that may use the old name."""

from collections.abc import Iterable, Sequence

from homeassistant.components.automation import (
    DOMAIN as AUTOMATION,
    devices_in_automation,
    entities_in_automation,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.start import async_at_started

from .issues import async_get_issues
from .runtime import XProtectConfigEntry
from .sanitize import sanitize

NO_AUTOMATION = "—"


@callback
def async_watch_renames(hass: HomeAssistant, entry: XProtectConfigEntry) -> None:
    """Show a repair for events that were renamed in XProtect, until it is confirmed."""

    @callback
    def judge(_: HomeAssistant | None = None) -> None:
        async_get_issues(hass, entry).judge_renames(describe_renames(hass, entry))

    entry.async_on_unload(entry.runtime_data.inventory.async_add_listener(judge))
    # Not all automations are loaded before Home Assistant has started.
    entry.async_on_unload(async_at_started(hass, judge))


@callback
def describe_renames(
    hass: HomeAssistant, entry: XProtectConfigEntry
) -> dict[str, str] | None:
    """Return the placeholders of the repair, `None` if nothing was renamed."""
    renames = entry.runtime_data.inventory.memory.renames
    if not renames:
        return None
    return {
        "renames": _list(f"{sanitize(old)} → {sanitize(new)}" for old, new in renames),
        "automations": _list(map(sanitize, _automations(hass, entry))) or NO_AUTOMATION,
    }


def _automations(hass: HomeAssistant, entry: XProtectConfigEntry) -> Sequence[str]:
    """Return automations with an event entity of the site or its device, by name."""
    if AUTOMATION not in hass.config.components:
        return ()
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    events = [one for one in registered if one.domain == Platform.EVENT]
    entities = {one.entity_id for one in events}
    devices = {one.device_id for one in events}
    return [
        state.name
        for state in hass.states.async_all(AUTOMATION)
        if entities.intersection(entities_in_automation(hass, state.entity_id))
        or devices.intersection(devices_in_automation(hass, state.entity_id))
    ]


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
