"""The current state of every source: the newest event of each group wins."""

from ..api import Event

type StateKey = tuple[str, str]


class States:
    """Folds events into the state of (source, group)."""

    def __init__(self) -> None:
        self._newest: dict[StateKey, Event] = {}

    def fold(self, key: StateKey, event: Event) -> bool:
        """Take an event in; return whether it is the newest of its key.

        An older one arrives when recorders were offline: it changes nothing.
        """
        known = self._newest.get(key)
        if known is not None and event.order <= known.order:
            return False
        self._newest[key] = event
        return True

    def newest(self, key: StateKey) -> Event | None:
        """Return the event that set the current state, `None` when unknown."""
        return self._newest.get(key)
