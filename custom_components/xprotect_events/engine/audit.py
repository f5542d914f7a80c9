"""What push has not brought although it should have: the poll behind it finds out.

Pure: the server's now is an argument, and nothing here waits or reads a clock.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from ..api import Event, Source
from .arrival import Arrival

# A pushed event may take this long; what a poll finds sooner may still be pushed.
PUSH_LAG = timedelta(seconds=5)
# Found again within this time after the stream was renewed, a type or a source is one
# that is not pushed. Longer would call two troubles one, shorter would miss what
# happens every few minutes and renew the stream each time.
RENEWAL_HELPS_WITHIN = timedelta(minutes=10)
# Where not even the stream after a deaf one brings anything, it is renewed again after
# the shorter time, then after twice as long, up to the longer one. More often would be
# a burden where nothing helps; less often, push would stay away from a server that is
# well again.
RENEWED_AGAIN_AFTER = timedelta(minutes=1)
RENEWED_AT_LEAST_EVERY = timedelta(minutes=15)
# Types and sources that are remembered, and events that one poll has brought. A server
# that makes them up must not fill the memory; real ones are found again.
MAX_SUSPECTS = 1000
MAX_AWAITED = 10_000

# The GUID of an event type, or a source.
type Subject = str | Source
type _Pair = tuple[str, Source | None]


class Audit:
    """Compares what polls find while a stream is open with what it brings.

    An event that only a poll has brought makes its type and its source suspects, until
    one of them is pushed. `covers` says whether the subscription includes an event.
    """

    def __init__(self, now: datetime, covers: Callable[[Event], bool]) -> None:
        self._covers = covers
        self.since = now
        self.finds = 0
        # Whether the stream brings nothing at all, as the one before it.
        self.is_mute = False
        self._last_push = now
        self._has_pushed = False
        self._has_renewed = False
        self._patience = RENEWED_AGAIN_AFTER
        # Polled events that may still be pushed, by id.
        self._awaited: dict[str, Event] = {}
        # When the stream was renewed for a suspect, `None` for not yet.
        self._suspects: dict[Subject, datetime | None] = {}
        self._not_pushed: dict[Subject, None] = {}

    @property
    def not_pushed(self) -> tuple[Subject, ...]:
        """The types and sources that streams do not bring, the oldest first."""
        return tuple(self._not_pushed)

    def began(self, now: datetime) -> None:
        """Expect every event from now on to be pushed."""
        self.since = self._last_push = now
        self._has_pushed = False
        self._awaited.clear()

    def pushed(self, events: Iterable[Event], now: datetime) -> None:
        """Take note of what was pushed, whether or not a poll was faster."""
        self._last_push = now
        self._has_pushed = True
        self.is_mute = self._has_renewed = False
        self._patience = RENEWED_AGAIN_AFTER
        if self._awaited or self._suspects or self._not_pushed:
            for event in events:
                self._awaited.pop(event.id, None)
                for subject in (event.type_id, event.source):
                    if subject is not None:
                        self._suspects.pop(subject, None)
                        self._not_pushed.pop(subject, None)

    def polled(self, arrivals: Iterable[Arrival]) -> None:
        """Take note of what a poll has brought before it was pushed."""
        for arrival in arrivals:
            event = arrival.event
            is_due = event.time > self.since and self._covers(event)
            if is_due and len(self._awaited) < MAX_AWAITED:
                self._awaited[event.id] = event

    def poll_ended(self, now: datetime) -> bool:
        """Judge what polls have found; return whether the stream must be renewed."""
        missed = self._take_missed(now)
        if not missed:
            return False
        if self._has_renewed and not self._has_pushed:
            self.is_mute = True
            needs_renewal = now - self.since > self._patience
            if needs_renewal:
                self._patience = min(2 * self._patience, RENEWED_AT_LEAST_EVERY)
        else:
            needs_renewal = self._suspect_all(missed, now)
        self._has_renewed |= needs_renewal
        return needs_renewal

    def _take_missed(self, now: datetime) -> dict[_Pair, datetime]:
        """Return what should have been pushed by now, with the newest time of each."""
        missed: dict[_Pair, datetime] = {}
        for event in tuple(self._awaited.values()):
            if now - event.time > PUSH_LAG:
                del self._awaited[event.id]
                self.finds += 1
                pair = (event.type_id, event.source)
                missed[pair] = max(missed.get(pair, event.time), event.time)
        return missed

    def _suspect_all(self, missed: dict[_Pair, datetime], now: datetime) -> bool:
        """Note what was missed; return whether another stream may bring it."""
        types = {pair[0] for pair in missed if not self._is_explained(pair)}
        is_half_deaf = self._suspect(types, now)
        # A type that is not pushed explains why its sources bring none of it.
        rest = [pair for pair in missed if not self._is_explained(pair)]
        sources = {source for _, source in rest if source is not None}
        is_half_deaf |= self._suspect(sources, now)
        is_deaf = any(missed[pair] > self._last_push + PUSH_LAG for pair in rest)
        if not (is_deaf or is_half_deaf):
            return False
        for subject in (*types, *sources):
            if subject in self._suspects:
                self._suspects[subject] = now
        return True

    def _is_explained(self, pair: _Pair) -> bool:
        type_id, source = pair
        return type_id in self._not_pushed or source in self._not_pushed

    def _suspect(self, subjects: Iterable[Subject], now: datetime) -> bool:
        """Note finds; return whether one was found before, and renewing may help."""
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
