"""Sensors: delivery, the last event, and states with more than two sides."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .alarm_sensor import async_add_alarm_sensors
from .engine.arrival import Arrival
from .engine.states import StateKey
from .entity import XProtectEntity, XProtectStateEntity, until_unloaded
from .lost_camera_sensor import XProtectLostCameras
from .mode import Mode
from .recorder_states import async_enable_chosen, chosen_states, is_chosen
from .recorder_storage_sensor import async_add_storage_sensors
from .runtime import XProtectConfigEntry, XProtectRuntime
from .site_limits import is_listable
from .storage_sensor import XProtectStorageSensor

# Events are pushed into these entities; nothing is fetched.
PARALLEL_UPDATES = 0

ATTR_NEXT_ATTEMPT = "next_attempt"

# Seconds between two states of sensors that each event changes. Less would fill the
# recorder on a site with hundreds of events per second.
PAUSE = 10.0
# Sensors to add before the event loop runs other tasks: a few milliseconds.
SENSORS_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class XProtectLastEventDescription(SensorEntityDescription):
    """A sensor with a value of the last event."""

    value_fn: Callable[[Arrival], datetime | float]


LAST_EVENT_DESCRIPTIONS = (
    XProtectLastEventDescription(
        key="last_event_time",
        translation_key="last_event_time",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda arrival: arrival.event.time,
    ),
    XProtectLastEventDescription(
        key="last_event_delay",
        translation_key="last_event_delay",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        # The server's time has whole seconds, so the delay may seem negative.
        value_fn=lambda arrival: max(0.0, arrival.delay.total_seconds()),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the server's sensors, and one for every state that the server shows."""
    async_add_entities = until_unloaded(entry, async_add_entities)
    runtime = entry.runtime_data
    async_add_entities(
        [XProtectDeliverySensor(runtime), XProtectStorageSensor(runtime)]
    )
    async_add_entities(
        XProtectLastEventSensor(runtime, description)
        for description in LAST_EVENT_DESCRIPTIONS
    )
    async_add_alarm_sensors(hass, entry, async_add_entities)
    async_add_entities([XProtectLostCameras(runtime)])
    await async_add_storage_sensors(entry, async_add_entities)
    await _add_state_sensors(hass, entry, async_add_entities)


