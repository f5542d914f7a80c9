"""The current state of every source: the newest event of each group wins."""

from collections.abc import Container
from datetime import datetime

from ..api import Event

type StateKey = tuple[str, str]
type Order = tuple[datetime, tuple[datetime, str, int]]


class States:
    """Folds events into the state of (source, group)."""

    def __init__(self) -> None:
        self._newest: dict[StateKey, tuple[Order, Event]] = {}

    def fold(self, key: StateKey, event: Event, *, now: datetime) -> bool:
        """Take an event in; return whether it is the newest of its key.

        An older one arrives when recorders were offline: it changes nothing. One
        of the future counts as of the server's now, or a camera with a wrong clock
        would keep its state until then.
        """
        order = (min(event.time, now), event.order)
        known = self._newest.get(key)
        if known is not None and order <= known[0]:
            return False
        self._newest[key] = (order, event)
        return True

    def newest(self, key: StateKey) -> Event | None:
        """Return the event that set the current state, `None` when unknown."""
        known = self._newest.get(key)
        return known[1] if known else None

    def forget_all_but(self, keys: Container[StateKey]) -> tuple[StateKey, ...]:
        """Make all other states unknown and return which those are."""
        forgotten = tuple(key for key in self._newest if key not in keys)
        for key in forgotten:
            del self._newest[key]
        return forgotten
