"""The time of the next poll after a failure, and polling at once on request."""

from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, callback


class Attempts:
    """Holds the time of the next attempt while polls fail."""

    def __init__(self) -> None:
        # By Home Assistant's clock; `None` while polls succeed.
        self.next_at: datetime | None = None
        # Polls at once; the coordinator replaces it.
        self.ask_now: CALLBACK_TYPE = _nothing
        self._listeners: dict[CALLBACK_TYPE, None] = {}

    @callback
    def expect(self, moment: datetime | None) -> None:
        """Set the time of the next attempt, and call the listeners."""
        if moment != self.next_at:
            self.next_at = moment
            for listener in tuple(self._listeners):
                listener()

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when `next_at` changes; return a function that stops it."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener)


@callback
def _nothing() -> None:
    """Do nothing, before the coordinator exists."""
