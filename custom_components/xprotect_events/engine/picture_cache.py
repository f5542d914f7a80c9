"""A cache of pictures and of failures to fetch them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ..api import ApiError
from .shot import Shot

# Bytes of all pictures: about a hundred of 1080p. More would be too much memory on a
# small computer.
MAX_CACHE_BYTES = 32 * 1024 * 1024
# The most entries: failures have nearly no bytes, but must not fill the memory.
MAX_ENTRIES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    outcome: Shot | ApiError
    ends_at: float
    size: int


class PictureCache:
    """Keeps pictures and failures; removes the least recently used ones first."""

    def __init__(
        self, monotonic: Callable[[], float], max_bytes: int = MAX_CACHE_BYTES
    ) -> None:
        self._monotonic = monotonic
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self.size = 0

    def find(self, key: Hashable) -> Shot | ApiError | None:
        """Return the picture or failure of a key, or `None`."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._monotonic() >= entry.ends_at:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.outcome

    def keep(self, key: Hashable, outcome: Shot | ApiError, seconds: float) -> None:
        """Keep a picture or failure for so many seconds."""
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
