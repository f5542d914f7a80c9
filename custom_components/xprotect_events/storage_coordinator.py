"""Reads the storages of recorders hourly, if entities show them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .api import (
    REFUSED_REQUESTS,
    ApiError,
    Configuration,
    Source,
    Storage,
    StorageStatus,
)
from .const import DOMAIN
from .engine.backoff import Backoff
from .engine.series import FOR_ALL, Series
from .errors import poll_error
from .inventory_coordinator import XProtectInventoryCoordinator
from .poll_attempts import next_wait
from .shut_down import async_at_end

_LOGGER = logging.getLogger(__name__)

# Disks fill within days, and the failure of a recorder is an event.
STORAGE_INTERVAL = timedelta(hours=1)
# Seconds. The longest wait after a failed reading. With less, recorders that are down
# would cause many requests; with more, storages would be unavailable for too long.
LONGEST_WAIT = 600.0
# Storages of one recorder. Real ones have a few; more could fill the registries.
MAX_STORAGES = 50
# Seconds to wait for further entities, so that one reading is enough for all.
PAUSE = 1.0

# A recorder, and the id of one of its storages.
type StorageContext = tuple[Source, str]
# Takes a recorder with its storages.
type ListListener = Callable[[Source, tuple[Storage, ...]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFacts:
    """A storage and its current status."""

    storage: Storage
    status: StorageStatus


class StorageCoordinator(DataUpdateCoordinator[Mapping[str, StorageFacts]]):
    """Reads the storages whose entities are enabled, and sends no request without any.

    The context of each entity is `(recorder, id of the storage)`.
    """

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        configuration: Configuration,
        inventory: XProtectInventoryCoordinator,
        confirmed: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} storages",
            update_interval=STORAGE_INTERVAL,
        )
        self.data = {}
        self._configuration = configuration
        self._inventory = inventory
        self.confirmed = confirmed
        self._list_listeners: list[ListListener] = []
        self._cancel: CALLBACK_TYPE | None = None
        self._backoff = Backoff(cap=LONGEST_WAIT)
        self._series = Series()
        async_at_end(hass, entry, self._forget)

    async def find(self, recorder: Source) -> tuple[Storage, ...]:
        """List the storages of a recorder; none if the server refuses to.

        Raises any other `ApiError`.
        """
        try:
            found = await self._configuration.storages(recorder.id)
        except REFUSED_REQUESTS as err:
            _LOGGER.debug("The storages of a recorder cannot be listed: %s", err)
            return ()
        return found[:MAX_STORAGES]

    @callback
    def listen_lists(self, listener: ListListener) -> CALLBACK_TYPE:
        """Call the listener with each list that is read; return what stops it."""
        self._list_listeners.append(listener)
        return lambda: self._list_listeners.remove(listener)

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: StorageContext | None = None
    ) -> CALLBACK_TYPE:
        """Read soon for an entity whose storage was not read yet."""
        if context is not None and context[1] not in self.data:
            self.read_soon()
        return super().async_add_listener(update_callback, context)

    @callback
    def read_soon(self) -> None:
        """Read the storages of entities that were added, or are available again."""

        async def ask() -> None:
            await self.confirmed()
            await self.async_refresh()

        @callback
        def begin(_: datetime) -> None:
            self._cancel = None
            # In the background, because the start of Home Assistant must not wait.
            self.config_entry.async_create_background_task(
                self.hass, ask(), f"{DOMAIN} storages"
            )

        if self._cancel is None:
            self._cancel = async_call_later(self.hass, PAUSE, begin)

    @callback
    def _forget(self) -> None:
        if self._cancel is not None:
            self._cancel()

    @override
    async def _async_update_data(self) -> Mapping[str, StorageFacts]:
        found: dict[str, StorageFacts] = {}
        try:
            failure = await self._read_all(found)
            if failure is not None and not found:
                raise failure
        except ApiError as err:
            wait = next_wait(self._backoff, err)
            raise poll_error(err, retry_after=wait) from err
        if failure is not None:
            wait = next_wait(self._backoff, failure)
            self.update_interval = timedelta(seconds=wait)
        else:
            self._backoff.reset()
            self.update_interval = STORAGE_INTERVAL
        return found

    async def _read_all(self, found: dict[str, StorageFacts]) -> ApiError | None:
        """Add what is read to `found`; return the first error of a single recorder.

        Raises errors that all requests would have, such as a lost connection.
        """
        wanted: dict[Source, set[str]] = {}
        for recorder, storage_id in self.async_contexts():
            # A recorder that was switched off for good would fail each time.
            if self._inventory.data.has(recorder):
                wanted.setdefault(recorder, set()).add(storage_id)

        async def read(recorder: Source) -> ApiError | None:
            listed = await self.find(recorder)
            if listed:
                for listener in tuple(self._list_listeners):
                    listener(recorder, listed)
            shown = [one for one in listed if one.id in wanted[recorder]]
            return await self._read_each(shown, found)

        return await self._series.run(wanted, read)

    async def _read_each(
        self, storages: Iterable[Storage], found: dict[str, StorageFacts]
    ) -> ApiError | None:
        """Read the storages of a recorder; return the first error of a single one.

        Raises other errors, such as that of a recorder that does not answer.
        """
        first: ApiError | None = None
        for storage in storages:
            try:
                status = await self._configuration.storage_status(storage.id)
            except REFUSED_REQUESTS as err:
                _LOGGER.debug("A storage of a recorder cannot be read: %s", err)
            except FOR_ALL:
                raise
            except ApiError as err:
                first = first or err
            else:
                found[storage.id] = StorageFacts(storage=storage, status=status)
        return first
