"""Passes each event, pushed or polled, to states, event entities and the bus."""

from collections.abc import Callable
import logging
import time

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback

from .api import Event, Resource, Source
from .const import EVENT_LIVE, EVENT_MISSED
from .devices import EVENT_RESOURCES, XProtectDevices
from .engine.arrival import Arrival
from .engine.built_in import SYSTEM_CONFIGURATION_CHANGED
from .engine.inventory import LISTED
from .engine.selection import Selection
from .engine.states import States
from .event_payload import event_payload, fit
from .inventory_coordinator import XProtectInventoryCoordinator
from .logbook import async_log_event
from .site_pictures import SitePictures

_LOGGER = logging.getLogger(__name__)

# Events of our own that have not arrived yet. They arrive within seconds; if there are
# more, the server does not store their type, and they never arrive.
MAX_OWN_EVENTS = 200
# A source of these kinds that is in no list is new. Sites are excepted, because only
# our own site is listed, not federated ones.
NEW_UNLESS_LISTED = LISTED - {Resource.SITES}

type EventListener = Callable[[Event, Context], None]


class EventDispatcher:
    """Folds events into states, fires bus events, notices what is new."""

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
        self._states = states
        self._selection = selection
        self._note_picture = pictures.recent.note if pictures else None
        self._picture_root = pictures.root if pictures else None
        self._fires_missed_events = fires_missed_events
        self._own_events: dict[str, Context] = {}
        self._listeners: dict[Source | None, list[EventListener]] = {}

    @callback
    def deliver(self, arrivals: tuple[Arrival, ...]) -> bool:
        """Take in new events, in this order; return whether one contradicts states."""
        is_doubtful = False
        for arrival in arrivals:
            try:
                is_doubtful |= self._deliver(arrival)
            except Exception:
                # One event that nobody foresaw must not cost those behind it.
                _LOGGER.exception("Event %s failed", arrival.event.id)
        return is_doubtful

    @callback
    def listen(self, source: Source | None, listener: EventListener) -> CALLBACK_TYPE:
        """Call the listener for live events of a source, `None` for the server.

        The server's are the events of sources without an event entity. Return a
        function that stops it.
        """
        self._listeners.setdefault(source, []).append(listener)

        def unsubscribe() -> None:
            self._listeners[source].remove(listener)
            if not self._listeners[source]:
                del self._listeners[source]

        return unsubscribe

    @callback
    def expect_echo(self, event_id: str, context: Context) -> None:
        """Note an event that an action has triggered, and its context."""
        self._own_events[event_id] = context
        if len(self._own_events) > MAX_OWN_EVENTS:
            del self._own_events[next(iter(self._own_events))]

    def _deliver(self, arrival: Arrival) -> bool:
        """Take in an event; return whether it contradicts states."""
        event = arrival.event
        own_context = self._own_events.pop(event.id, None)
        # All that an event changes bears one context: the logbook can tell the cause.
        context = own_context or Context()
        origin = "home_assistant" if own_context else "xprotect"
        is_fired = self._fires_missed_events or not arrival.is_missed
        is_wanted = is_fired and self._selection.wants(event)
        try:
            if is_wanted and not arrival.is_missed:
                # Before its state: the logbook takes what is first under a context for
                # the cause of all else.
                self._tell(event, context, origin)
        finally:
            is_doubtful = self._states.fold(arrival, context)
            self._notice(event)
        if is_wanted:
            self._fire(arrival, context, origin)
        return is_doubtful

    def _fire(self, arrival: Arrival, context: Context, origin: str) -> None:
        event, is_missed = arrival.event, arrival.is_missed
        payload = event_payload(
            event,
            entry_id=self._inventory.config_entry.entry_id,
            device_id=self._devices.device_id(event.source),
            catalog=self._inventory.catalog,
            inventory=self._inventory.data,
            missed=is_missed,
            origin=origin,
            picture_root=self._picture_root,
        )
        payload = fit(payload)
        if is_missed:
            # It bears the time at which it should have come, by our clock.
            happened_at = time.time() - arrival.delay.total_seconds()
            self._hass.bus.async_fire(
                EVENT_MISSED, payload, context=context, time_fired=happened_at
            )
        else:
            self._hass.bus.async_fire(EVENT_LIVE, payload, context=context)

    def _tell(self, event: Event, context: Context, origin: str) -> None:
        """Let its event entity show an event, or else the logbook."""
        if self._note_picture is not None:
            self._note_picture(event)
        listeners = self._listeners.get(self._teller(event))
        if not listeners:
            self._log(event, context, origin)
            return
        for listener in tuple(listeners):
            listener(event, context)

    def _log(self, event: Event, context: Context, origin: str) -> None:
        source = event.source
        names = self._inventory.data.source_names
        data = {
            "device_id": self._devices.device_id(source),
            "type": self._inventory.catalog.type_name(event.type_id),
            "source_name": names.get(source) if source else None,
            "origin": origin,
        }
        async_log_event(self._hass, data, context)

    def _teller(self, event: Event) -> Source | None:
        """Return whose event entity tells of an event, enabled or not.

        `None` is the server, which tells what nobody else tells. A user-defined event
        has its own entity, whatever a rule names as its source.
        """
        catalog = self._inventory.catalog
        if catalog.is_user_defined(event.type_id):
            return catalog.offered.own.get(event.type_id)
        source = event.source
        if source is None:
            return None
        if source.resource not in EVENT_RESOURCES:
            # The list of these may not be readable any more.
            is_own = source.resource == Resource.USER_DEFINED_EVENTS
            return source if is_own and source in self._listeners else None
        return source if self._devices.has_device(source) else None

    def _notice(self, event: Event) -> None:
        """Read the site again when an event shows that it has changed."""
        if event.type_id == SYSTEM_CONFIGURATION_CHANGED:
            self._inventory.read_soon()
        elif not self._inventory.catalog.knows(event.type_id):
            self._inventory.note_unknown(event.type_id)
        source = event.source
        if (
            source is not None
            and source not in self._inventory.data.source_names
            and source.resource in NEW_UNLESS_LISTED
        ):
            self._inventory.note_unknown(source.id)
