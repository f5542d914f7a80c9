"""The append-only list of all events, and the events that are stored."""

import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
import heapq

from .. import times

_TICKS_PER_DAY = 86_400 * times.TICKS_PER_SECOND

# The last events, those of a storm of some hours; the memory of a long demo must not
# grow. Real sites have only a limit in days.
KEPT = 2_000_000

# How often old events are removed. This looks at every stored event, so it is not done
# at each reading.
_CLEANING_INTERVAL = 3_600 * times.TICKS_PER_SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event of the event server."""

    id: str
    local_id: int
    type: str
    source: str | None
    ticks: int
    datatype: str = "none"
    tag: str | None = None
    data: Mapping[str, object] | None = None
    is_stored: bool = True

    @property
    def time(self) -> datetime:
        """The time of the event, without its seventh digit."""
        return times.to_datetime(self.ticks)

    @property
    def order(self) -> tuple[int, int]:
        """The sort key of stored events: time, then running number."""
        return self.ticks, self.local_id


def _order(event: StoredEvent) -> tuple[int, int]:
    return event.order


class Log[T]:
    """What was appended, the last rows of it; positions count all of them."""

    def __init__(self) -> None:
        """Start empty."""
        self._rows: list[T] = []
        self._dropped = 0

    @property
    def position(self) -> int:
        """The position after the last row."""
        return self._dropped + len(self._rows)

    def __iter__(self) -> Iterator[T]:
        """Yield the rows that are kept."""
        return iter(self._rows)

    def append(self, row: T) -> None:
        """Add a row."""
        self._rows.append(row)

    def since(self, position: int) -> list[T]:
        """Return the rows from a position on, those that are kept."""
        return self._rows[max(position - self._dropped, 0) :]

    def trim(self) -> None:
        """Keep the last rows."""
        too_many = max(len(self._rows) - KEPT, 0)
        self._dropped += too_many
        del self._rows[:too_many]


class Ledger:
    """All events, in the order of happening, of storing and of their times."""

    def __init__(self) -> None:
        """Start empty."""
        self.happened: list[StoredEvent] = []
        # The number of events that happened before those in `happened`.
        self.forgotten = 0
        self.storing_log: Log[StoredEvent] = Log()
        self.removal_log: Log[str] = Log()
        self._by_time: list[StoredEvent] = []
        self._by_id: dict[str, StoredEvent] = {}
        self._waiting: list[tuple[int, int, StoredEvent]] = []
        self._next_cleaning = 0

    @property
    def stored(self) -> Sequence[StoredEvent]:
        """The events that are stored now, sorted by time."""
        return self._by_time

    def add(self, event: StoredEvent, *, store_at: int) -> None:
        """Add an event, and store it at `store_at` (in ticks) if it is to be stored."""
        self.happened.append(event)
        if event.is_stored:
            heapq.heappush(self._waiting, (store_at, event.local_id, event))

    def settle(self, now: int) -> None:
        """Store all events that are due."""
        while self._waiting and self._waiting[0][0] <= now:
            event = heapq.heappop(self._waiting)[2]
            self._by_id[event.id] = event
            self.storing_log.append(event)
            if self._by_time and self._by_time[-1].order > event.order:
                bisect.insort(self._by_time, event, key=_order)
            else:
                self._by_time.append(event)

    def find(self, event_id: str) -> StoredEvent | None:
        """Return a stored event."""
        return self._by_id.get(event_id)

    def between(self, after: int | None, before: int | None) -> slice:
        """Return the slice of stored events with after <= ticks < before."""
        start, stop = 0, len(self._by_time)
        if after is not None:
            start = bisect.bisect_left(self._by_time, (after, 0), key=_order)
        if before is not None:
            stop = bisect.bisect_left(self._by_time, (before, 0), key=_order)
        return slice(start, stop)

    def clean(self, now: int, retention: Callable[[str], int]) -> None:
        """Remove events older than their type's retention in days, once an hour.

        The oldest go before that if there are too many.
        """
        if now < self._next_cleaning:
            return
        self._next_cleaning = now + _CLEANING_INTERVAL
        kept: list[StoredEvent] = []
        too_many = len(self._by_time) - KEPT
        for number, event in enumerate(self._by_time):
            is_recent = event.ticks + retention(event.type) * _TICKS_PER_DAY > now
            if is_recent and number >= too_many:
                kept.append(event)
            else:
                del self._by_id[event.id]
                self.removal_log.append(event.id)
        self._by_time = kept
        forgotten = max(len(self.happened) - KEPT, 0)
        self.forgotten += forgotten
        del self.happened[:forgotten]
        self.storing_log.trim()
        self.removal_log.trim()
