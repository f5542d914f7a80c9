"""The event entity of new alarms, on the device of the server."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarm_payload import alarm_attributes
from .api import Alarm
from .entity import XProtectEntity, async_remove_entities
from .runtime import XProtectConfigEntry, XProtectRuntime
from .site_alarms import SiteAlarms

KEY = "alarm"
NEW_ALARM = "new_alarm"


@callback
def async_add_alarm_event(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event entity of new alarms, or remove it if the option is off."""
    alarms = entry.runtime_data.alarms
    if alarms is None:
        async_remove_entities(hass, entry, KEY)
    else:
        async_add_entities([XProtectAlarm(entry.runtime_data, alarms)])


class XProtectAlarm(XProtectEntity, EventEntity):
    """Shows new alarms; missed ones are never shown."""

    _attr_translation_key = "alarm"
    _attr_event_types = [NEW_ALARM]  # noqa: RUF012 - as Home Assistant declares it

    def __init__(self, runtime: XProtectRuntime, alarms: SiteAlarms) -> None:
        super().__init__(runtime, None, KEY)
        self._alarms = alarms

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the alarms."""
        await super().async_added_to_hass()
        self.async_on_remove(self._alarms.listen(self.async_write_ha_state))
        self.async_on_remove(self._alarms.listen_new(self._show))

    @property
    @override
    def available(self) -> bool:
        """Whether new alarms arrive."""
        return self._alarms.is_available

    @callback
    def _show(self, alarm: Alarm, context: Context) -> None:
        attributes = alarm_attributes(self._alarms.describe(alarm))
        self._trigger_event(NEW_ALARM, dict(attributes))
        self.async_set_context(context)
        self.async_write_ha_state()
