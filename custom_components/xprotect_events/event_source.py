"""Keeps events coming: the poll, its position on disk, and the mode."""

from homeassistant.core import CALLBACK_TYPE, callback

from .api import Event
from .coordinator import XProtectEventCoordinator
from .cursor_store import CursorStore
from .engine.event_poll import EventPoll
from .engine.feed import Delivery, Feed
from .event_dispatcher import EventDispatcher
from .mode import Mode, ModeSwitch


class EventReceiver:
    """Takes in what the poll finds."""

    def __init__(
        self,
        dispatcher: EventDispatcher,
        mode: ModeSwitch,
        store: CursorStore,
        feed: Feed,
    ) -> None:
        self._dispatcher = dispatcher
        self._mode = mode
        self._store = store
        self._feed = feed

    @callback
    def deliver(self, deliveries: tuple[Delivery, ...]) -> None:
        """Hand new events on; a crash in a long catch-up must not repeat them all."""
        self._dispatcher.deliver(deliveries)
        self._store.schedule(self._feed)

    @callback
    def forget_states(self) -> None:
        """Make states unknown that may have changed unseen."""
        self._dispatcher.forget_states()

    @callback
    def take_baseline(self, events: tuple[Event, ...]) -> None:
        """Take current states from stored events."""
        self._dispatcher.take_baseline(events)

    @callback
    def catch_up_started(self) -> None:
        """Show that events of an outage follow."""
        self._mode.switch(Mode.CATCHING_UP)


class EventSource:
    """Starts and stops the poll and judges whether it works."""

    def __init__(
        self,
        coordinator: XProtectEventCoordinator,
        poll: EventPoll,
        mode: ModeSwitch,
        store: CursorStore,
        feed: Feed,
    ) -> None:
        self._coordinator = coordinator
        self._poll = poll
        self._mode = mode
        self._store = store
        self._feed = feed
        self._unsubscribe: CALLBACK_TYPE | None = None

    async def start(self) -> None:
        """Poll now and then at the coordinator's pace, until `stop`."""
        self._unsubscribe = self._coordinator.async_add_listener(self._polled)
        await self._coordinator.async_refresh()

    async def stop(self) -> None:
        """End polling, save the position, delete the session at the server."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._poll.end()
        await self._store.save(self._feed)
        await self._poll.delete_session()

    @callback
    def _polled(self) -> None:
        is_alive = self._coordinator.last_update_success
        self._mode.switch(Mode.POLL if is_alive else Mode.DOWN)
        self._store.schedule(self._feed)
