"""Where events come from, and whether they come."""

from enum import StrEnum

from homeassistant.core import CALLBACK_TYPE, callback

from .coordinator import XProtectEventCoordinator
from .engine.session_poll import SessionPoll


class Mode(StrEnum):
    """How events reach us; nothing else decides availability."""

    POLL = "poll"
    DOWN = "down"


class EventSource:
    """Keeps the poll going and knows whether it works."""

    def __init__(
        self, coordinator: XProtectEventCoordinator, poll: SessionPoll
    ) -> None:
        self._coordinator = coordinator
        self._poll = poll
        self._listeners: list[CALLBACK_TYPE] = []
        self._unsubscribe: CALLBACK_TYPE | None = None
        self.mode = Mode.DOWN

    @property
    def is_delivering(self) -> bool:
        """Whether events can arrive."""
        return self.mode is not Mode.DOWN

    async def start(self) -> None:
        """Poll now and then at the coordinator's pace, until `stop`."""
        self._unsubscribe = self._coordinator.async_add_listener(self._polled)
        await self._coordinator.async_refresh()

    async def stop(self) -> None:
        """End polling and delete the session at the server, best effort."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self._poll.close()

    @callback
    def listen_mode(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the mode changes; returns the way to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def _polled(self) -> None:
        mode = Mode.POLL if self._coordinator.last_update_success else Mode.DOWN
        if mode is not self.mode:
            self.mode = mode
            for listener in tuple(self._listeners):
                listener()
