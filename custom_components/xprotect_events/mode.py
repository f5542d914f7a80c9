"""The mode: how events arrive at the moment, and whether they do."""

from enum import StrEnum
from functools import partial

from homeassistant.core import CALLBACK_TYPE, callback


class Mode(StrEnum):
    """How events arrive; the state of the delivery sensor."""

    CATCHING_UP = "catching_up"
    PUSH = "push"
    POLL = "poll"
    DOWN = "down"


class Channels:
    """Holds whether push and poll work, and calls listeners on changes.

    `is_delivering` decides availability: events arrive, and states are current. It is
    false during a catch-up without push, whose states are of the past, and while the
    first states of a stream are awaited.
    """

    def __init__(self) -> None:
        self.is_pushing = False
        # Whether events were delivered at any time since the start.
        self.has_delivered = False
        self._is_polling = False
        self._is_catching_up = False
        self._awaits_states = False
        # Attributes instead of properties, because they are read at each event.
        self.mode = Mode.DOWN
        self.is_delivering = False
        self._listeners: dict[CALLBACK_TYPE, None] = {}

    @callback
    def set(
        self,
        *,
        push: bool | None = None,
        poll: bool | None = None,
        catching_up: bool | None = None,
        awaits_states: bool | None = None,
    ) -> None:
        """Set what has changed, and call the listeners if the mode changes."""
        if push is not None:
            self.is_pushing = push
        if poll is not None:
            self._is_polling = poll
        if catching_up is not None:
            self._is_catching_up = catching_up
        if awaits_states is not None:
            self._awaits_states = awaits_states
        mode = self._decide()
        is_delivering = self.is_pushing or mode is Mode.POLL
        self.has_delivered |= is_delivering
        is_delivering &= not self._awaits_states
        if (mode, is_delivering) != (self.mode, self.is_delivering):
            self.mode = mode
            self.is_delivering = is_delivering
            for listener in tuple(self._listeners):
                listener()

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the mode changes; return a function that stops it."""
        self._listeners[listener] = None
        return partial(self.forget, listener)

    @callback
    def forget(self, listener: CALLBACK_TYPE) -> None:
        """Call the listener no more."""
        del self._listeners[listener]

    def _decide(self) -> Mode:
        """Return the mode: a catch-up is shown before push, and push before poll."""
        if self._is_catching_up:
            return Mode.CATCHING_UP
        if self._awaits_states:
            return Mode.DOWN
        if self.is_pushing:
            return Mode.PUSH
        return Mode.POLL if self._is_polling else Mode.DOWN
