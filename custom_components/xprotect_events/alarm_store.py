"""Stores the position in the alarms and the open ones on disk."""

from dataclasses import dataclass
from datetime import datetime
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store

from .api import ServerClock
from .const import CONF_ALARMS, DOMAIN, UNREADABLE
from .cursor_store import CursorStore, read_time
from .engine.alarm_poll import AlarmMemory
from .engine.feed import Feed

_LOGGER = logging.getLogger(__name__)

VERSION = 1
# Seconds between a change and the write. After a crash, changes of this time are read
# again. With less, thousands of ids would be written so often that memory cards wear
# out.
SAVE_DELAY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPosition:
    """The position of the last run, and the store that it was read from."""

    store: AlarmStore
    feed: Feed
    memory: AlarmMemory


class AlarmStore:
    """Keeps the position and the open alarms of one config entry."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        self._position = CursorStore(hass, entry_id, part="alarm_position")
        self._store: Store[dict[str, Any]] = Store(
            hass,
            VERSION,
            f"{DOMAIN}.{entry_id}.alarms",
            private=True,
            atomic_writes=True,
            serialize_in_event_loop=False,
        )
        self._saved: AlarmMemory | None = None
        self._wanted: AlarmMemory | None = None
        self._stop_waiting: CALLBACK_TYPE | None = None

    async def load(self, entry: ConfigEntry, clock: ServerClock) -> AlarmPosition:
        """Continue at the position of the last run, or begin at the server's now."""
        self._saved = await self._load_memory()
        memory = self._saved or AlarmMemory(since=clock.now())
        feed = await self._position.load_feed(entry, clock, is_new=self._saved is None)
        if self._saved is None:
            # Otherwise older alarms would count as new after a crash.
            await self._save(memory)
        return AlarmPosition(store=self, feed=feed, memory=memory)

    @callback
    def schedule(self, feed: Feed, memory: AlarmMemory) -> None:
        """Save changes after a delay."""
        self._position.schedule(feed)
        if memory == self._saved:
            return
        self._wanted = memory
        if self._stop_waiting is not None:
            return

        @callback
        def flush(_: datetime) -> None:
            self._stop_waiting = None
            if self._wanted is not None:
                self._hass.async_create_task(
                    self._save(self._wanted), "XProtect open alarms"
                )

        self._stop_waiting = async_call_later(self._hass, SAVE_DELAY, flush)

    async def save(self, feed: Feed, memory: AlarmMemory) -> None:
        """Save everything now."""
        if self._stop_waiting is not None:
            self._stop_waiting()
            self._stop_waiting = None
        await self._position.save(feed)
        if memory != self._saved:
            await self._save(memory)

    async def remove(self) -> None:
        """Forget everything."""
        await self._position.remove()
        await self._store.async_remove()

    async def _save(self, memory: AlarmMemory) -> None:
        self._saved = memory
        await self._store.async_save(
            {
                "since": memory.since.isoformat(),
                "number": memory.number,
                "open": sorted(memory.open_ids),
            }
        )

    async def _load_memory(self) -> AlarmMemory | None:
        try:
            stored = await self._store.async_load()
            if stored is None:
                return None
            number = stored["number"]
            if number is not None and type(number) is not int:
                raise TypeError("The number is not a whole number")
            return AlarmMemory(
                since=read_time(stored["since"]),
                open_ids=frozenset(map(str, stored["open"])),
                number=number,
            )
        except UNREADABLE as err:
            _LOGGER.debug("The stored open alarms cannot be read: %r", err)
            return None


async def async_load_alarms(
    hass: HomeAssistant, entry: ConfigEntry, clock: ServerClock
) -> AlarmPosition | None:
    """Return the position in the alarms, `None` while they are off.

    It is deleted while they are off, because a user who switches them on a month later
    does not want the alarms of that month.
    """
    store = AlarmStore(hass, entry.entry_id)
    if not entry.options.get(CONF_ALARMS):
        await store.remove()
        return None
    return await store.load(entry, clock)
