"""How events reach us at the moment."""

from enum import StrEnum

from homeassistant.core import CALLBACK_TYPE, callback


class Mode(StrEnum):
    """The ways of events; nothing else decides availability."""

    CATCHING_UP = "catching_up"
    PUSH = "push"
    POLL = "poll"
    DOWN = "down"


class ModeSwitch:
    """The current mode, and who wants to know of it."""

    def __init__(self) -> None:
        self.mode = Mode.DOWN
        # Whether events arrive and states are those of now; asked at each event.
        self.is_delivering = False
        self._listeners: list[CALLBACK_TYPE] = []

    @callback
    def switch(self, mode: Mode, *, is_delivering: bool) -> None:
        """Change the mode and tell who listens."""
        if (mode, is_delivering) != (self.mode, self.is_delivering):
            self.mode = mode
            self.is_delivering = is_delivering
            for listener in tuple(self._listeners):
                listener()

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the mode changes; returns the way to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
