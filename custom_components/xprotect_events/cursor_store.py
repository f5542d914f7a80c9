"""The feed's checkpoint on disk."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .api import YEARS, ServerClock
from .const import CONF_CATCH_UP_HOURS, DEFAULT_CATCH_UP_HOURS, DOMAIN
from .engine.feed import Checkpoint, Feed

_LOGGER = logging.getLogger(__name__)

VERSION = 1
# What was delivered in this time before a crash is delivered again after it; a
# shorter one would write more often.
SAVE_DELAY = 5.0


def catch_up_limit(entry: ConfigEntry) -> timedelta:
    """Return how far back events are looked for after an outage."""
    hours = entry.options.get(CONF_CATCH_UP_HOURS, DEFAULT_CATCH_UP_HOURS)
    return timedelta(hours=hours)


class CursorStore:
    """Keeps the position of one config entry's feed."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}"
        )
        self._saved_revision = 0
        self._is_pending = False

    async def load_feed(self, clock: ServerClock) -> Feed:
        """Go on where the last run ended, or begin at the server's now."""
        checkpoint = await self._load()
        feed = Feed(checkpoint or Checkpoint.beginning(clock.now()))
        if checkpoint is None:
            # Without it a crash before the first event would begin anew.
            await self.save(feed)
        return feed

    async def _load(self) -> Checkpoint | None:
        """Return the position of the last run, `None` at the first."""
        stored = await self._store.async_load()
        if stored is None:
            return None
        try:
            return _decode(stored)
        except KeyError, TypeError, ValueError, AttributeError:
            _LOGGER.warning(
                "The stored position cannot be read; events since the last run are lost"
            )
            return None

    @callback
    def schedule(self, feed: Feed) -> None:
        """Save soon, if anything changed.

        Only when no save is pending: each call would put it off again.
        """
        if self._is_pending or feed.revision == self._saved_revision:
            return
        self._is_pending = True

        def encode() -> dict[str, Any]:
            self._is_pending = False
            return self._encode(feed)

        self._store.async_delay_save(encode, SAVE_DELAY)

    async def save(self, feed: Feed) -> None:
        """Save now."""
        self._is_pending = False
        await self._store.async_save(self._encode(feed))

    async def remove(self) -> None:
        """Remove the checkpoint together with its config entry."""
        await self._store.async_remove()

    def _encode(self, feed: Feed) -> dict[str, Any]:
        self._saved_revision = feed.revision
        checkpoint = feed.checkpoint()
        return {
            "cursor": checkpoint.cursor.isoformat(),
            "horizon": checkpoint.low_watermark.isoformat(),
            "complete_at": checkpoint.complete_at.isoformat(),
            "remembered": {
                event_id: time.isoformat()
                for event_id, time in checkpoint.remembered.items()
            },
        }


def _decode(stored: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(
        cursor=_time(stored["cursor"]),
        low_watermark=_time(stored["horizon"]),
        complete_at=_time(stored["complete_at"]),
        remembered={
            event_id: _time(time) for event_id, time in stored["remembered"].items()
        },
    )


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None or time.year not in YEARS:
        # What lies at the ends of the calendar cannot be reckoned with.
        raise ValueError(text)
    return time
