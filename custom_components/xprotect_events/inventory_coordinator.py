"""Reads the lists of the site, hourly and after changes of its configuration."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import chain
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_at
from homeassistant.helpers.update_coordinator import (
    DataUpdateCoordinator,
    UpdateFailed,
)

from .api import ApiError, Source, XProtectClient
from .const import CONF_AREA_GROUPS, CONF_EVENT_TYPES, CONF_SOURCE_GROUPS, DOMAIN
from .engine.backoff import Backoff
from .engine.catalog import Catalog
from .engine.groups import DeviceGroup, areas_of, kept, members_of, read_groups
from .engine.inventory import SiteInventory, read_inventory
from .engine.reading_pace import ReadingPace
from .errors import poll_error
from .first_reading import take_first
from .inventory_store import InventoryStore
from .poll_attempts import next_wait
from .shut_down import async_at_end
from .site_limits import LeftOut, Limit, is_listable
from .site_memory import SiteMemory

_LOGGER = logging.getLogger(__name__)

# An event announces changes of the configuration; this interval is for servers that do
# not send it.
INVENTORY_INTERVAL = timedelta(hours=1)
# Seconds of the longest wait after a failed reading. With less, a server that fails at
# one list would have to send all the others again and again; with more, a new camera
# would take too long to appear.
LONGEST_WAIT = 300.0
# Ids that are in no list (for some see protocol §5.3). Only a broken server has more.
MAX_UNEXPLAINED = 1000


class XProtectInventoryCoordinator(DataUpdateCoordinator[SiteInventory]):
    """Reads the lists of the site; `data` is the last complete reading."""

    config_entry: ConfigEntry
    catalog: Catalog
    # What is in the groups of the options: whose events are wanted, and the areas.
    grouped: frozenset[Source] = frozenset()
    areas: Mapping[Source, str]

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
        self._groups: tuple[DeviceGroup, ...] = ()
        self._listed: Collection[Source] = ()
        self._client = client
        self._store = store
        self._backoff = Backoff(cap=LONGEST_WAIT)
        self._pace = ReadingPace()
        self._due_at: float | None = None
        self._cancel_reading: CALLBACK_TYPE | None = None
        self.address = client.address
        async_at_end(hass, entry, self._forget_reading)

    async def recall(self) -> bool:
        """Load the lists of the last run from disk; return whether there are any."""
        await self.memory.load()
        self.config_entry.async_on_unload(self.memory.save)
        inventory = await self._store.load(self.config_entry.unique_id)
        if inventory is not None and not self._wanted_groups <= {
            group.id for group in inventory.groups
        }:
            # Until it is known what is in a group, its events would be left out.
            inventory = None
        if inventory is not None:
            self.memory.absences.recall(inventory)
            self.data = self._adopt(inventory)
        return inventory is not None

    @callback
    def read_when(self, confirmed: Callable[[], Awaitable[None]]) -> None:
        """Read the lists in the background, after the site was confirmed."""

        async def read() -> None:
            await confirmed()
            await self.async_refresh()

        self.config_entry.async_create_background_task(
            self.hass, read(), f"{DOMAIN} inventory"
        )

    @callback
    def read_soon(self) -> None:
        """Read the lists after a change; see `ReadingPace` for when."""
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
        """Read the lists again because of an unknown id.

        Only once for each id, because some sources are in no list.
        """
        if unknown_id in self._unexplained:
            return
        if len(self._unexplained) < MAX_UNEXPLAINED:
            self._unexplained.add(unknown_id)
            self.read_soon()

    @override
    async def _async_update_data(self) -> SiteInventory:
        self._pace.read(self.hass.loop.time())
        inventory = take_first(self.hass, self.config_entry.unique_id)
        try:
            if inventory is None:
                inventory = await read_inventory(self._client.configuration)
            groups = await self._read_groups(inventory)
        except ApiError as err:
            wait = next_wait(self._backoff, err)
            raise poll_error(err, retry_after=wait) from err
        self._backoff.reset()
        if inventory.site.id != self.config_entry.unique_id:
            # The lists of another site would remove all devices, and its events would
            # be delivered. So the entry is not loaded until its own site is back.
            if self.config_entry.state is ConfigEntryState.LOADED:
                self.hass.config_entries.async_schedule_reload(
                    self.config_entry.entry_id
                )
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key="another_site"
            )
        inventory = replace(inventory, groups=groups)
        await self._store.save(inventory)
        self.memory.absences.follow(inventory, self._client.clock.now())
        self.memory.forget_gone(inventory)
        adopted = self._adopt(inventory)
        self.memory.schedule()
        return adopted

    async def _read_groups(self, site: SiteInventory) -> tuple[DeviceGroup, ...]:
        """Read the groups only where some are wanted: there may be hundreds."""
        wanted = self._wanted_groups
        if not wanted:
            return ()
        found = await read_groups(self._client.configuration, wanted)
        absences, before = self.memory.absences, self._listed

        def is_missing(source: Source) -> bool:
            was_there = source in before or source in absences.absent_for
            is_there = source in site.source_names
            return was_there and not is_there and not absences.is_gone(source)

        return kept(self._groups, found, wanted, is_missing)

    @property
    def _wanted_groups(self) -> frozenset[str]:
        keys = (CONF_AREA_GROUPS, CONF_SOURCE_GROUPS)
        wanted = (self.config_entry.options.get(key, ()) for key in keys)
        return frozenset(chain.from_iterable(wanted))

    @callback
    def _adopt(self, inventory: SiteInventory) -> SiteInventory:
        chosen = frozenset(self.config_entry.options.get(CONF_EVENT_TYPES, ()))
        self.catalog = Catalog(inventory, chosen, self.memory.keys)
        self._groups = inventory.groups
        self._listed = inventory.source_names
        options = self.config_entry.options
        self.grouped = members_of(inventory.groups, options.get(CONF_SOURCE_GROUPS, ()))
        self.areas = areas_of(inventory.groups, options.get(CONF_AREA_GROUPS, ()))
        self.memory.note_renames(self.catalog.renames)
        self.left_out.note(Limit.EVENT_TYPES, self.catalog.offered.left_out)
        crowded = sum(not is_listable(one) for one in self.catalog.states_by_group)
        self.left_out.note(Limit.STATES, crowded)
        return inventory
