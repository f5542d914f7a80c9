"""The alarms of a site: announces new ones, and holds the open ones."""

from collections.abc import Callable
import logging
import time

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback

from .alarm_payload import alarm_payload, source_of
from .alarm_store import AlarmPosition
from .api import Alarm, Alarms, Json, ServerClock, XProtectClient
from .const import EVENT_ALARM
from .devices import XProtectDevices
from .engine.alarm_board import AlarmBoard
from .engine.alarm_intake import AlarmArrival
from .engine.alarm_poll import AlarmPoll
from .engine.alarm_settings import AlarmSettings
from .inventory_coordinator import XProtectInventoryCoordinator
from .logbook import async_log_alarm
from .pace import Pace

_LOGGER = logging.getLogger(__name__)

type AlarmListener = Callable[[Alarm, Context], None]


class SiteAlarms:
    """The alarms, for entities and actions."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        api: Alarms,
        clock: ServerClock,
        inventory: XProtectInventoryCoordinator,
        devices: XProtectDevices,
        position: AlarmPosition,
    ) -> None:
        self.api = api
        self.is_available = False
        self._hass = hass
        self._entry = entry
        self._inventory = inventory
        self._devices = devices
        self._position = position
        self.poll = AlarmPoll(
            api,
            clock,
            position.feed,
            position.memory,
            self._deliver,
            pace=Pace(hass, entry),
        )
        self._listeners: dict[CALLBACK_TYPE, None] = {}
        self._alarm_listeners: dict[AlarmListener, None] = {}

    @property
    def board(self) -> AlarmBoard:
        """The open alarms."""
        return self.poll.board

    @property
    def settings(self) -> AlarmSettings:
        """The names of states and priorities."""
        return self.poll.settings

    def describe(self, alarm: Alarm) -> dict[str, Json]:
        """Return the fields of an alarm for automations."""
        return alarm_payload(alarm, self.settings, self._inventory.data)

    @callback
    def note_change(self, alarm: Alarm) -> None:
        """Take an alarm that was just changed, and call the listeners."""
        self.board.change(alarm)
        self._call_listeners()

    @callback
    def polled(self, *, succeeded: bool) -> None:
        """Note the result of a poll."""
        self.is_available = succeeded
        self._position.store.schedule(self._position.feed, self.poll.memory)
        self._call_listeners()

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener after possible changes; return a function that stops it."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener)

    @callback
    def listen_new(self, listener: AlarmListener) -> CALLBACK_TYPE:
        """Call the listener for each new alarm; return a function that stops it."""
        self._alarm_listeners[listener] = None
        return lambda: self._alarm_listeners.pop(listener)

    async def save(self) -> None:
        """Save the position."""
        await self._position.store.save(self._position.feed, self.poll.memory)

    @callback
    def _call_listeners(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    @callback
    def _deliver(self, arrivals: tuple[AlarmArrival, ...]) -> None:
        if not self.is_available and not all(one.is_missed for one in arrivals):
            # Triggers ignore the first state after unavailable.
            self.is_available = True
            self._call_listeners()
        for arrival in arrivals:
            try:
                self._fire(arrival)
            except Exception:
                # An unexpected error must not lose the alarms after this one.
                _LOGGER.exception("Alarm %s failed", arrival.alarm.id)
        self._position.store.schedule(self._position.feed, self.poll.memory)

    def _fire(self, arrival: AlarmArrival) -> None:
        payload = {
            "entry_id": self._entry.entry_id,
            "device_id": self._devices.device_id(
                source_of(arrival.alarm, self._inventory.data)
            ),
            **self.describe(arrival.alarm),
            "missed": arrival.is_missed,
        }
        context = Context()
        happened_at: float | None = None
        if arrival.is_missed:
            # The context has the time at which the alarm was raised, by our clock.
            happened_at = time.time() - arrival.delay.total_seconds()
        else:
            for listener in tuple(self._alarm_listeners):
                listener(arrival.alarm, context)
        if arrival.is_missed or not self._alarm_listeners:
            async_log_alarm(self._hass, payload, context)
        self._hass.bus.async_fire(
            EVENT_ALARM, payload, context=context, time_fired=happened_at
        )


def create_alarms(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: XProtectClient,
    inventory: XProtectInventoryCoordinator,
    devices: XProtectDevices,
    position: AlarmPosition | None,
) -> SiteAlarms | None:
    """Return the alarms of the site, `None` while they are off."""
    if position is None:
        return None
    return SiteAlarms(
        hass, entry, client.alarms, client.clock, inventory, devices, position
    )
