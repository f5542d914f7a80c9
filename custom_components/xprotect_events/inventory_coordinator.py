"""Reads what exists on the site, hourly and whenever it may have changed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_at
from homeassistant.helpers.update_coordinator import (
    DataUpdateCoordinator,
    UpdateFailed,
)

from .api import ApiError, XProtectClient
from .const import CONF_EVENT_TYPES, DOMAIN
from .engine.backoff import Backoff
from .engine.catalog import Catalog
from .engine.inventory import SiteInventory, read_inventory
from .engine.reading_pace import ReadingPace
from .errors import poll_error
from .inventory_store import InventoryStore
from .site_limits import LeftOut, Limit
from .site_memory import SiteMemory

_LOGGER = logging.getLogger(__name__)

# Changes of the configuration are rare and announced by an event; this is for
# servers that do not announce them.
INVENTORY_INTERVAL = timedelta(hours=1)
# Seconds to wait at most after a reading that failed. A server that fails at one list
# was asked for all before it, and a new camera is needed sooner than in an hour.
LONGEST_WAIT = 300.0
# Ids that no list explains (protocol §5.3 names some). More would be a broken server.
MAX_UNEXPLAINED = 1000


class XProtectInventoryCoordinator(DataUpdateCoordinator[SiteInventory]):
    """Reads what exists on the site."""

    config_entry: ConfigEntry
    catalog: Catalog

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: XProtectClient,
        store: InventoryStore,
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} inventory",
            update_interval=INVENTORY_INTERVAL,
        )
        self.left_out = LeftOut()
        self.memory = SiteMemory(hass, entry.entry_id)
        self._unexplained: set[str] = set()
        self._client = client
        self._store = store
        self._backoff = Backoff(cap=LONGEST_WAIT)
        self._pace = ReadingPace()
        self._due_at: float | None = None
        self._cancel_reading: CALLBACK_TYPE | None = None
        self.address = client.address
        entry.async_on_unload(self._forget_reading)

    async def recall(self) -> bool:
        """Take the lists of the last run from the disk; return whether it has any."""
        await self.memory.load()
        self.config_entry.async_on_unload(self.memory.save)
        inventory = await self._store.load(self.config_entry.unique_id)
        if inventory is not None:
            self.memory.absences.recall(inventory)
            self.data = self._adopt(inventory)
        return inventory is not None

    @callback
    def read_when(self, confirmed: Callable[[], Awaitable[None]]) -> None:
        """Read the site behind the set-up, once it is known to be the right one."""

        async def read() -> None:
            await confirmed()
            await self.async_refresh()

        self.config_entry.async_create_background_task(
            self.hass, read(), f"{DOMAIN} inventory"
        )

    @callback
    def read_soon(self) -> None:
        """Read the site again because it has changed, more slowly in a storm."""
        due_at = self._pace.changed(self.hass.loop.time())
        if self._due_at is not None and self._due_at <= due_at:
            return
        self._forget_reading()
        self._due_at = due_at

        @callback
        def read(_: object) -> None:
            self._due_at = self._cancel_reading = None
            self.config_entry.async_create_background_task(
                self.hass, self.async_refresh(), f"{DOMAIN} inventory"
            )

        self._cancel_reading = async_call_at(self.hass, read, due_at)

    @callback
    def _forget_reading(self) -> None:
        if self._cancel_reading is not None:
            self._cancel_reading()
            self._due_at = self._cancel_reading = None

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
        self._pace.read(self.hass.loop.time())
        try:
            inventory = await read_inventory(self._client.configuration)
        except ApiError as err:
            raise poll_error(err, retry_after=self._backoff.wait()) from err
        self._backoff.reset()
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
        await self._store.save(inventory)
        self.memory.absences.follow(inventory, self._client.clock.now())
        self.memory.forget_gone(inventory)
        adopted = self._adopt(inventory)
        self.memory.schedule()
        return adopted

    @callback
    def _adopt(self, inventory: SiteInventory) -> SiteInventory:
        chosen = frozenset(self.config_entry.options.get(CONF_EVENT_TYPES, ()))
        self.catalog = Catalog(inventory, chosen, self.memory.keys)
        self.memory.note_renames(self.catalog.renames)
        self.left_out.note(Limit.EVENT_TYPES, self.catalog.offered.left_out)
        return inventory
