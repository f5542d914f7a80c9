"""What was recorded, as intervals: which moments of a camera have a picture."""

from collections.abc import Callable, Iterable
from datetime import datetime

from .. import times

# A picture every fifth of a second, as cameras record here.
FRAME = times.TICKS_PER_SECOND // 5

# The newest pictures reach the database so much later.
WRITE_DELAY = times.TICKS_PER_SECOND

_TICKS_PER_DAY = 86_400 * times.TICKS_PER_SECOND

type _Span = tuple[int, int | None]


class Recordings:
    """The recordings of all cameras, until told otherwise without a gap."""

    def __init__(self, now: Callable[[], int], retention_days: int) -> None:
        """Have recorded for as long as recordings are kept."""
        self._now = now
        self._retention = retention_days * _TICKS_PER_DAY
        self._spans: dict[str, tuple[_Span, ...]] = {}

    def keep_only(
        self, camera_id: str, *spans: tuple[datetime, datetime | None]
    ) -> None:
        """Have recorded in these intervals only; `None`: until now and on."""
        self._spans[camera_id] = tuple(
            (times.to_ticks(start), None if end is None else times.to_ticks(end))
            for start, end in spans
        )

    def at_or_before(self, camera_id: str, ticks: int) -> int | None:
        """Return the time of the last picture that is not after a moment."""
        found = (
            _frame_before(min(end, ticks), start)
            for start, end in self._readable(camera_id)
        )
        return max((one for one in found if one is not None), default=None)

    def at_or_after(self, camera_id: str, ticks: int) -> int | None:
        """Return the time of the first picture that is not before a moment."""
        found = (
            _frame_after(max(start, ticks), end)
            for start, end in self._readable(camera_id)
        )
        return min((one for one in found if one is not None), default=None)

    def nearest(self, camera_id: str, ticks: int) -> int | None:
        """Return the time of the picture that lies nearest to a moment."""
        both = (
            self.at_or_before(camera_id, ticks),
            self.at_or_after(camera_id, ticks),
        )
        known = [one for one in both if one is not None]
        return min(known, key=lambda one: abs(one - ticks), default=None)

    def sequences(self, camera_id: str) -> list[tuple[int, int]]:
        """Return the intervals that can be read."""
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
