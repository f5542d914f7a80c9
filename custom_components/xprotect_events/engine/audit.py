"""Finds events that the stream should have pushed, but only a poll has found.

Pure: the server's time is an argument, and nothing here waits or reads a clock.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from ..api import Event, Source
from .arrival import Arrival

# A pushed event may take this long. A poll that finds it sooner proves nothing.
PUSH_LAG = timedelta(seconds=5)
# If a poll again finds an event of a suspect within this time after the stream was
# renewed, the suspect is not pushed at all. With more, two separate problems would
# count as one; with less, the stream would be renewed for each event that happens every
# few minutes.
RENEWAL_HELPS_WITHIN = timedelta(minutes=10)
# If the renewed stream brings no event either, it is renewed again after the shorter
# time, then after twice as long each time, up to the longer one. More often would
# burden a server on which nothing helps; less often would delay push after a repair.
RENEWED_AGAIN_AFTER = timedelta(minutes=1)
RENEWED_AT_LEAST_EVERY = timedelta(minutes=15)
# The most types and sources, and polled events, to remember. A server that invents them
# must not fill the memory; real ones are found again.
MAX_SUSPECTS = 1000
MAX_AWAITED = 10_000

# The GUID of an event type, or a source.
type Subject = str | Source
type _Pair = tuple[str, Source | None]
# The pair and time of an event. The event itself may hold a picture of a megabyte.
type _Awaited = tuple[_Pair, datetime]


class Audit:
    """Compares what polls find while a stream is open with what is pushed.

    An event that only a poll has found makes its type and its source suspects, until
    an event of that type or source is pushed. `covers` returns whether the
    subscription includes an event. `now` is always the server's time.
    """

    def __init__(self, now: datetime, covers: Callable[[Event], bool]) -> None:
        self._covers = covers
        # The server's time when the stream began.
        self.since = now
        # The number of events that should have been pushed and were not.
        self.finds = 0
        # Whether neither this stream nor the one before it pushed any event.
        self.is_silent = False
        self._last_push = now
        self._has_pushed = False
        self._has_renewed = False
        self._patience = RENEWED_AGAIN_AFTER
        # Polled events that may still be pushed, by id.
        self._awaited: dict[str, _Awaited] = {}
        # When the stream was renewed for a suspect, `None` for not yet.
        self._suspects: dict[Subject, datetime | None] = {}
        self._not_pushed: dict[Subject, None] = {}

    @property
    def not_pushed(self) -> tuple[Subject, ...]:
        """The types and sources that are not pushed, in order of discovery."""
        return tuple(self._not_pushed)

    def began(self, now: datetime) -> None:
        """Expect every event from now on to be pushed."""
        self.since = self._last_push = now
        self._has_pushed = False
        self._awaited.clear()

    def clock_was_set(self, now: datetime) -> None:
        """Start again with times of the new clock: all earlier ones may be later."""
        self.began(now)
        self._suspects.clear()

    def pushed(self, events: Iterable[Event], now: datetime) -> None:
        """Note pushed events, also those that a poll has found before."""
        self._last_push = now
        self._has_pushed = True
        self.is_silent = self._has_renewed = False
        self._patience = RENEWED_AGAIN_AFTER
        if self._awaited or self._suspects or self._not_pushed:
            for event in events:
                self._awaited.pop(event.id, None)
                for subject in (event.type_id, event.source):
                    if subject is not None:
                        self._suspects.pop(subject, None)
                        self._not_pushed.pop(subject, None)

    def polled(self, arrivals: Iterable[Arrival]) -> None:
        """Note events that a poll has found first."""
        for arrival in arrivals:
            event = arrival.event
            is_due = event.time > self.since and self._covers(event)
            if is_due and len(self._awaited) < MAX_AWAITED:
                pair = (event.type_id, event.source)
                self._awaited[event.id] = (pair, event.time)

    def poll_ended(self, now: datetime) -> bool:
        """Judge what polls have found; return whether the stream must be renewed."""
        overdue = self._take_overdue(now)
        if not overdue:
            return False
        if self._has_renewed and not self._has_pushed:
            self.is_silent = True
            needs_renewal = now - self.since > self._patience
            if needs_renewal:
                self._patience = min(2 * self._patience, RENEWED_AT_LEAST_EVERY)
        else:
            needs_renewal = self._suspect_all(overdue, now)
        self._has_renewed |= needs_renewal
        return needs_renewal

    def _take_overdue(self, now: datetime) -> dict[_Pair, datetime]:
        """Return the pairs that should have been pushed, with their newest times."""
        overdue: dict[_Pair, datetime] = {}
        for event_id, (pair, time) in tuple(self._awaited.items()):
            if now - time > PUSH_LAG:
                del self._awaited[event_id]
                self.finds += 1
                overdue[pair] = max(overdue.get(pair, time), time)
        return overdue

    def _suspect_all(self, overdue: dict[_Pair, datetime], now: datetime) -> bool:
        """Note what was not pushed; return whether a new stream may help."""
        types = {pair[0] for pair in overdue if not self._is_explained(pair)}
        is_found_again = self._suspect(types, now)
        # A type that is not pushed is no reason to suspect its sources.
        rest = [pair for pair in overdue if not self._is_explained(pair)]
        sources = {source for _, source in rest if source is not None}
        is_found_again |= self._suspect(sources, now)
        has_stopped = any(overdue[pair] > self._last_push + PUSH_LAG for pair in rest)
        if not (has_stopped or is_found_again):
            return False
        for subject in (*types, *sources):
            if subject in self._suspects:
                self._suspects[subject] = now
        return True

    def _is_explained(self, pair: _Pair) -> bool:
        """Whether the type or the source is known not to be pushed."""
        type_id, source = pair
        return type_id in self._not_pushed or source in self._not_pushed

    def _suspect(self, subjects: Iterable[Subject], now: datetime) -> bool:
        """Note suspects; return whether one is found again and a renewal may help."""
        is_found_again = False
        for subject in subjects:
            if subject not in self._suspects:
                if len(self._suspects) < MAX_SUSPECTS:
                    self._suspects[subject] = None
                continue
            renewed_at = self._suspects[subject]
            if renewed_at is None or now - renewed_at > RENEWAL_HELPS_WITHIN:
                is_found_again = True
            elif len(self._not_pushed) < MAX_SUSPECTS:
                del self._suspects[subject]
                self._not_pushed[subject] = None
        return is_found_again
