"""What one config entry remembers of its site, on disk."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .api import Source
from .const import DOMAIN
from .engine.absence import Absences

VERSION = 1
# Seconds. It changes with the site, which is seldom; a crash costs an hour of absence.
SAVE_DELAY = 60.0


class SiteMemory:
    """Keeps what the lists lack, and since when."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}.site"
        )
        self._saved: dict[str, Any] = {}
        self.absences = Absences()

    async def load(self) -> None:
        """Go on where the last run ended; what cannot be read is forgotten."""
        self._saved = await self._store.async_load() or {}
        self.absences = Absences(_durations(self._saved.get("absent_seconds")))

    @callback
    def schedule(self) -> None:
        """Save soon, if anything changed."""
        current = self._encode()
        if current != self._saved:
            self._saved = current
            self._store.async_delay_save(lambda: current, SAVE_DELAY)

    async def save(self) -> None:
        """Save now."""
        await self._store.async_save(self._encode())

    async def remove(self) -> None:
        """Remove it together with its config entry."""
        await self._store.async_remove()

    def _encode(self) -> dict[str, Any]:
        return {
            "absent_seconds": {
                str(source): absent_for.total_seconds()
                for source, absent_for in self.absences.absent_for.items()
            },
        }


def _durations(stored: object) -> dict[Source, timedelta]:
    if not isinstance(stored, Mapping):
        return {}
    return {
        Source.parse(path): timedelta(seconds=seconds)
        for path, seconds in stored.items()
        if isinstance(path, str) and isinstance(seconds, int | float)
    }
