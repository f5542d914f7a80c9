"""Stores the position of the feed on disk."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .api import YEARS, ServerClock
from .const import (
    CONF_CATCH_UP_HOURS,
    DEFAULT_CATCH_UP_HOURS,
    DOMAIN,
    UNREADABLE,
)
from .engine.checkpoint import Checkpoint
from .engine.feed import CLOCK_TOLERANCE, Feed
from .journal import MAX_BYTES, Journal

_LOGGER = logging.getLogger(__name__)

# Positions that could not be written, by file: a reload must not repeat events.
DATA_UNWRITTEN: HassKey[dict[str, Checkpoint]] = HassKey(f"{DOMAIN}_unwritten")

VERSION = 1
# The key of `Feed.lacks_beginning`. Positions of earlier versions do not have it.
LACKS = "lacks_beginning"
# Seconds. Events delivered in this time before a crash are repeated after it. With
# less, the position would be written more often.
SAVE_DELAY = 5.0
# Seconds between two writes of the whole position, so that the journal stays short.
WHOLE_EVERY = 3600.0
# Ids to keep in memory while the disk is full. Beyond that they are dropped, and their
# events are repeated after a restart.
MAX_UNWRITTEN = 100_000


def catch_up_limit(entry: ConfigEntry) -> timedelta:
    """Return how far back events are read after an outage."""
    hours = entry.options.get(CONF_CATCH_UP_HOURS, DEFAULT_CATCH_UP_HOURS)
    return timedelta(hours=hours)


class CursorStore:
    """Stores the position of one feed of a config entry; `part` names the feed."""

    def __init__(self, hass: HomeAssistant, entry_id: str, *, part: str = "") -> None:
        self._store: Store[dict[str, Any]] = Store(
            hass,
            VERSION,
            f"{DOMAIN}.{entry_id}{part and f'.{part}'}",
            private=True,
            atomic_writes=True,
            serialize_in_event_loop=False,
        )
        self._journal = Journal(path=Path(f"{self._store.path}.journal"))
        self._lock = asyncio.Lock()
        # Called when a save that was due begins.
        self.saving: CALLBACK_TYPE | None = None
        self._stop_waiting: CALLBACK_TYPE | None = None
        self._written_at = hass.loop.time()
        self._unwritten: dict[str, datetime] = {}
        self._has_failed = False
        self._hass = hass
        self._saved_revision = 0
        # The difference between our clock and the server's in the stored position.
        self._saved_offset: timedelta | None = None

    async def load_feed(
        self, entry: ConfigEntry, clock: ServerClock, *, is_new: bool = False
    ) -> Feed:
        """Return a feed that continues the last run, or begins at the server's now.

        If the position of an earlier run is missing or unreadable, the feed goes back
        by `catch_up_limit`, unless `is_new`: then there was no earlier run.
        """
        is_first = is_new or not self._has_run_before(entry)
        # It stays until it is on disk, because the set-up may fail after this.
        kept = _unwritten_positions(self._hass).get(self._store.key)
        try:
            stored = await self._store.async_load()
            if stored is not None:
                checkpoint = await self._hass.async_add_executor_job(
                    self._journal.applied_to, _decode(stored), stored.get("journal", 0)
                )
                feed = Feed(kept or checkpoint)
                # A line of the journal is written only after the beginning was found.
                has_lines = self._journal.number > stored.get("journal", 0)
                feed.lacks_beginning = not has_lines and bool(stored.get(LACKS))
                return feed
        except UNREADABLE as err:
            _LOGGER.debug("The stored position cannot be read: %r", err)
            is_first = is_new
        now = clock.now()
        if kept is not None:
            checkpoint = kept
        elif not is_first:
            checkpoint = Checkpoint.looking_back(now, catch_up_limit(entry))
            _LOGGER.warning(
                "The stored position is missing or unreadable: events since %s are read"
                " again and may be repeated",
                checkpoint.cursor,
            )
        else:
            checkpoint = Checkpoint.beginning(now)
        feed = Feed(checkpoint)
        feed.lacks_beginning = kept is None and is_first and not clock.is_known
        await self._hass.async_add_executor_job(self._journal.remove)
        # Otherwise a crash before the first event would start at a later time.
        await self.save(feed)
        return feed

    def _has_run_before(self, entry: ConfigEntry) -> bool:
        """Whether the entry has devices, which are stored in another file."""
        registry = dr.async_get(self._hass)
        return bool(dr.async_entries_for_config_entry(registry, entry.entry_id))

    @callback
    def schedule(self, feed: Feed) -> bool:
        """Save after a delay, if anything has changed; return whether a save is due.

        Changes until then are saved, too, without another call.
        """
        if self._stop_waiting is not None:
            return True
        if feed.revision == self._saved_revision and not self._own_clock_was_set(feed):
            return False

        @callback
        def flush(_: datetime) -> None:
            self._stop_waiting = None
            if self.saving is not None:
                self.saving()
            self._hass.async_create_task(self._append(feed), "XProtect position")

        self._stop_waiting = async_call_later(self._hass, SAVE_DELAY, flush)
        return True

    def _own_clock_was_set(self, feed: Feed) -> bool:
        """Whether our clock was set since the last write.

        With the wrong time on disk, the next start would find that the server's clock
        was set back, and repeat events.
        """
        offset, saved = _offset(feed), self._saved_offset
        if offset is None or saved is None:
            return False
        return abs(offset - saved) > CLOCK_TOLERANCE

    async def save(self, feed: Feed) -> None:
        """Write the whole position now, and cancel a pending save."""
        if self._stop_waiting is not None:
            self._stop_waiting()
            self._stop_waiting = None
        async with self._lock:
            await self._write(feed)

    async def remove(self) -> None:
        """Delete the position of a removed config entry."""
        _unwritten_positions(self._hass).pop(self._store.key, None)
        await self._store.async_remove()
        await self._hass.async_add_executor_job(self._journal.remove)

    async def _append(self, feed: Feed) -> None:
        """Append the changes, and from time to time write the whole position."""
        async with self._lock:
            if feed.lacks_beginning:
                await self._write(feed)
                return
            self._saved_revision = feed.revision
            self._saved_offset = _offset(feed)
            changes = feed.take_changes()
            # Includes the ids that could not be written before.
            self._unwritten |= changes.remembered
            changes = replace(changes, remembered=self._unwritten)
            try:
                length = await self._hass.async_add_executor_job(
                    self._journal.append, changes
                )
            except OSError as err:
                if not self._has_failed:
                    _LOGGER.warning("The position cannot be written: %s", err)
                self._has_failed = True
                self._saved_revision = -1
                if len(self._unwritten) > MAX_UNWRITTEN:
                    self._unwritten = {}
                return
            self._has_failed = False
            self._unwritten = {}
            is_old = self._hass.loop.time() - self._written_at > WHOLE_EVERY
            if is_old or length > MAX_BYTES:
                await self._write(feed)

    async def _write(self, feed: Feed) -> None:
        """Write the whole position, and remove the journal if that succeeds."""
        self._saved_revision = feed.revision
        self._saved_offset = _offset(feed)
        self._written_at = self._hass.loop.time()
        # The next line has them if this write fails.
        self._unwritten |= feed.take_changes().remembered
        self._journal.number += 1
        number, checkpoint = self._journal.number, feed.checkpoint()
        lacks_beginning = feed.lacks_beginning
        unwritten = _unwritten_positions(self._hass)
        unwritten[self._store.key] = checkpoint
        data = await self._hass.async_add_executor_job(_encode, checkpoint, number)
        data[LACKS] = lacks_beginning
        await self._store.async_save(data)
        if await self._is_on_disk(number):
            self._unwritten = {}
            unwritten.pop(self._store.key, None)
            with suppress(OSError):
                await self._hass.async_add_executor_job(self._journal.remove)
        else:
            self._saved_revision = -1

    async def _is_on_disk(self, number: int) -> bool:
        """Whether the whole position of this number was written.

        The file must be read, because Home Assistant only logs a failed write. While it
        stops, it writes later.
        """
        if self._hass.is_stopping:
            return False
        try:
            stored = await self._store.async_load()
            return stored is not None and stored["journal"] == number
        except UNREADABLE:
            return False


@singleton(DATA_UNWRITTEN)
@callback
def _unwritten_positions(_: HomeAssistant) -> dict[str, Checkpoint]:
    """Return the positions, which outlive their entries until Home Assistant ends."""
    return {}


def _offset(feed: Feed) -> timedelta | None:
    """Return our time minus the server's, at the last complete poll."""
    here = feed.complete_here
    return None if here is None else here - feed.complete_at


def _encode(position: Checkpoint, number: int) -> dict[str, Any]:
    checkpoint = position.trimmed()
    here = checkpoint.complete_here
    return {
        "cursor": checkpoint.cursor.isoformat(),
        "horizon": checkpoint.low_watermark.isoformat(),
        "complete_at": checkpoint.complete_at.isoformat(),
        "complete_here": here.isoformat() if here else None,
        # The last line of the journal that this position includes.
        "journal": number,
        "remembered": {
            event_id: time.isoformat()
            for event_id, time in checkpoint.remembered.items()
        },
    }


def _decode(stored: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(
        cursor=read_time(stored["cursor"]),
        low_watermark=read_time(stored["horizon"]),
        complete_at=read_time(stored["complete_at"]),
        remembered={
            event_id: read_time(time) for event_id, time in stored["remembered"].items()
        },
        # Versions before this one have not written it.
        complete_here=None
        if (here := stored.get("complete_here")) is None
        else read_time(here),
    )


def read_time(text: str) -> datetime:
    """Read a time that was written here. Raises `ValueError`."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None or time.year not in YEARS:
        # Computing with times outside of these years could fail.
        raise ValueError(text)
    return time
