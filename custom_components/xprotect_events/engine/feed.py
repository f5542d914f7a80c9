"""Which events are new: drops repeats, orders, and keeps the cursor.

Pure: the server's now is an argument, and nothing here waits or reads a clock.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter

from ..api import Event
from .arrival import NOW_MARGIN, Arrival, Origin

# An event may be stored this long after its own time (a recorder was offline) and
# is still found. Longer would re-read more at each renewal of a session.
OVERLAP = timedelta(minutes=15)
# Ids kept in memory, about 4 MB. Fewer would shorten the overlap of a busy site.
# A fifth is forgotten at a time, so that the last 20,000 are always known.
MAX_REMEMBERED = 25_000
# Ids of pushed events that no poll has confirmed yet are kept beyond that, about
# 20 MB; a poll that fails for long while push works must not cost what push missed.
MAX_UNCONFIRMED = 100_000
# Ids of events that bear a time of the future, about 20 MB. They are kept apart, so
# that a recorder whose clock is fast costs nobody else's ids. Those of the farthest
# future are forgotten first, and delivered again when a session shows them again.
MAX_AHEAD = 100_000
# Ids of what came last are kept over a restart whatever its time: the server's clock
# may just have been set back, and what lies shortly before the restart is read again.
MAX_RECENT = 1_000
# Polls ask for a little more than the window, because servers compare times roughly.
WINDOW_MARGIN = timedelta(seconds=1)
# The server's clock after a restart may seem to be behind by this much: an answer took
# long. One that was set back by less needs no care, because the overlap is longer.
CLOCK_TOLERANCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How far a feed has come, in the server's time; survives restarts.

    `cursor` is the time of the newest event up to which everything was polled.
    What a poll finds at or before `low_watermark` is never taken: its ids are not
    remembered any more, or it happened before the first start. `complete_at` is
    when the last poll that left nothing unread ended. `remembered` are ids and
    times of the events since a little before `window_start`, and of those that came
    last.
    """

    cursor: datetime
    low_watermark: datetime
    complete_at: datetime
    remembered: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def beginning(cls, now: datetime) -> Checkpoint:
        """Begin at the server's now: stored history is not news."""
        return cls(cursor=now, low_watermark=now, complete_at=now)

    @classmethod
    def looking_back(cls, now: datetime, limit: timedelta) -> Checkpoint:
        """Begin so long before the server's now: nobody knows what was delivered."""
        return cls.beginning(now - limit)


