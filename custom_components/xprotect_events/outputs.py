"""Reads the tasks of the site's outputs, if the options allow switching them."""

import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .api import (
    REFUSED_REQUESTS,
    ApiError,
    NotFoundError,
    Resource,
    Task,
    XProtectClient,
)
from .background_listing import BackgroundListing
from .const import CONF_SWITCH_OUTPUTS
from .inventory_coordinator import XProtectInventoryCoordinator
from .site_confirmation import SiteConfirmation

_LOGGER = logging.getLogger(__name__)

# The tasks of outputs from 2024 R2 on (protocol §3.3).
SWITCHED = frozenset({Task.ACTIVATE, Task.DEACTIVATE})
TRIGGERED = frozenset({Task.TRIGGER})

# Outputs that are asked for their tasks at most, while those before do not exist, or
# this user may not use them.
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
    answer now, or has no output yet, the tasks are those of its last answer, and the
    entry is reloaded as soon as they turn out to be others.
    """
    if not entry.options.get(CONF_SWITCH_OUTPUTS):
        return frozenset()
    tasks = _OutputTasks(client, inventory)
    if site.is_confirmed:
        try:
            found = await tasks.ask()
        except ApiError as err:
            _LOGGER.debug("The tasks of outputs cannot be read: %s", err)
        else:
            if found is not None:
                return found
    assumed = _of_last_run(hass, entry, inventory)

    async def check() -> None:
        if tasks.is_known:
            return
        found = await tasks.ask()
        if found is not None and _kind(found) != _kind(assumed):
            hass.config_entries.async_schedule_reload(entry.entry_id)

    listing = BackgroundListing(hass, entry, "tasks of outputs", site.wait, check)
    listing.begin()
    entry.async_on_unload(inventory.async_add_listener(listing.run_soon))
    return assumed


class _OutputTasks:
    """Asks for the tasks of outputs until there is an answer, and stores it."""

    def __init__(
        self, client: XProtectClient, inventory: XProtectInventoryCoordinator
    ) -> None:
        self._client = client
        self._inventory = inventory
        self.is_known = False

    async def ask(self) -> frozenset[Task] | None:
        """Return the tasks of the first output that may be used, none if none may.

        `None` if there is no output: the lists may be those of the last run. Raises any
        other `ApiError`.
        """
        refusal: ApiError | None = None
        devices = self._inventory.data.devices
        outputs = [one for one in devices if one.resource is Resource.OUTPUTS]
        for output in outputs[:OUTPUTS_ASKED]:
            try:
                offered = await self._client.tasks.offered(str(output.source))
            except NotFoundError:
                continue
            except REFUSED_REQUESTS as err:
                refusal = err
            else:
                if not _kind(offered):
                    _LOGGER.warning("XProtect offers no task that switches outputs")
                return self._note(offered)
        if refusal is None:
            return None
        _LOGGER.warning("This user may not switch outputs in XProtect: %s", refusal)
        return self._note(frozenset())

    def _note(self, tasks: frozenset[Task]) -> frozenset[Task]:
        self.is_known = True
        self._inventory.memory.note_output_tasks(tasks)
        return tasks


def _of_last_run(
    hass: HomeAssistant, entry: ConfigEntry, inventory: XProtectInventoryCoordinator
) -> frozenset[Task]:
    """Return the tasks of the last answer; without one those that entities have.

    Otherwise an outage at the start would replace buttons by switches, and a slow
    server that refuses the tasks would cause one reload after the other.
    """
    answered = inventory.memory.output_tasks
    if answered is not None:
        return answered
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    is_triggered = any(
        one.domain == Platform.BUTTON and one.unique_id.endswith(f"_{PULSE_KEY}")
        for one in registered
    )
    return TRIGGERED if is_triggered else SWITCHED


def _kind(tasks: frozenset[Task]) -> frozenset[Task]:
    """Return the tasks that decide which entities there are."""
    return SWITCHED if tasks >= SWITCHED else tasks & TRIGGERED
