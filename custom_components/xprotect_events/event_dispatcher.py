"""Passes each event, pushed or polled, to states, event entities and the bus."""

from collections.abc import Callable
from functools import partial
import logging
import time

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback

from .api import Event, Source
from .const import EVENT_LIVE, EVENT_MISSED
from .devices import EVENT_RESOURCES, XProtectDevices
from .engine.arrival import Arrival, Origin
from .engine.guard import Guard
from .engine.keyed_listeners import KeyedListeners
from .engine.selection import Selection
from .engine.states import States
from .event_payload import event_payload, fit
from .inventory_coordinator import XProtectInventoryCoordinator
from .logbook import async_log_event
from .note_takers import MAX_WAITING, NoteTakers
from .site_pictures import SitePictures

_LOGGER = logging.getLogger(__name__)

# Events of our own that have not arrived yet. They arrive within seconds; if there are
# more, the server does not store their type, and they never arrive.
MAX_OWN_EVENTS = 200

type EventListener = Callable[[Event, Context], None]
type Handling = Callable[[Arrival, Context], object]
type Follower = Callable[[tuple[Arrival, ...]], None]


class EventDispatcher:
    """Passes new events to states, event entities, the bus and followers."""

    def __init__(
        self,
        hass: HomeAssistant,
        inventory: XProtectInventoryCoordinator,
        devices: XProtectDevices,
        states: States[Context],
        selection: Selection,
        pictures: SitePictures | None = None,
        *,
        fires_missed_events: bool,
    ) -> None:
        self._hass = hass
        self._inventory = inventory
        self._devices = devices
        # `None` if all events are wanted.
        self._wants = selection.wants if selection.is_narrow else None
        self._keep = pictures.recent.keep if pictures else None
        self._picture_root = pictures.root if pictures else None
        self._guard = Guard(_LOGGER)
        # For followers that only take notes: they are called once a second.
        self.notes = NoteTakers(hass)
        self._own_events: dict[str, Context] = {}
        self._listeners: KeyedListeners[Source | None, EventListener] = KeyedListeners()
        self._after_push: tuple[Follower, ...] = ()
        self._after_poll: tuple[Follower, ...] = ()
        # The steps for an event, in this order.
        self._when_unwanted: tuple[Handling, ...] = (states.fold,)
        # The logbook shows the first entry with a context as the cause of the others.
        when_fired = (*self._when_unwanted, self._fire)
        self._when_live = (self._show, *when_fired)
        self._when_missed = when_fired if fires_missed_events else self._when_unwanted

    @callback
    def deliver(self, arrivals: tuple[Arrival, ...]) -> None:
        """Pass on new events, all pushed or all polled, in this order.

        An error in one step or one follower is logged and does not stop the others.
        """
        notes, has_data = self.notes, False
        if not notes.waiting:
            notes.call_soon()
        for arrival in arrivals:
            event = arrival.event
            has_data |= event.data is not None
            # All changes by an event have one context: the logbook shows the cause.
            context = self._own_events.get(event.id) or Context()
            if self._wants is not None and not self._wants(event):
                steps = self._when_unwanted
            else:
                steps = self._when_missed if arrival.is_missed else self._when_live
            # Not by `Guard.call`, which would take several times as long as this.
            for step in steps:
                try:
                    step(arrival, context)
                except Exception as err:  # noqa: BLE001 - it is logged
                    self._guard.log(step, err)
            self._own_events.pop(event.id, None)
        notes.waiting += arrivals
        if has_data or len(notes.waiting) > MAX_WAITING:
            # Data may have a megabyte.
            notes.call_now()
        is_pushed = arrivals[0].origin is Origin.PUSH
        if followers := self._after_push if is_pushed else self._after_poll:
            self._guard.call(followers, arrivals)

    @callback
    def follow(
        self, follower: Follower, *, pushed: bool = True, polled: bool = True
    ) -> CALLBACK_TYPE:
        """Call the follower after events were passed on; return a function to stop."""
        # New tuples, because a follower may stop while the others are being called.
        if pushed:
            self._after_push = (*self._after_push, follower)
        if polled:
            self._after_poll = (*self._after_poll, follower)
        return partial(self._unfollow, follower)

    def _unfollow(self, follower: Follower) -> None:
        self._after_push = tuple(one for one in self._after_push if one != follower)
        self._after_poll = tuple(one for one in self._after_poll if one != follower)

    @callback
    def listen(self, source: Source | None, listener: EventListener) -> CALLBACK_TYPE:
        """Call the listener for live events of a source, `None` for the server.

        The server's are the events of sources without an event entity. Return a
        function that stops it.
        """
        return self._listeners.add(source, listener)

    @callback
    def forget(self, source: Source | None, listener: EventListener) -> None:
        """Call the listener no more."""
        self._listeners.remove(source, listener)

    @callback
    def expect_own_event(self, event_id: str, context: Context) -> None:
        """Note an event that an action has triggered, and its context."""
        self._own_events[event_id] = context
        if len(self._own_events) > MAX_OWN_EVENTS:
            del self._own_events[next(iter(self._own_events))]

    def _show(self, arrival: Arrival, context: Context) -> None:
        """Show an event at its event entity, or else in the logbook."""
        event = arrival.event
        catalog = self._inventory.catalog
        if event.type_id in catalog.user_defined:
            # It has its own entity, with any source, or else is shown at the server's.
            own = catalog.offered.own.get(event.type_id)
            listeners = self._listeners.get(own, ())
        else:
            source = event.source
            listeners = self._listeners.get(source) or self._without_own(source)
        for listener in listeners:
            try:
                listener(event, context)
            except Exception as err:  # noqa: BLE001 - it is logged
                self._guard.log(listener, err)
        if not listeners:
            self._log(event, context)

    def _without_own(self, source: Source | None) -> tuple[EventListener, ...]:
        """Return the listeners for a source without an enabled event entity.

        None if it has a disabled one; else the server's, whose entity shows all events
        that no other entity shows.
        """
        if source is not None and (
            source.resource in EVENT_RESOURCES and self._devices.has_device(source)
        ):
            return ()
        return self._listeners.get(None, ())

    def _log(self, event: Event, context: Context) -> None:
        source = event.source
        names = self._inventory.data.source_names
        data = {
            "device_id": self._devices.device_id(source),
            "type": self._inventory.catalog.type_name(event.type_id),
            "source_name": names.get(source) if source else None,
            "origin": "home_assistant" if event.id in self._own_events else "xprotect",
        }
        async_log_event(self._hass, data, context)

    def _fire(self, arrival: Arrival, context: Context) -> None:
        """Fire the bus event of an event."""
        event, is_missed = arrival.event, arrival.is_missed
        payload = event_payload(
            event,
            entry_id=self._inventory.config_entry.entry_id,
            device_id=self._devices.device_id(event.source),
            catalog=self._inventory.catalog,
            inventory=self._inventory.data,
            missed=is_missed,
            origin="home_assistant" if event.id in self._own_events else "xprotect",
            picture_root=self._picture_root,
        )
        if event.data is not None:
            payload = fit(payload)
        if is_missed:
            # Its `time_fired` is when it should have arrived, by our clock.
            happened_at = time.time() - arrival.delay.total_seconds()
            self._hass.bus.async_fire(
                EVENT_MISSED, payload, context=context, time_fired=happened_at
            )
            return
        if self._keep is not None and "picture" in payload:
            # Data may have 100 KB, and pictures do not need it.
            self._keep(event if event.data is None else event._replace(data=None))
        self._hass.bus.async_fire(EVENT_LIVE, payload, context=context)
