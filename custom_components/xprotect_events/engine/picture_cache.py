"""Pictures that were fetched, for as long as they are worth it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ..api import ApiError
from .shot import Shot

# Bytes of all pictures together: about a hundred of 1080p. More would be missed where
# Home Assistant runs on a small computer.
MAX_BYTES = 32 * 1024 * 1024
# A failure has hardly any bytes; more than this of them are a broken client.
MAX_ENTRIES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    outcome: Shot | ApiError
    ends_at: float
    size: int


class PictureCache:
    """Remembers outcomes, pictures and failures alike; drops the least used first."""

    def __init__(
        self, monotonic: Callable[[], float], max_bytes: int = MAX_BYTES
    ) -> None:
        self._monotonic = monotonic
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self.size = 0

    def find(self, key: Hashable) -> Shot | ApiError | None:
        """Return what is known, or `None`."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._monotonic() >= entry.ends_at:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.outcome

    def keep(self, key: Hashable, outcome: Shot | ApiError, seconds: float) -> None:
        """Remember an outcome for so many seconds."""
        self._drop(key)
        size = len(outcome.picture.jpeg) if isinstance(outcome, Shot) else 0
        self._entries[key] = _Entry(
            outcome=outcome, ends_at=self._monotonic() + seconds, size=size
        )
        self.size += size
        while self.size > self._max_bytes or len(self._entries) > MAX_ENTRIES:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size
