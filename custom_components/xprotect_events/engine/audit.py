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
# A stream that has brought nothing at all for so long is renewed for what is known as
# not pushed, too: the server may have lost its subscription since.
MUTE_AFTER = timedelta(hours=1)
# Types and sources that are remembered, and pairs of them that one poll has brought. A
# server that makes them up must not fill the memory; real ones are found again.
MAX_SUSPECTS = 1000
MAX_PAIRS = 10_000

# The GUID of an event type, or a source.
type Subject = str | Source


type _Pair = tuple[str, Source | None]


class Audit:
    """Compares what polls find while events are pushed with what was pushed.

    An event that only a poll has brought makes its type and its source suspects, until
    one of them is pushed. `covers` says whether the subscription includes an event.
    """

    def __init__(self, now: datetime, covers: Callable[[Event], bool]) -> None:
        self._covers = covers
        self.since = now
        self._last_push = now
        # What the poll under way has found, with the time of the newest event.
        self._missed: dict[_Pair, datetime] = {}
        # When the stream was renewed for a suspect, `None` for not yet.
        self._suspects: dict[Subject, datetime | None] = {}
        self._not_pushed: dict[Subject, None] = {}

    @property
    def not_pushed(self) -> tuple[Subject, ...]:
        """The types and sources that the stream does not bring, the oldest first."""
        return tuple(self._not_pushed)

    def began(self, now: datetime) -> None:
        """Expect every event from now on to be pushed."""
        self.since = self._last_push = now
        self._missed.clear()

    def pushed(self, events: Iterable[Event], now: datetime) -> None:
        """Take note of what was pushed, whether or not a poll was faster."""
        self._last_push = now
        if self._suspects or self._not_pushed:
            for event in events:
                for subject in (event.type_id, event.source):
                    if subject is not None:
                        self._suspects.pop(subject, None)
                        self._not_pushed.pop(subject, None)

    def polled(self, arrivals: Iterable[Arrival]) -> int:
        """Take note of what a poll has brought; return how much of it was missed."""
        count = 0
        for arrival in arrivals:
            event = arrival.event
            is_due = arrival.delay > PUSH_LAG and event.time > self.since
            if is_due and self._covers(event):
                count += 1
                pair = (event.type_id, event.source)
                if pair in self._missed or len(self._missed) < MAX_PAIRS:
                    newest = self._missed.get(pair, event.time)
                    self._missed[pair] = max(newest, event.time)
        return count

    def poll_ended(self, now: datetime) -> bool:
        """Judge what the poll has found; return whether the stream must be renewed."""
        missed, self._missed = self._missed, {}
        types = {pair[0] for pair in missed if not self._is_explained(pair)}
        is_half_deaf = self._suspect(types, now)
        # A type that is not pushed explains why its sources bring none of it.
        rest = [pair for pair in missed if not self._is_explained(pair)]
        sources = {source for _, source in rest if source is not None}
        is_half_deaf |= self._suspect(sources, now)
        is_mute = self._last_push == self.since and now - self.since > MUTE_AFTER
        is_deaf = any(
            missed[pair] > self._last_push + PUSH_LAG
            for pair in (missed if is_mute else rest)
        )
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
