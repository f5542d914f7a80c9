"""Calls what only takes notes of events once a second, with all events since then.

Calling each of them for each event would be dearer than their work.
"""

import asyncio
from collections.abc import Callable, Sequence
import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .engine.arrival import Arrival
from .engine.guard import Guard

_LOGGER = logging.getLogger(__name__)

# Seconds. With more, diagnostics would lack the last events.
NOTES_EVERY = 1.0
# Events that wait, of a kilobyte each. With more, the first ones would have left the
# processor's caches.
MAX_WAITING = 100

type NoteTaker = Callable[[Sequence[Arrival]], object]


class NoteTakers:
    """Calls its followers with events that were delivered, in this order."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._guard = Guard(_LOGGER)
        self._followers: tuple[NoteTaker, ...] = ()
        self._timer: asyncio.TimerHandle | None = None
        # The events that the followers have not seen yet.
        self.waiting: list[Arrival] = []

    @callback
    def follow(self, follower: NoteTaker) -> CALLBACK_TYPE:
        """Call the follower from now on; return a function that stops it."""
        self._followers = (*self._followers, follower)

        @callback
        def unfollow() -> None:
            self._followers = tuple(
                one for one in self._followers if one is not follower
            )

        return unfollow

    @callback
    def call_soon(self) -> None:
        """Call the followers in a second."""
        self._timer = self._hass.loop.call_later(NOTES_EVERY, self.call_now)

    @callback
    def call_now(self) -> None:
        """Call the followers with the events that are waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self.waiting = self.waiting, []
        if waiting:
            self._guard.call(self._followers, waiting)
