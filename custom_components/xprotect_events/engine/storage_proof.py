"""Finds event types that the server pushes but does not store."""

from collections.abc import Iterable
from datetime import datetime

from ..api import Event
from .arrival import Arrival
from .checkpoint import OVERLAP

# Events that prove it. A single one may be missing for another reason, such as a
# changed retention or a database in repair.
ENOUGH = 3


class StorageProof:
    """Compares pushed events of the selected types with those that polls find.

    No list of stored types exists (protocol §4.8), but polls find every event that is
    stored within the overlap.
    """

    def __init__(self, types: frozenset[str]) -> None:
        self._types = types
        self._pushed: dict[str, list[datetime]] = {}
        self.unstored: frozenset[str] = frozenset()

    def pushed(self, arrivals: Iterable[Arrival]) -> None:
        """Note events that were pushed before a poll has found them."""
        if not self._types:
            return
        for arrival in arrivals:
            type_id = arrival.event.type_id
            # The window of the polls may not include the time of a missed event.
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
        """Update `unstored` after a complete poll, at the server's time `now`."""
        self.unstored = frozenset(
            type_id
            for type_id, times in self._pushed.items()
            if len(times) == ENOUGH and times[-1] < now - OVERLAP
        )

    def polls_failed(self) -> None:
        """Start again: a catch-up may skip what is pushed until then."""
        self._pushed.clear()
