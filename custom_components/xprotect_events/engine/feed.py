"""Decides which events are new, sorts them, and keeps the position of the poll.

Pure: the server's time is an argument, and nothing here waits or reads a clock.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from ..api import Event
from .arrival import NOW_MARGIN, Arrival, Origin
from .checkpoint import OVERLAP, Checkpoint

# Ids in memory, about 5 MB. With fewer, the overlap of a busy site would be shorter. A
# third is forgotten at a time: the last 20,000 are always known, and sorting is rare.
MAX_REMEMBERED = 30_000
# Ids in memory, about 20 MB, while polls fail: pushed events that no poll has confirmed
# are not forgotten. Otherwise the next poll could not find what was not pushed.
MAX_UNCONFIRMED = 100_000
# Ids of events of the future, about 20 MB. They are kept apart, so that a recorder with
# a fast clock does not push out other ids. The farthest are forgotten first, and
# delivered again if a session returns them again.
MAX_AHEAD = 100_000
# After a restart the estimate of the server's clock may be behind by this much, if an
# answer took long. A step back by less needs no handling, because the overlap is
# longer.
CLOCK_TOLERANCE = timedelta(seconds=60)


@dataclass(slots=True)
class HappeningAgain:
    """The times that the server has twice, because its clock was set back.

    If it was set back from 12:20 to 12:00, polled events of 12:00 to 12:20 with unknown
    ids were delivered before the step. `since` follows the clock: events of 12:05 are
    new once it is 12:05 again. It stops if the clock is set forward past `until`.
    """

    since: datetime
    until: datetime

    def had(self, event: Event, now: datetime) -> bool:
        """Whether an event was delivered before the clock was set back."""
        if now <= self.until:
            self.since = now
        return self.since + NOW_MARGIN < event.time <= self.until


class Feed:
    """Decides for each event of one server, pushed or polled, whether it is new.

    In the order of the server's time, and in the usual order of these marks:

        low_watermark     polled events until here are never new: their ids are
                          forgotten, or they are from before the first start
        window_start      a session or a catch-up begins here
        cursor            every event until here has been polled
        complete_at       the last complete poll ended here
        now               ids of events after it, of the future, are in `_ahead`
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.cursor = checkpoint.cursor
        # A position on disk by an earlier version may have a later one.
        self.low_watermark = min(checkpoint.low_watermark, checkpoint.cursor)
        self.complete_at = checkpoint.complete_at
        self.complete_here = checkpoint.complete_here
        self.repeats = 0
        # Counts changes, each of which makes the stored position out of date.
        self.revision = 0
        self._polled_until = checkpoint.cursor
        self._remembered = dict(checkpoint.remembered)
        self._ahead: dict[str, datetime] = {}
        # Ids since the last call of `take_changes`, as far as they are still known.
        self._unwritten: dict[str, datetime] = {}
        self._full_at = MAX_REMEMBERED
        self._keep_apart(max(checkpoint.cursor, checkpoint.complete_at))
        # The ids of events before this time are forgotten.
        self._forgotten_until = self.window_start
        # Whether the module `bearings` must note the ids before the low watermark, or
        # begin after the newest event.
        self.lacks_bearings = checkpoint.low_watermark >= checkpoint.cursor
        self.lacks_beginning = False
        # Only after the server's clock was set back, until the next complete poll.
        self._happening_again: HappeningAgain | None = None
        # Whether the poll must start again, because the clock was set back.
        self.goes_back = False

    @property
    def window_start(self) -> datetime:
        """The time after which a session or a catch-up must begin."""
        return self.start(OVERLAP)

    def start(self, look_back: timedelta) -> datetime:
        """Return the time after which a reading begins that looks back so far."""
        return max(self.cursor - look_back, self.low_watermark)

    def checkpoint(self) -> Checkpoint:
        """Return the whole position with all ids; takes a millisecond."""
        return Checkpoint(
            cursor=self.cursor,
            low_watermark=self.low_watermark,
            complete_at=self.complete_at,
            remembered=self._ahead | self._remembered,
            complete_here=self.complete_here,
        )

    def take_changes(self) -> Checkpoint:
        """Return the position with the ids that are new since the last call."""
        unwritten, self._unwritten = self._unwritten, {}
        return Checkpoint(
            cursor=self.cursor,
            low_watermark=self.low_watermark,
            complete_at=self.complete_at,
            remembered=unwritten,
            complete_here=self.complete_here,
        )

    def accept(
        self, events: Iterable[Event], *, now: datetime, polled_since: datetime | None
    ) -> tuple[Arrival, ...]:
        """Return the new events, in the order of their times.

        `now` is the server's time. `polled_since` is the start of the poll that found
        them; earlier events are ignored, because some servers ignore the filter of a
        session. It is `None` for pushed events.
        """
        is_pushed = polled_since is None
        origin = Origin.PUSH if is_pushed else Origin.POLL
        unknown_until = now if is_pushed else min(now, self.complete_at)
        remembered, ahead = self._remembered, self._ahead
        fresh = []
        for event in events:
            if polled_since is not None and not self._reaches(event, polled_since, now):
                continue
            if event.id in remembered or event.id in ahead:
                self.repeats += 1
                continue
            self.revision += 1
            arrival = Arrival(event, now, origin, unknown_until)
            self._unwritten[event.id] = event.time
            if event.time > arrival.as_of:
                ahead[event.id] = event.time
            else:
                remembered[event.id] = event.time
            if (
                polled_since is not None
                and self._happening_again is not None
                and self._happening_again.had(event, now)
            ):
                self.repeats += 1
                continue
            fresh.append(arrival)
        if len(ahead) > MAX_AHEAD:
            self._forget_ahead(now)
        if len(remembered) > self._full_at:
            self._forget(now)
        if len(fresh) > 1:
            fresh.sort(key=lambda arrival: arrival.event.order)
        return tuple(fresh)

    def _reaches(self, event: Event, since: datetime, now: datetime) -> bool:
        """Note how far a poll has come; return whether an event is in its reach."""
        if event.time <= max(self.low_watermark, since):
            return False
        # Events of the future do not move the cursor. Otherwise a restart would skip
        # the events until then.
        if event.time <= now:
            self._polled_until = max(self._polled_until, event.time)
        return True

    def advance(self, until: datetime | None = None) -> None:
        """Move the cursor to the newest polled event; all before it must be read.

        `until` limits the move. A reading begun before a step back moves nothing.
        """
        cursor = self._polled_until if until is None else min(self._polled_until, until)
        if cursor > self.cursor and not self.goes_back:
            self.cursor = cursor
            self.revision += 1

    def complete(self, *, now: datetime, here: datetime | None = None) -> None:
        """Note that a poll has read everything, at the server's time and ours."""
        self.advance()
        self.complete_at = now
        self.complete_here = here
        self._happening_again = None

    def is_ahead_of(self, now: datetime) -> bool:
        """Whether the server's clock was set back since the last poll."""
        return now < max(self.cursor, self.complete_at) - CLOCK_TOLERANCE

    def set_back(self, moment: datetime) -> None:
        """Go back to `moment`, to which the server's clock was set back.

        Until the next complete poll, polled events of the future with forgotten ids
        count as delivered before the step.
        """
        self.goes_back = True
        self._happening_again = HappeningAgain(moment, self._forgotten_until)
        self._keep_apart(moment)
        self.low_watermark = min(self._forgotten_until, moment)
        self._forgotten_until = self.low_watermark
        self.cursor = self._polled_until = min(self.cursor, moment)
        self.complete_at = min(self.complete_at, moment)
        self.revision += 1

    def look_back(self, since: datetime) -> None:
        """Go back to `since`. Events whose ids are forgotten are delivered again."""
        self.cursor = self._polled_until = since
        self.low_watermark = self.complete_at = self._forgotten_until = since
        self._happening_again = None
        self.revision += 1

    def skip_to(self, time: datetime) -> None:
        """Skip all events up to a time that were not delivered."""
        self.low_watermark = max(self.low_watermark, time)
        self._forgotten_until = max(self._forgotten_until, time)
        self.cursor = max(self.cursor, time)
        self.lacks_bearings = True
        self._polled_until = max(self._polled_until, time)
        self.revision += 1

    def note_older(self, events: Iterable[Event], since: datetime) -> None:
        """Note events between `since` and the low watermark, which are not new.

        After the clock is set back by seconds, new events have times of that span,
        too, and only ids distinguish them from the others.
        """
        self.lacks_bearings = False
        for event in events:
            if since < event.time <= self.low_watermark:
                self._remembered.setdefault(event.id, event.time)
                self._unwritten[event.id] = event.time
        self._forgotten_until = min(self._forgotten_until, since)
        self.revision += 1

    def _keep_apart(self, now: datetime) -> None:
        """Move each id to `_ahead` or `_remembered`, by its time."""
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

    def _forget(self, now: datetime) -> None:
        """Forget the oldest ids, many at once, because sorting takes milliseconds.

        The low watermark never passes the cursor.
        """
        if self._ahead:
            self._keep_apart(now)
        by_age = sorted(self._remembered.items(), key=itemgetter(1))
        many = MAX_REMEMBERED // 3
        confirmed = bisect_right(by_age, self.cursor, key=itemgetter(1))
        excess = min(confirmed, len(by_age) - MAX_REMEMBERED + many)
        excess = max(excess, len(by_age) - MAX_UNCONFIRMED)
        if excess > 0:
            _, until = by_age[excess - 1]
            self.low_watermark = max(self.low_watermark, min(until, self.cursor))
            self._forgotten_until = max(self._forgotten_until, until)
            for event_id, _ in by_age[:excess]:
                del self._remembered[event_id]
                self._unwritten.pop(event_id, None)
        self._full_at = max(MAX_REMEMBERED, len(self._remembered) + many)
