"""Which events are new: drops repeats, orders, and keeps the cursor.

Pure: the server's now is an argument, and nothing here waits or reads a clock.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import NamedTuple, Self

from ..api import Event

# An event may be stored this long after its own time (a recorder was offline) and
# is still found. Longer would re-read more at each renewal of a session.
OVERLAP = timedelta(minutes=15)
# Ids kept in memory, about 4 MB. Fewer would shorten the overlap of a busy site.
# A fifth is forgotten at a time, so that the last 20,000 are always known.
MAX_REMEMBERED = 25_000
# Ids of pushed events that no poll has confirmed yet are kept beyond that, about
# 20 MB; a poll that fails for long while push works must not cost what push missed.
MAX_UNCONFIRMED = 100_000
# Ids of what came last are kept over a restart whatever its time: the server's clock
# may just have been set back, and what lies shortly before the restart is read again.
MAX_RECENT = 1_000
# Polls ask for a little more than the window, because servers compare times roughly.
WINDOW_MARGIN = timedelta(seconds=1)
# The server's clock, known from its answers, wanders by less than this; one that is
# set back by less needs no care, because the overlap is longer.
CLOCK_TOLERANCE = timedelta(seconds=60)
# The server's now is told in whole seconds, so what has just happened may lie after it.
NOW_MARGIN = timedelta(seconds=2)
# An event is late from here on; below lie slow servers and ordinary polls.
LATE_AFTER = timedelta(seconds=60)


class Delivery(NamedTuple):
    """An event that was not delivered before.

    `arrived_at` is the server's now when it reached us. Automations must not take what
    `is_late` for something that happens now. `told_after` is when the server had
    certainly not told it yet: what is pushed comes at once, a poll may find it later.
    """

    event: Event
    arrived_at: datetime
    is_late: bool
    told_after: datetime

    @classmethod
    def of(
        cls, event: Event, arrived_at: datetime, told_after: datetime | None = None
    ) -> Self:
        """Judge an event that reaches us at the server's now."""
        is_late = arrived_at - event.time > LATE_AFTER
        fields = (event, arrived_at, is_late, told_after or arrived_at)
        # As `cls(*fields)`, in half the time.
        return tuple.__new__(cls, fields)

    @property
    def lateness(self) -> timedelta:
        """How long after its own time it came; negative for one of the future."""
        return self.arrived_at - self.event.time

    @property
    def as_of(self) -> datetime:
        """The event's own time, but of the future no more than our idea of now allows.

        A camera with a wrong clock would keep its state until the time comes.
        """
        time = self.event.time
        return time if time <= self.arrived_at + NOW_MARGIN else self.arrived_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a feed has come, in the server's time; survives restarts.

    `cursor` is the time of the newest event up to which everything was polled.
    What a poll finds at or before `horizon` is never taken: its ids are not
    remembered any more, or it happened before the first start. `complete_at` is
    when the last poll that left nothing unread ended. `remembered` are ids and
    times of the events since a little before `window_start`, and of those that came
    last.
    """

    cursor: datetime
    horizon: datetime
    complete_at: datetime
    remembered: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def beginning(cls, now: datetime) -> Position:
        """Begin at the server's now: stored history is not news."""
        return cls(cursor=now, horizon=now, complete_at=now)


class Feed:
    """Decides about every event of one server, wherever it comes from."""

    def __init__(self, position: Position) -> None:
        self.cursor = position.cursor
        self.horizon = position.horizon
        self.complete_at = position.complete_at
        self.repeats = 0
        # Counts what makes a saved position out of date.
        self.revision = 0
        self._polled_until = position.cursor
        self._remembered = dict(position.remembered)
        self._full_at = MAX_REMEMBERED
        # The ids of what happened until then are not known any more.
        self._forgotten_until = self.window_start
        # After the server's clock was set back: what bears a time between the server's
        # now and this one was delivered already. That now stops when the clock jumps
        # over all of it, because it was set right again.
        self._delivered_until: datetime | None = None
        self._delivered_since = position.cursor

    @property
    def window_start(self) -> datetime:
        """Where a session or a catch-up must begin; exclusive."""
        return max(self.cursor - OVERLAP, self.horizon)

    def position(self) -> Position:
        """Return what must be kept over a restart."""
        start = self.window_start - WINDOW_MARGIN
        by_arrival = reversed(self._remembered.items())
        return Position(
            cursor=self.cursor,
            horizon=self.horizon,
            complete_at=self.complete_at,
            remembered={
                event_id: time
                for event_id, time in self._remembered.items()
                if time > start
            }
            | dict(islice(by_arrival, MAX_RECENT)),
        )

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
                # Events of the future do not move the cursor: what happens until
                # then would be skipped after a restart.
                if event.time <= now:
                    self._polled_until = max(self._polled_until, event.time)
            if event.id in self._remembered:
                self.repeats += 1
                continue
            self.revision += 1
            self._remembered[event.id] = event.time
            if len(self._remembered) > self._full_at:
                self._forget()
            if polled_since is not None and self._was_delivered(event, now):
                self.repeats += 1
                continue
            fresh.append(event)
        if len(fresh) > 1:
            fresh.sort(key=lambda event: event.order)
        told_after = now if polled_since is None else min(now, self.complete_at)
        return tuple([Delivery.of(event, now, told_after) for event in fresh])

    def advance(self) -> None:
        """Move the cursor to the newest polled event; nothing before it is unread."""
        if self._polled_until > self.cursor:
            self.cursor = self._polled_until
            self.revision += 1

    def complete(self, *, now: datetime) -> None:
        """Note, at the server's now, that a poll left nothing unread."""
        self.advance()
        self.complete_at = now
        self._delivered_until = None

    def is_ahead_of(self, now: datetime) -> bool:
        """Whether the server's clock was set back since the last poll."""
        return now < max(self.cursor, self.complete_at) - CLOCK_TOLERANCE

    def set_back(self, moment: datetime) -> None:
        """Begin again at a moment in the past, as the server's clock has done.

        Until the next complete poll, polled events of the future are taken for those
        that were delivered before, as far as their ids are not known any more.
        """
        self._delivered_until = self._forgotten_until
        self._delivered_since = moment
        self.horizon = min(self._forgotten_until, moment)
        self._forgotten_until = self.horizon
        self.cursor = self._polled_until = min(self.cursor, moment)
        self.complete_at = min(self.complete_at, moment)
        self.revision += 1

    def skip_to(self, time: datetime) -> None:
        """Give up what happened until then and was not delivered yet."""
        self.horizon = max(self.horizon, time)
        self._forgotten_until = max(self._forgotten_until, time)
        self.revision += 1

    def _was_delivered(self, event: Event, now: datetime) -> bool:
        if self._delivered_until is None:
            return False
        if now <= self._delivered_until:
            self._delivered_since = now
        since = self._delivered_since + NOW_MARGIN
        return since < event.time <= self._delivered_until

    def _forget(self) -> None:
        """Forget the oldest, many at a time: to sort them takes some milliseconds."""
        by_age = sorted(self._remembered.items(), key=itemgetter(1))
        many = MAX_REMEMBERED // 5
        confirmed = bisect_right(by_age, self.cursor, key=itemgetter(1))
        excess = min(confirmed, len(by_age) - MAX_REMEMBERED + many)
        excess = max(excess, len(by_age) - MAX_UNCONFIRMED)
        if excess > 0:
            _, until = by_age[excess - 1]
            self.horizon = max(self.horizon, until)
            self._forgotten_until = max(self._forgotten_until, until)
            self._remembered = dict(by_age[excess:])
        self._full_at = max(MAX_REMEMBERED, len(self._remembered) + many)
