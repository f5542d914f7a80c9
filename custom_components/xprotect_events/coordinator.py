"""The two things that are read again and again: what exists, and what happened."""

from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .api import (
    ApiError,
    CredentialsRefusedError,
    TimedOutError,
    TokenRefusedError,
    UnavailableError,
    XProtectClient,
)
from .const import CONF_POLL_INTERVAL, DEFAULT_POLL_INTERVAL, DOMAIN
from .engine.backoff import Backoff
from .engine.catalog import Catalog
from .engine.event_poll import EventPoll
from .engine.site import SiteInventory, read_inventory
from .errors import poll_error

_LOGGER = logging.getLogger(__name__)

# Changes of the configuration are rare and announced by an event; this is for
# servers that do not announce them.
INVENTORY_INTERVAL = timedelta(hours=1)


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
        self, hass: HomeAssistant, entry: ConfigEntry, poll: EventPoll
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} events",
            update_interval=timedelta(
                seconds=entry.options.get(CONF_POLL_INTERVAL, DEFAULT_POLL_INTERVAL)
            ),
        )
        self._poll = poll
        self._backoff = Backoff()

    @override
    async def _async_update_data(self) -> None:
        try:
            await self._poll_with_second_try()
        except ApiError as err:
            asked_for = err.retry_after if isinstance(err, UnavailableError) else None
            raise poll_error(
                err, retry_after=max(self._backoff.wait(), asked_for or 0)
            ) from err
        self._backoff.reset()

    async def _poll_with_second_try(self) -> None:
        """Poll, at once again after a failure: one lost answer is no outage.

        Not where the server has said no, or has taken its time to say nothing.
        """
        try:
            await self._poll.poll()
        except (
            CredentialsRefusedError,
            TimedOutError,
            TokenRefusedError,
            UnavailableError,
        ):
            raise
        except ApiError as err:
            _LOGGER.debug("Poll failed, trying again at once: %s", err)
            await self._poll.poll()
