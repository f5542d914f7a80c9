"""Sensors of open alarms, on the device of the server."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Grade
from .engine.alarm_settings import key_of
from .entity import XProtectEntity, async_remove_entities
from .runtime import XProtectConfigEntry, XProtectRuntime
from .site_alarms import SiteAlarms

KEY = "open_alarms"
# The most priorities with a sensor. Sites have three to ten.
MAX_PRIORITIES = 50

ATTR_ALARMS = "alarms"
ATTR_COMPLETE = "complete"
ATTR_LEVEL = "level"
ATTR_STATES = "states"
# The fields of each of the newest alarms in the attribute.
SHOWN = (
    "alarm_id",
    "name",
    "priority",
    "state",
    "state_level",
    "source_name",
    "assigned_to",
    "time",
)


@callback
def async_add_alarm_sensors(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor of all open alarms, and one for each priority."""
    alarms = entry.runtime_data.alarms
    if alarms is None:
        async_remove_entities(hass, entry, KEY)
        _remove(hass, entry, set())
        return
    async_add_entities([XProtectOpenAlarms(entry.runtime_data, alarms)])
    sensors = _PrioritySensors(hass, entry, alarms, async_add_entities)
    sensors.follow()
    entry.async_on_unload(alarms.listen(sensors.follow))


class _PrioritySensors:
    """Adds, renames and removes the sensors of the priorities."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: XProtectConfigEntry,
        alarms: SiteAlarms,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._alarms = alarms
        self._add = async_add_entities
        self._known: dict[str, XProtectOpenAlarmsOfPriority] = {}
        self._kept: set[str] = set()

    @callback
    def follow(self) -> None:
        """Show the priorities of the last poll."""
        if not self._alarms.board.is_known:
            return
        priorities = self._alarms.board.priorities[:MAX_PRIORITIES]
        for priority in priorities:
            before = self._known.get(key_of(priority))
            if before is None or before.priority_name != _name(priority):
                self._show(priority, before)
        # If they cannot be read now, only those of open alarms are known.
        if self._alarms.settings.priorities:
            self._remove_others({key_of(priority) for priority in priorities})

    def _show(
        self, priority: Grade, before: XProtectOpenAlarmsOfPriority | None
    ) -> None:
        runtime = self._entry.runtime_data
        sensor = XProtectOpenAlarmsOfPriority(runtime, self._alarms, priority)
        self._known[key_of(priority)] = sensor
        if before is None:
            self._add([sensor])
        else:
            # The registry keeps the first name of an entity that is disabled.
            self._entry.async_create_task(self._hass, self._replace(before, sensor))

    async def _replace(
        self, old: XProtectOpenAlarmsOfPriority, new: XProtectOpenAlarmsOfPriority
    ) -> None:
        # Home Assistant does not keep a disabled one.
        if old.hass is not None:
            await old.async_remove()
        self._add([new])

    def _remove_others(self, keep: set[str]) -> None:
        if keep != self._kept:
            self._kept = keep
            for key in self._known.keys() - keep:
                del self._known[key]
            _remove(self._hass, self._entry, keep)


@callback
def _remove(hass: HomeAssistant, entry: XProtectConfigEntry, keep: set[str]) -> None:
    """Remove the sensors of other priorities."""
    head = f"{entry.runtime_data.devices.site_id}_{KEY}_"
    registry = er.async_get(hass)
    for registered in er.async_entries_for_config_entry(registry, entry.entry_id):
        before, _, priority = registered.unique_id.partition(head)
        if not before and priority not in keep:
            registry.async_remove(registered.entity_id)


def _name(priority: Grade) -> str:
    return priority.name or str(priority.level or priority.id)


class XProtectAlarmSensor(XProtectEntity, SensorEntity):
    """The number of open alarms."""

    _unrecorded_attributes = frozenset({ATTR_ALARMS})
    _attr_state_class = SensorStateClass.MEASUREMENT

    def __init__(
        self,
        runtime: XProtectRuntime,
        alarms: SiteAlarms,
        key: str,
        priority: Grade | None = None,
    ) -> None:
        super().__init__(runtime, None, key)
        self._alarms = alarms
        self._priority = priority

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the alarms."""
        await super().async_added_to_hass()
        self.async_on_remove(self._alarms.listen(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """Whether the alarms are known."""
        return self._alarms.is_available and self._alarms.board.is_known

    @property
    @override
    def native_value(self) -> int:
        """The number of alarms that are not closed."""
        return self._alarms.board.count(self._priority)


class XProtectOpenAlarms(XProtectAlarmSensor):
    """The number of all open alarms, and the newest ones."""

    _attr_translation_key = "open_alarms"

    def __init__(self, runtime: XProtectRuntime, alarms: SiteAlarms) -> None:
        super().__init__(runtime, alarms, KEY)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """The number in each state, and the newest alarms."""
        board = self._alarms.board
        newest = map(self._alarms.describe, board.newest)
        return {
            ATTR_STATES: board.count_states(),
            ATTR_COMPLETE: board.is_complete,
            ATTR_ALARMS: [{key: one[key] for key in SHOWN} for one in newest],
        }


class XProtectOpenAlarmsOfPriority(XProtectAlarmSensor):
    """The number of open alarms of a priority."""

    _attr_translation_key = "open_alarms_of_priority"

    def __init__(
        self, runtime: XProtectRuntime, alarms: SiteAlarms, priority: Grade
    ) -> None:
        super().__init__(runtime, alarms, f"{KEY}_{key_of(priority)}", priority)
        self.priority_name = _name(priority)
        self._level = priority.level
        self._attr_translation_placeholders = {"priority": self.priority_name}

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """The level of the priority, and the number in each state."""
        states = self._alarms.board.count_states(self._priority)
        return {ATTR_LEVEL: self._level, ATTR_STATES: states}
