"""Reads what exists on the site, hourly and whenever it may have changed."""

from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.update_coordinator import (
    DataUpdateCoordinator,
    UpdateFailed,
)

from .api import ApiError, XProtectClient
from .const import CONF_EVENT_TYPES, DOMAIN
from .engine.catalog import Catalog
from .engine.inventory import SiteInventory, read_inventory
from .errors import poll_error

_LOGGER = logging.getLogger(__name__)

# Changes of the configuration are rare and announced by an event; this is for
# servers that do not announce them.
INVENTORY_INTERVAL = timedelta(hours=1)
# Changes of the configuration come in bursts: one reading a burst, in seconds.
INVENTORY_REQUEST_COOLDOWN = 2.0
# Ids that no list explains (protocol §5.3 names some). More would be a broken server.
MAX_UNEXPLAINED = 1000


class XProtectInventoryCoordinator(DataUpdateCoordinator[SiteInventory]):
    """Reads what exists on the site."""

    config_entry: ConfigEntry
    catalog: Catalog

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: XProtectClient
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} inventory",
            update_interval=INVENTORY_INTERVAL,
            request_refresh_debouncer=Debouncer(
                hass, _LOGGER, cooldown=INVENTORY_REQUEST_COOLDOWN, immediate=False
            ),
        )
        self._unexplained: set[str] = set()
        self._client = client
        self.address = client.address

    @callback
    def read_soon(self) -> None:
        """Read the site again because it has changed."""
        self.config_entry.async_create_background_task(
            self.hass, self.async_request_refresh(), f"{DOMAIN} inventory"
        )

    @callback
    def note_unknown(self, unknown_id: str) -> None:
        """Read the site again because of an id that is new to us.

        Once an id: some sources cannot be looked up at all.
        """
        if unknown_id in self._unexplained:
            return
        if len(self._unexplained) < MAX_UNEXPLAINED:
            self._unexplained.add(unknown_id)
            self.read_soon()

    @override
    async def _async_update_data(self) -> SiteInventory:
        try:
            inventory = await read_inventory(self._client.configuration)
        except ApiError as err:
            raise poll_error(err) from err
        if inventory.site.id != self.config_entry.unique_id:
            # Its listing would take away every device of the one that is set up, and
            # its events are none of ours: nothing is loaded until that one is back.
            if self.config_entry.state is ConfigEntryState.LOADED:
                self.hass.config_entries.async_schedule_reload(
                    self.config_entry.entry_id
                )
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key="another_site"
            )
        chosen = frozenset(self.config_entry.options.get(CONF_EVENT_TYPES, ()))
        self.catalog = Catalog(inventory, chosen)
        return inventory
