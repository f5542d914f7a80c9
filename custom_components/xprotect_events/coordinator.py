"""The two things that are read again and again: what exists, and what happened."""

from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .api import ApiError, XProtectClient
from .const import DOMAIN
from .engine.catalog import Catalog
from .engine.session_poll import SessionPoll
from .engine.site import SiteInventory, read_inventory
from .errors import poll_error

_LOGGER = logging.getLogger(__name__)

# Changes of the configuration are rare and announced by an event; this is for
# servers that do not announce them.
INVENTORY_INTERVAL = timedelta(hours=1)
# Fast enough for a light, slow enough for a server with many clients.
POLL_INTERVAL = timedelta(seconds=2)


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
        )
        self._client = client
        self.address = client.address

    @override
    async def _async_update_data(self) -> SiteInventory:
        try:
            inventory = await read_inventory(self._client.configuration)
        except ApiError as err:
            raise poll_error(err) from err
        self.catalog = Catalog(inventory)
        return inventory


class XProtectEventCoordinator(DataUpdateCoordinator[None]):
    """Polls the event session; what it finds goes to the dispatcher at once.

    It has no data: `data` keeps only the latest, and events must not replace each
    other. It polls only while somebody listens, which the event source does.
    """

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, poll: SessionPoll
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} events",
            update_interval=POLL_INTERVAL,
        )
        self._poll = poll

    @override
    async def _async_update_data(self) -> None:
        try:
            await self._poll.poll()
        except ApiError as err:
            raise poll_error(err) from err