class Feed:
    """Decides about every event of one server, wherever it comes from."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.cursor = checkpoint.cursor
        # One on disk may be later, of a version before this one.
        self.low_watermark = min(checkpoint.low_watermark, checkpoint.cursor)
        self.complete_at = checkpoint.complete_at
        self.repeats = 0
        # Counts what makes a saved checkpoint out of date.
        self.revision = 0
        self._polled_until = checkpoint.cursor
        self._remembered = dict(checkpoint.remembered)
        self._ahead: dict[str, datetime] = {}
        # Ids that are new since somebody has written them down.
        self._unwritten: dict[str, datetime] = {}
        self._full_at = MAX_REMEMBERED
        self._keep_apart(max(checkpoint.cursor, checkpoint.complete_at))
        # The ids of what happened until then are not known any more.
        self._forgotten_until = self.window_start
        # Whether the ids right before the low watermark are still to be noted.
        self.lacks_bearings = checkpoint.low_watermark >= checkpoint.cursor
        # After the server's clock was set back: what bears a time between the server's
        # now and this one was delivered already. That now stops when the clock jumps
        # over all of it, because it was set right again.
        self._delivered_until: datetime | None = None
        self._delivered_since = checkpoint.cursor
        # What was read before the clock was set back has to be read again.
        self.goes_back = False

    @property
    def window_start(self) -> datetime:
        """Where a session or a catch-up must begin; exclusive."""
        return max(self.cursor - OVERLAP, self.low_watermark)

    def checkpoint(self) -> Checkpoint:
        """Return what must be kept over a restart."""
        start = self.window_start - WINDOW_MARGIN
        by_arrival = reversed((self._ahead | self._remembered).items())
        return Checkpoint(
            cursor=self.cursor,
            low_watermark=self.low_watermark,
            complete_at=self.complete_at,
            remembered={
                event_id: time
                for event_id, time in self._remembered.items()
                if time > start
            }
            | self._ahead
            | dict(islice(by_arrival, MAX_RECENT)),
        )

    def take_changes(self) -> Checkpoint:
        """Return the position with the ids that are new since the last call."""
        unwritten, self._unwritten = self._unwritten, {}
        return Checkpoint(
            cursor=self.cursor,
            low_watermark=self.low_watermark,
            complete_at=self.complete_at,
            remembered=unwritten,
        )

    def accept(
        self, events: Iterable[Event], *, now: datetime, polled_since: datetime | None
    ) -> tuple[Arrival, ...]:
        """Return the new ones among the events, in order of time.

        `now` is the server's. `polled_since` is where the poll began that found
        them, `None` for pushed events: servers that ignore a session's filter send
        history, which a poll must leave out.
        """
        fresh = []
        for event in events:
            if polled_since is not None:
                if event.time <= max(self.low_watermark, polled_since):
                    continue
                # Events of the future do not move the cursor: what happens until
                # then would be skipped after a restart.
                if event.time <= now:
                    self._polled_until = max(self._polled_until, event.time)
            if event.id in self._remembered or event.id in self._ahead:
                self.repeats += 1
                continue
            self.revision += 1
            self._remember(event, now)
            if polled_since is not None and self._was_delivered(event, now):
                self.repeats += 1
                continue
            fresh.append(event)
        if len(fresh) > 1:
            fresh.sort(key=lambda event: event.order)
        is_pushed = polled_since is None
        origin = Origin.PUSH if is_pushed else Origin.POLL
        unknown_until = now if is_pushed else min(now, self.complete_at)
        return tuple(
            [
                Arrival.of(event, now, origin=origin, unknown_until=unknown_until)
                for event in fresh
            ]
        )

    def advance(self, until: datetime | None = None) -> None:
        """Move the cursor to the newest polled event; nothing before it is unread.

        Not beyond `until`, where what follows was polled before what comes first.
        """
        cursor = self._polled_until if until is None else min(self._polled_until, until)
        if cursor > self.cursor:
            self.cursor = cursor
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
        self.goes_back = True
        self._delivered_until = self._forgotten_until
        self._delivered_since = moment
        self._keep_apart(moment)
        self.low_watermark = min(self._forgotten_until, moment)
        self._forgotten_until = self.low_watermark
        self.cursor = self._polled_until = min(self.cursor, moment)
        self.complete_at = min(self.complete_at, moment)
        self.revision += 1

    def look_back(self, since: datetime) -> None:
        """Begin again at a time in the past, where nobody knows what was delivered.

        Events whose ids are not known any more come again.
        """
        self.cursor = self._polled_until = since
        self.low_watermark = self.complete_at = self._forgotten_until = since
        self._delivered_until = None
        self.revision += 1

    def skip_to(self, time: datetime) -> None:
        """Give up what happened until then and was not delivered yet."""
        self.low_watermark = max(self.low_watermark, time)
        self._forgotten_until = max(self._forgotten_until, time)
        self.cursor = max(self.cursor, time)
        self.lacks_bearings = True
        self._polled_until = max(self._polled_until, time)
        self.revision += 1

    def take_bearings(self, events: Iterable[Event], since: datetime) -> None:
        """Note events since a time that are no news, up to the low watermark.

        When the clock is set back by seconds, news bear times of that span, too.
        """
        self.lacks_bearings = False
        for event in events:
            if since < event.time <= self.low_watermark:
                self._remembered.setdefault(event.id, event.time)
                self._unwritten[event.id] = event.time
        self._forgotten_until = min(self._forgotten_until, since)
        self.revision += 1

    def _remember(self, event: Event, now: datetime) -> None:
        self._unwritten[event.id] = event.time
        if event.time > now + NOW_MARGIN:
            self._ahead[event.id] = event.time
            if len(self._ahead) > MAX_AHEAD:
                self._forget_ahead(now)
        else:
            self._remembered[event.id] = event.time
            if len(self._remembered) > self._full_at:
                self._forget(now)

    def _keep_apart(self, now: datetime) -> None:
        """Keep ids of the future apart, and those that were of the future no more."""
        everything = self._remembered | self._ahead
        self._ahead = {
            event_id: time
            for event_id, time in everything.items()
            if time > now + NOW_MARGIN
        }
        self._remembered = {
            event_id: time
            for event_id, time in everything.items()
            if event_id not in self._ahead
        }

    def _forget_ahead(self, now: datetime) -> None:
        self._keep_apart(now)
        by_time = sorted(self._ahead.items(), key=itemgetter(1))
        self._ahead = dict(by_time[: MAX_AHEAD * 4 // 5])

    def _was_delivered(self, event: Event, now: datetime) -> bool:
        if self._delivered_until is None:
            return False
        if now <= self._delivered_until:
            self._delivered_since = now
        since = self._delivered_since + NOW_MARGIN
        return since < event.time <= self._delivered_until

    def _forget(self, now: datetime) -> None:
        """Forget the oldest, many at a time: to sort them takes some milliseconds.

        What a poll may not take is never later than the cursor.
        """
        if self._ahead:
            self._keep_apart(now)
        by_age = sorted(self._remembered.items(), key=itemgetter(1))
        many = MAX_REMEMBERED // 5
        confirmed = bisect_right(by_age, self.cursor, key=itemgetter(1))
        excess = min(confirmed, len(by_age) - MAX_REMEMBERED + many)
        excess = max(excess, len(by_age) - MAX_UNCONFIRMED)
        if excess > 0:
            _, until = by_age[excess - 1]
            self.low_watermark = max(self.low_watermark, min(until, self.cursor))
            self._forgotten_until = max(self._forgotten_until, until)
            self._remembered = dict(by_age[excess:])
        self._full_at = max(MAX_REMEMBERED, len(self._remembered) + many)
