"""The recordings of cameras, as intervals in which there are pictures."""

from collections.abc import Callable, Iterable
from datetime import datetime

from .. import times

# The distance of recorded pictures in ticks: five per second.
FRAME = times.TICKS_PER_SECOND // 5

# The delay until a picture is in the recorder's database, in ticks.
WRITE_DELAY = times.TICKS_PER_SECOND

_TICKS_PER_DAY = 86_400 * times.TICKS_PER_SECOND

type _Span = tuple[int, int | None]


class Recordings:
    """The recordings of all cameras; without `keep_only` they have no gap."""

    def __init__(self, now: Callable[[], int], retention_days: int) -> None:
        """Start with recordings of the whole retention."""
        self._now = now
        self._retention = retention_days * _TICKS_PER_DAY
        self._spans: dict[str, tuple[_Span, ...]] = {}

    def keep_only(
        self, camera_id: str, *spans: tuple[datetime, datetime | None]
    ) -> None:
        """Keep only these intervals of a camera; an end of None means for ever."""
        self._spans[camera_id] = tuple(
            (times.to_ticks(start), None if end is None else times.to_ticks(end))
            for start, end in spans
        )

    def at_or_before(self, camera_id: str, ticks: int) -> int | None:
        """Return the time of the last picture at or before a moment, or None."""
        found = (
            _frame_before(min(end, ticks), start)
            for start, end in self._readable(camera_id)
        )
        return max((one for one in found if one is not None), default=None)

    def at_or_after(self, camera_id: str, ticks: int) -> int | None:
        """Return the time of the first picture at or after a moment, or None."""
        found = (
            _frame_after(max(start, ticks), end)
            for start, end in self._readable(camera_id)
        )
        return min((one for one in found if one is not None), default=None)

    def nearest(self, camera_id: str, ticks: int) -> int | None:
        """Return the time of the picture nearest to a moment, or None."""
        both = (
            self.at_or_before(camera_id, ticks),
            self.at_or_after(camera_id, ticks),
        )
        known = [one for one in both if one is not None]
        return min(known, key=lambda one: abs(one - ticks), default=None)

    def sequences(self, camera_id: str) -> list[tuple[int, int]]:
        """Return the intervals of a camera that can be read."""
        return list(self._readable(camera_id))

    def _readable(self, camera_id: str) -> Iterable[tuple[int, int]]:
        written = self._now() - WRITE_DELAY
        kept = self._now() - self._retention
        for start, end in self._spans.get(camera_id, ((kept, None),)):
            first = max(start, kept)
            last = written if end is None else min(end, written)
            if first <= last:
                yield first, last


def _frame_before(ticks: int, start: int) -> int | None:
    frame = ticks // FRAME * FRAME
    return frame if frame >= start else None


def _frame_after(ticks: int, end: int) -> int | None:
    frame = -(-ticks // FRAME) * FRAME
    return frame if frame <= end else None
