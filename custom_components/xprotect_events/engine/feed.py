"""Which events are new: drops repeats, orders, and keeps the cursor.

Pure: the server's now is an argument, and nothing here waits or reads a clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import heapq

from ..api import Event

# An event may be stored this long after its own time (a recorder was offline) and
# is still found. Longer would re-read more at each renewal of a session.
OVERLAP = timedelta(minutes=15)
# Ids kept in memory, about 4 MB. Fewer would shorten the overlap of a busy site.
MAX_REMEMBERED = 20_000
# An event is late from here on; below lie slow servers and ordinary polls.
LATE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event that was not delivered before.

    `lateness` is how long after its own time it reached us, by the server's clock.
    """

    event: Event
    lateness: timedelta
    is_late: bool


class Feed:
    """Decides about every event of one server, wherever it comes from.

    `cursor` is the time up to which everything was polled. What a poll finds at or
    before `horizon` is never taken: its ids are not remembered any more, or it
    happened before the first start.
    """

    def __init__(
        self,
        *,
        cursor: datetime,
        horizon: datetime,
        remembered: Mapping[str, datetime] | None = None,
        late_after: timedelta = LATE_AFTER,
    ) -> None:
        self.cursor = cursor
        self.horizon = horizon
        self.repeats = 0
        self._late_after = late_after
        self._polled_until = cursor
        self._remembered: dict[str, datetime] = {}
        self._by_age: list[tuple[datetime, str]] = []
        for event_id, time in (remembered or {}).items():
            self._remember(event_id, time)

    @property
    def window_start(self) -> datetime:
        """Where a session or a catch-up must begin; exclusive."""
        return max(self.cursor - OVERLAP, self.horizon)

    @property
    def window(self) -> Mapping[str, datetime]:
        """Ids and times of the remembered events after `window_start`."""
        start = self.window_start
        return {
            event_id: time
            for event_id, time in self._remembered.items()
            if time > start
        }

    def accept(
        self, events: Iterable[Event], *, now: datetime, polled_since: datetime | None
    ) -> tuple[Delivery, ...]:
        """Return the new ones among the events, in order of time.

        `now` is the server's. `polled_since` is where the poll began that found
        them, `None` for pushed events: servers that ignore a session's filter send
        history, which a poll must leave out.
        """
        fresh = []
        for event in events:
            if polled_since is not None:
                if event.time <= max(self.horizon, polled_since):
                    continue
                if event.time <= now:
                    self._polled_until = max(self._polled_until, event.time)
            if event.id in self._remembered:
                self.repeats += 1
                continue
            self._remember(event.id, event.time)
            fresh.append(event)
        fresh.sort(key=lambda event: event.order)
        return tuple(self._delivery(event, now) for event in fresh)

    def complete(self) -> None:
        """Move the cursor after a poll that left nothing unread.

        Events of the future do not move it: what happens until then would be
        skipped after a restart.
        """
        self.cursor = max(self.cursor, self._polled_until)

    def _delivery(self, event: Event, now: datetime) -> Delivery:
        lateness = max(now - event.time, timedelta())
        return Delivery(
            event=event, lateness=lateness, is_late=lateness > self._late_after
        )

    def _remember(self, event_id: str, time: datetime) -> None:
        self._remembered[event_id] = time
        heapq.heappush(self._by_age, (time, event_id))
        if len(self._remembered) > MAX_REMEMBERED:
            oldest, forgotten = heapq.heappop(self._by_age)
            del self._remembered[forgotten]
            self.horizon = max(self.horizon, oldest)
