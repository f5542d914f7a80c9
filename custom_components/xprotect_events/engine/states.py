"""The current state of every source: the newest event of each group wins."""

from collections.abc import Container
from datetime import datetime

from ..api import Event, Source

# Large sites have 16,406; a server that makes sources up must not fill the memory.
MAX_STATES = 100_000

# Of a source and a state group.
type StateKey = tuple[Source, str]


class States:
    """Folds events into the state of (source, group)."""

    def __init__(self) -> None:
        self._newest: dict[StateKey, tuple[datetime, Event]] = {}

    def fold(
        self,
        key: StateKey,
        event: Event,
        *,
        as_of: datetime,
        unknown_until: datetime | None = None,
    ) -> bool:
        """Take an event in; return whether it is the newest of its key.

        An older one arrives when recorders were offline: it changes nothing.
        `as_of` is the event's time, or the server's now for one of the future. After a
        clock that was ahead is put right, what is new bears an earlier time: it is what
        the server has told after all that was known.
        """
        known = self._newest.get(key)
        if known is None and len(self._newest) >= MAX_STATES:
            return False
        if known is not None:
            known_as_of, known_event = known
            is_newer = event.time > known_event.time or (
                known_as_of < as_of and known_as_of <= (unknown_until or as_of)
            )
            if not is_newer and not _follows(event, known_event):
                return False
        self._newest[key] = (as_of, event)
        return True

    def set_back(self, moment: datetime) -> None:
        """Let every state be older than what happens after a moment."""
        for key, (as_of, event) in self._newest.items():
            self._newest[key] = (min(as_of, moment), event)

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


def _follows(event: Event, known: Event) -> bool:
    """Whether the second of two events is the newer one, by more than its time.

    The stream numbers no events, and a state may be over in the same instant.
    """
    if event.local_id is None or known.local_id is None:
        *moment, _ = event.order
        *known_moment, _ = known.order
        return moment >= known_moment and event.id != known.id
    return event.order > known.order