async def _add_state_sensors(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor for each state with more than two sides, when it has a device."""
    runtime = entry.runtime_data
    known: set[StateKey] = set()

    def is_placed(key: StateKey) -> bool:
        # The states of a new camera may arrive before it is listed and has a device.
        return runtime.devices.is_placed(key[0])

    @callback
    def add(keys: Iterable[StateKey]) -> None:
        fresh = [key for key in keys if key not in known and is_placed(key)]
        known.update(fresh)
        async_add_entities(
            XProtectStateSensor(runtime, key, is_chosen=is_chosen(entry, key))
            for key in fresh
        )

    async def follow_site() -> None:
        # Sensors are removed with their device, and added again with it.
        gone = {key for key in known if not is_placed(key)}
        known.difference_update(gone)
        seen = dict.fromkeys(
            [*chosen_states(entry), *runtime.source_states.multi_state]
        )
        for portion in batched(seen, SENSORS_AT_ONCE, strict=False):
            add(portion)
            await asyncio.sleep(0)

    async_enable_chosen(hass, entry)
    await follow_site()
    entry.async_on_unload(runtime.source_states.listen_multi_state(add))
    entry.async_on_unload(runtime.devices.listen(follow_site))


class XProtectDeliverySensor(XProtectEntity, SensorEntity):
    """The mode of delivery; this sensor itself is always available."""

    _unrecorded_attributes = frozenset({ATTR_NEXT_ATTEMPT})
    _attr_translation_key = "delivery"
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, runtime: XProtectRuntime) -> None:
        super().__init__(runtime, None, "delivery")
        self._attr_options = [mode.value for mode in Mode]

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the attempts, too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._runtime.attempts.listen(self.async_write_ha_state))

    async def async_update(self) -> None:
        """Poll at once, for the action `homeassistant.update_entity`."""
        self._runtime.attempts.ask_now()

    @property
    @override
    def extra_state_attributes(self) -> dict[str, datetime | None]:
        """The time of the next attempt, while polls fail."""
        return {ATTR_NEXT_ATTEMPT: self._runtime.attempts.next_at}

    @property
    @override
    def native_value(self) -> str:
        """The mode."""
        return self._runtime.channels.mode.value


class XProtectLastEventSensor(XProtectEntity, SensorEntity):
    """A value of the last event, live or missed."""

    entity_description: XProtectLastEventDescription

    def __init__(
        self, runtime: XProtectRuntime, description: XProtectLastEventDescription
    ) -> None:
        super().__init__(runtime, None, description.key)
        self.entity_description = description
        self._end_pause: CALLBACK_TYPE | None = None
        self._is_outdated = False

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the events."""
        await super().async_added_to_hass()
        self.async_on_remove(self._runtime.statistics.listen(self._follow))

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Cancel the timer."""
        await super().async_will_remove_from_hass()
        if self._end_pause is not None:
            self._end_pause()
            # The same entity is added again when its id changes.
            self._end_pause = None

    @callback
    def _follow(self, last: Arrival) -> None:
        """Show an event at once, and the last one of the next pause at its end."""
        if self._end_pause is not None:
            self._is_outdated = True
            return
        self._is_outdated = False
        self._attr_native_value = self.entity_description.value_fn(last)
        self.async_write_ha_state()
        self._end_pause = async_call_later(self.hass, PAUSE, self._pause_ended)

    @callback
    def _pause_ended(self, now: datetime) -> None:
        self._end_pause = None
        if self._is_outdated:
            self._follow(self._runtime.statistics.last[-1])


class XProtectStateSensor(XProtectStateEntity, SensorEntity):
    """The state of a source in a group with more than two sides.

    Groups of drivers and plug-ins vary between sites, so names and states are the
    display names of the server.
    """

    _attr_translation_key = "state_group"
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(
        self, runtime: XProtectRuntime, key: StateKey, *, is_chosen: bool
    ) -> None:
        source, group = key
        super().__init__(runtime, source, group, state_key=key)
        # A site of 2,500 cameras has 16,000 of these states; few are looked at.
        self._attr_entity_registry_enabled_default = is_chosen
        self._take_states()
        self._attr_translation_placeholders = {"group": _group_name(runtime, key)}

    @property
    @override
    def native_value(self) -> str | None:
        """The name of the state."""
        state = self._runtime.states.state(self._state_key)
        if state is None:
            return None
        is_option = self.options is None or state.name in self.options
        return state.name if is_option else None

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the name of the group and the states that it has, too."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self._runtime.inventory.async_add_listener(self._follow_group)
        )

    @callback
    def _follow_group(self) -> None:
        before = self._attr_options
        self._take_states()
        is_renamed = self._rename(group=_group_name(self._runtime, self._state_key))
        if is_renamed or before != self._attr_options:
            self.async_write_ha_state()

    def _take_states(self) -> None:
        """List the states of the group, unless there are too many."""
        _, group = self._state_key
        states = list(self._runtime.inventory.catalog.group_states(group))
        is_list = is_listable(states)
        self._attr_device_class = SensorDeviceClass.ENUM if is_list else None
        self._attr_options = states if is_list else None


def _group_name(runtime: XProtectRuntime, key: StateKey) -> str:
    """Return the name of a group; on the server's device also that of the source."""
    source, group = key
    name = runtime.inventory.catalog.group_name(group)
    if runtime.devices.has_device(source):
        return name
    source_name = runtime.inventory.data.source_names.get(source, str(source))
    return f"{source_name} {name}"
