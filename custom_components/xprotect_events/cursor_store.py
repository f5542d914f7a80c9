"""The feed's checkpoint on disk."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.storage import Store

from .api import YEARS, ServerClock
from .const import CONF_CATCH_UP_HOURS, DEFAULT_CATCH_UP_HOURS, DOMAIN
from .engine.feed import Checkpoint, Feed

_LOGGER = logging.getLogger(__name__)

VERSION = 1
# What was delivered in this time before a crash is delivered again after it; a
# shorter one would write more often.
SAVE_DELAY = 5.0
# What may be wrong with a file that somebody has edited, or that a full disk has cut.
UNREADABLE = (
    AttributeError,
    HomeAssistantError,
    KeyError,
    NotImplementedError,
    TypeError,
    ValueError,
)


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
        self._hass = hass
        self._entry_id = entry_id
        self._saved_revision = 0
        self._is_pending = False

    async def load_feed(self, entry: ConfigEntry, clock: ServerClock) -> Feed:
        """Go on where the last run ended, or begin at the server's now.

        Without a usable position of an earlier run events are looked for as far back
        as the user has chosen for outages.
        """
        is_first = not self._has_run_before()
        try:
            stored = await self._store.async_load()
            if stored is not None:
                return Feed(_decode(stored))
        except UNREADABLE as err:
            _LOGGER.debug("The stored position cannot be read: %r", err)
            is_first = False
        now = clock.now()
        if not is_first:
            checkpoint = Checkpoint.looking_back(now, catch_up_limit(entry))
            _LOGGER.warning(
                "The stored position is gone or cannot be read: events since %s are"
                " looked for again and may come twice",
                checkpoint.cursor,
            )
        else:
            checkpoint = Checkpoint.beginning(now)
        feed = Feed(checkpoint)
        # Without it a crash before the first event would begin anew.
        await self.save(feed)
        return feed

    def _has_run_before(self) -> bool:
        """Whether the entry has devices, which the registry keeps apart from this."""
        registry = dr.async_get(self._hass)
        return bool(dr.async_entries_for_config_entry(registry, self._entry_id))

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
