"""When XProtect is asked again after a failure, and asking it at once."""

from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, callback


class Attempts:
    """Knows the next attempt while polls fail; a person may bring it forward."""

    def __init__(self) -> None:
        # By Home Assistant's own clock; `None` while polls succeed.
        self.next_at: datetime | None = None
        # Polls at once; replaced by the coordinator.
        self.ask_now: CALLBACK_TYPE = _nothing
        self._listeners: dict[CALLBACK_TYPE, None] = {}

    @callback
    def expect(self, moment: datetime | None) -> None:
        """Note when the next attempt comes, and call the listeners."""
        if moment != self.next_at:
            self.next_at = moment
            for listener in tuple(self._listeners):
                listener()

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the next attempt changes; returns the way to stop."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener)


@callback
def _nothing() -> None:
    """Ask nobody: nothing polls yet."""
