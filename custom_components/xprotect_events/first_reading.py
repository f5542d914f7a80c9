"""Passes the lists of a new site, which the form has read, to its first set-up."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .engine.inventory import SiteInventory

# The lists by the GUID of their site.
READINGS: HassKey[dict[str, SiteInventory]] = HassKey(f"{DOMAIN}_first_reading")


@callback
def keep_first(hass: HomeAssistant, inventory: SiteInventory) -> None:
    """Keep a reading until the set-up of its site takes it."""
    hass.data.setdefault(READINGS, {})[inventory.site.id] = inventory


@callback
def take_first(hass: HomeAssistant, site_id: str | None) -> SiteInventory | None:
    """Return the lists that the form has read of the site with this GUID, once."""
    return hass.data.get(READINGS, {}).pop(site_id or "", None)
