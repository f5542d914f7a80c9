"""How events reach us at the moment."""

from enum import StrEnum

from homeassistant.core import CALLBACK_TYPE, callback


class Mode(StrEnum):
    """The ways of events; nothing else decides availability."""

    CATCHING_UP = "catching_up"
    PUSH = "push"
    POLL = "poll"
    DOWN = "down"


# While catching up, states are those of the past: they are shown when it is done.
DELIVERING = frozenset({Mode.PUSH, Mode.POLL})


class ModeSwitch:
    """The current mode, and who wants to know of it."""

    def __init__(self) -> None:
        self.mode = Mode.DOWN
        self._listeners: list[CALLBACK_TYPE] = []

    @property
    def is_delivering(self) -> bool:
        """Whether events arrive and states are those of now."""
        return self.mode in DELIVERING

    @callback
    def switch(self, mode: Mode) -> None:
        """Change the mode and tell who listens."""
        if mode is not self.mode:
            self.mode = mode
            for listener in tuple(self._listeners):
                listener()

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the mode changes; returns the way to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
