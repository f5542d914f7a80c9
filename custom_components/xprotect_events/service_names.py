"""Lists the events of the sites in the editor of the trigger action."""

from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.service import async_set_service_schema
from homeassistant.util.yaml import load_yaml_dict

from .const import DOMAIN
from .runtime import XProtectConfigEntry
from .service_fields import ATTR_EVENT
from .services import SERVICE_TRIGGER_EVENT

SERVICES = Path(__file__).with_name("services.yaml")
# Names in the list; users can type others. More would make every page slow to open.
MAX_OFFERED = 500


async def async_offer_names(hass: HomeAssistant, entry: XProtectConfigEntry) -> None:
    """List the events of all sites, also after each reading and the end of this one."""
    described = await hass.async_add_executor_job(_described)

    @callback
    def offer(*unloaded: XProtectConfigEntry) -> None:
        async_set_service_schema(
            hass,
            DOMAIN,
            SERVICE_TRIGGER_EVENT,
            _with_names(described[SERVICE_TRIGGER_EVENT], _names(hass, unloaded)),
        )

    offer_with_this = partial(offer, entry)
    offer_with_this()
    entry.async_on_unload(
        entry.runtime_data.inventory.async_add_listener(offer_with_this)
    )
    entry.async_on_unload(offer)


@cache
def _described() -> dict[str, Any]:
    """Return the descriptions of all actions, which a reload need not read again."""
    return load_yaml_dict(str(SERVICES))


def _names(hass: HomeAssistant, unloaded: Iterable[XProtectConfigEntry]) -> list[str]:
    """Return the names of the events of all loaded sites, and of some others."""
    loaded: list[XProtectConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    names: set[str] = set()
    for one in (*unloaded, *loaded):
        site = one.runtime_data.inventory.data
        names.update(event.name for event in site.user_defined_events)
        names.update(event.name for event in site.analytics_events)
    return sorted(names, key=str.casefold)[:MAX_OFFERED]


def _with_names(described: dict[str, Any], names: list[str]) -> dict[str, Any]:
    fields = dict(described["fields"])
    selector = {"select": {"options": names, "custom_value": True}}
    fields[ATTR_EVENT] = {**fields[ATTR_EVENT], "selector": selector}
    return {**described, "fields": fields}
