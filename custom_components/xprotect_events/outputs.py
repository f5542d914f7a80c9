"""Reads the tasks of the site's outputs, if the options allow switching them."""

import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .api import ApiError, Resource, Task, XProtectClient
from .background_listing import REFUSALS, BackgroundListing
from .const import CONF_SWITCH_OUTPUTS
from .engine.inventory import SiteInventory
from .site_confirmation import SiteConfirmation

_LOGGER = logging.getLogger(__name__)

# The tasks of outputs from 2024 R2 on (protocol §3.3).
SWITCHED = frozenset({Task.ACTIVATE, Task.DEACTIVATE})
TRIGGERED = frozenset({Task.TRIGGER})

# The end of the unique ids of buttons.
PULSE_KEY = "pulse"


async def async_read_output_tasks(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: XProtectClient,
    inventory: SiteInventory,
    site: SiteConfirmation,
) -> frozenset[Task]:
    """Return the tasks of the first output; all outputs of a site have the same.

    A user without the right, or an older server, has none. If the server does not
    answer now, the tasks are those of the last run, and the entry is reloaded as soon
    as they turn out to be others.
    """
    if not entry.options.get(CONF_SWITCH_OUTPUTS):
        return frozenset()
    outputs = [one for one in inventory.devices if one.resource is Resource.OUTPUTS]
    if not outputs:
        # One may be added later.
        return SWITCHED
    path = str(outputs[0].source)
    if site.is_confirmed:
        try:
            return await client.tasks.offered(path)
        except REFUSALS as err:
            _LOGGER.warning("This user may not switch outputs in XProtect: %s", err)
            return frozenset()
        except ApiError as err:
            _LOGGER.debug("The tasks of outputs cannot be read: %s", err)
    assumed = _of_last_run(hass, entry)

    async def check() -> None:
        try:
            offered = await client.tasks.offered(path)
        except REFUSALS:
            offered = frozenset()
        if _kind(offered) != _kind(assumed):
            hass.config_entries.async_schedule_reload(entry.entry_id)

    BackgroundListing(hass, entry, "tasks of outputs", site.wait, check).begin()
    return assumed


def _of_last_run(hass: HomeAssistant, entry: ConfigEntry) -> frozenset[Task]:
    """Return the tasks for which there are entities; at first those of newer servers.

    Otherwise an outage at the start would replace buttons by switches.
    """
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    is_triggered = any(
        one.domain == Platform.BUTTON and one.unique_id.endswith(f"_{PULSE_KEY}")
        for one in registered
    )
    return TRIGGERED if is_triggered else SWITCHED


def _kind(tasks: frozenset[Task]) -> frozenset[Task]:
    """Return the tasks that decide which entities there are."""
    return SWITCHED if tasks >= SWITCHED else tasks & TRIGGERED
