"""How events reach us at the moment."""

import asyncio
from enum import StrEnum

from homeassistant.core import CALLBACK_TYPE, callback


class Mode(StrEnum):
    """How events arrive; availability follows `ModeSwitch.is_delivering`."""

    CATCHING_UP = "catching_up"
    PUSH = "push"
    POLL = "poll"
    DOWN = "down"


# Listeners at a time: the event loop is held up for some milliseconds.
LISTENERS_AT_ONCE = 200


class ModeSwitch:
    """The current mode, and who wants to know of it."""

    def __init__(self) -> None:
        self.mode = Mode.DOWN
        # Whether events arrive and states are those of now; asked at each event.
        self.is_delivering = False
        self._listeners: dict[CALLBACK_TYPE, None] = {}

    @callback
    def switch(self, mode: Mode, *, is_delivering: bool) -> None:
        """Change the mode and tell who listens."""
        if (mode, is_delivering) != (self.mode, self.is_delivering):
            self.mode = mode
            self.is_delivering = is_delivering
            self._tell(tuple(self._listeners))

    @callback
    def _tell(self, listeners: tuple[CALLBACK_TYPE, ...]) -> None:
        """Tell some at a time: thousands of entities write their states."""
        for listener in listeners[:LISTENERS_AT_ONCE]:
            if listener in self._listeners:
                listener()
        if len(listeners) > LISTENERS_AT_ONCE:
            asyncio.get_running_loop().call_soon(
                self._tell, listeners[LISTENERS_AT_ONCE:]
            )

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the mode changes; returns the way to stop that."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener)
