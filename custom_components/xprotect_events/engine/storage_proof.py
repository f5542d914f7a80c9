"""Which event types the server pushes and never stores."""

from collections.abc import Iterable
from datetime import datetime

from ..api import Event
from .arrival import Arrival
from .feed import OVERLAP

# One event may be the exception: a retention that was changed, a database in repair.
ENOUGH = 3


class StorageProof:
    """Compares what was pushed with what polls find, for the chosen types.

    No list says what a server stores (protocol §4.8), but a poll finds every event
    that it stores within the overlap.
    """

    def __init__(self, types: frozenset[str]) -> None:
        self._types = types
        self._pushed: dict[str, list[datetime]] = {}
        self.unstored: frozenset[str] = frozenset()

    def pushed(self, arrivals: Iterable[Arrival]) -> None:
        """Note events that came by push first."""
        if not self._types:
            return
        for arrival in arrivals:
            type_id = arrival.event.type_id
            # What bears an old time may lie outside the window of the polls.
            if type_id in self._types and not arrival.is_missed:
                times = self._pushed.setdefault(type_id, [])
                if len(times) < ENOUGH:
                    times.append(arrival.arrived_at)

    def polled(self, events: Iterable[Event]) -> None:
        """Note events that a poll has found, delivered before or not."""
        if self._types:
            for type_id in {event.type_id for event in events}:
                self._pushed.pop(type_id, None)

    def polls_complete(self, *, now: datetime) -> None:
        """Judge, at the server's now, after a poll that left nothing unread."""
        self.unstored = frozenset(
            type_id
            for type_id, times in self._pushed.items()
            if len(times) == ENOUGH and times[-1] < now - OVERLAP
        )

    def polls_failed(self) -> None:
        """Begin anew: a catch-up may leave out what was pushed in the meantime."""
        self._pushed.clear()
