"""The one way of an event into Home Assistant, however it arrived."""

from collections.abc import Callable
import logging
import time

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback

from .api import Event, ServerClock
from .const import EVENT_LIVE, EVENT_MISSED
from .coordinator import XProtectInventoryCoordinator
from .engine.catalog import State
from .engine.feed import Delivery
from .engine.states import StateKey, States
from .event_payload import event_payload, fit_recorder
from .inventory import XProtectDevices
from .mode import ModeSwitch

_LOGGER = logging.getLogger(__name__)

# Own events whose echo has not come yet. An echo takes seconds; more than this at
# once means that the server does not store the type, and it will never come.
MAX_OWN_EVENTS = 200


class EventDispatcher:
    """Folds events into states, calls who listens, fires bus events."""

    def __init__(
        self,
        hass: HomeAssistant,
        inventory: XProtectInventoryCoordinator,
        devices: XProtectDevices,
        mode: ModeSwitch,
        clock: ServerClock,
        *,
        fires_missed_events: bool,
    ) -> None:
        self._hass = hass
        self._inventory = inventory
        self._devices = devices
        self._mode = mode
        self._clock = clock
        self._fires_missed_events = fires_missed_events
        self._states = States()
        self._state_listeners: dict[StateKey, list[CALLBACK_TYPE]] = {}
        self._own_events: dict[str, Context] = {}

    @callback
    def deliver(self, deliveries: tuple[Delivery, ...]) -> None:
        """Take in new events, in this order."""
        for delivery in deliveries:
            try:
                self._deliver(delivery)
            except Exception:
                # One event that nobody foresaw must not cost those behind it.
                _LOGGER.exception("Event %s failed", delivery.event.id)

    @callback
    def forget_states(self) -> None:
        """Make every state unknown; entities show it when the mode changes."""
        self._states.forget()

    @callback
    def take_baseline(self, events: tuple[Event, ...]) -> None:
        """Take current states from stored events, which are no news."""
        for event in events:
            self._fold(event)

    @callback
    def expect_echo(self, event_id: str, context: Context) -> None:
        """Note an event that our own action has triggered."""
        self._own_events[event_id] = context
        if len(self._own_events) > MAX_OWN_EVENTS:
            del self._own_events[next(iter(self._own_events))]

    @callback
    def listen_state(self, key: StateKey, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the state changes; returns the way to stop that."""
        return _subscribe(self._state_listeners, key, listener)

    @callback
    def state(self, key: StateKey) -> State | None:
        """Return the current state, `None` as long as it is unknown."""
        newest = self._states.newest(key)
        return self._inventory.catalog.state(newest.type_id) if newest else None

    def _deliver(self, delivery: Delivery) -> None:
        event = delivery.event
        key = self._fold(event)
        if key is not None and self._mode.is_delivering:
            for listener in tuple(self._state_listeners.get(key, ())):
                listener()
        if delivery.is_late and not self._fires_missed_events:
            return
        context = self._own_events.pop(event.id, None)
        payload = event_payload(
            event,
            entry_id=self._inventory.config_entry.entry_id,
            catalog=self._inventory.catalog,
            inventory=self._inventory.data,
        )
        payload["device_id"] = self._devices.device_id(event.source)
        payload["missed"] = delivery.is_late
        payload["origin"] = "home_assistant" if context else "xprotect"
        # A late event bears the time at which it should have come, by our clock.
        happened_at = time.time() - delivery.lateness.total_seconds()
        self._hass.bus.async_fire(
            EVENT_MISSED if delivery.is_late else EVENT_LIVE,
            fit_recorder(payload),
            context=context,
            time_fired=happened_at if delivery.is_late else None,
        )

    def _fold(self, event: Event) -> StateKey | None:
        """Return which state the event has set, if any."""
        state = self._inventory.catalog.state(event.type_id)
        if state is None or event.source is None:
            return None
        key = (event.source, state.group)
        is_newest = self._states.fold(key, event, now=self._clock.now())
        return key if is_newest else None


def _subscribe[K](
    listeners: dict[K, list[CALLBACK_TYPE]], key: K, listener: CALLBACK_TYPE
) -> Callable[[], None]:
    listeners.setdefault(key, []).append(listener)

    def unsubscribe() -> None:
        listeners[key].remove(listener)
        if not listeners[key]:
            del listeners[key]

    return unsubscribe
