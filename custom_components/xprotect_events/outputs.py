"""Reads the tasks of the site's outputs, if the options allow switching them."""

from contextlib import suppress
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .api import (
    REFUSED_REQUESTS,
    ApiError,
    Device,
    NotFoundError,
    Resource,
    Task,
    XProtectClient,
)
from .background_listing import BackgroundListing
from .const import CONF_SWITCH_OUTPUTS
from .engine.inventory import SiteInventory
from .inventory_coordinator import XProtectInventoryCoordinator
from .site_confirmation import SiteConfirmation

_LOGGER = logging.getLogger(__name__)

# The tasks of outputs from 2024 R2 on (protocol §3.3).
SWITCHED = frozenset({Task.ACTIVATE, Task.DEACTIVATE})
TRIGGERED = frozenset({Task.TRIGGER})

# Outputs that are asked for their tasks at most, while those before do not exist.
OUTPUTS_ASKED = 5

# The end of the unique ids of buttons.
PULSE_KEY = "pulse"


async def async_read_output_tasks(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: XProtectClient,
    inventory: XProtectInventoryCoordinator,
    site: SiteConfirmation,
) -> frozenset[Task]:
    """Return the tasks of an output; all outputs of a site have the same.

    A user without the right, or an older server, has none. If the server does not
    answer now, the tasks are those of the last run, and the entry is reloaded as soon
    as they turn out to be others.
    """
    if not entry.options.get(CONF_SWITCH_OUTPUTS):
        return frozenset()
    if not _outputs(inventory.data):
        # One may be added later.
        return SWITCHED
    if site.is_confirmed:
        try:
            return await _ask(client, inventory.data)
        except REFUSED_REQUESTS as err:
            _LOGGER.warning("This user may not switch outputs in XProtect: %s", err)
            return frozenset()
        except ApiError as err:
            _LOGGER.debug("The tasks of outputs cannot be read: %s", err)
    assumed = _of_last_run(hass, entry)

    async def check() -> None:
        if not _outputs(inventory.data):
            return
        try:
            offered = await _ask(client, inventory.data)
        except REFUSED_REQUESTS:
            offered = frozenset()
        if _kind(offered) != _kind(assumed):
            hass.config_entries.async_schedule_reload(entry.entry_id)

    BackgroundListing(hass, entry, "tasks of outputs", site.wait, check).begin()
    return assumed


async def _ask(client: XProtectClient, inventory: SiteInventory) -> frozenset[Task]:
    """Return the tasks of the first output that exists. Raises any `ApiError`.

    The lists may be those of the last run, and the output may have been deleted.
    """
    *others, last = _outputs(inventory)[:OUTPUTS_ASKED]
    for output in others:
        with suppress(NotFoundError):
            return await client.tasks.offered(str(output.source))
    return await client.tasks.offered(str(last.source))


def _outputs(inventory: SiteInventory) -> list[Device]:
    return [one for one in inventory.devices if one.resource is Resource.OUTPUTS]


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
