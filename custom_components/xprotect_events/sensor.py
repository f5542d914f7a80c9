"""Sensors of the server."""

from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import XProtectEntity
from .mode import Mode
from .runtime import XProtectConfigEntry, XProtectRuntime

# Events are pushed into these entities; nothing is fetched.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the server's sensors."""
    async_add_entities([XProtectDeliverySensor(entry.runtime_data)])


class XProtectDeliverySensor(XProtectEntity, SensorEntity):
    """How events reach Home Assistant; available also while they do not."""

    _attr_translation_key = "delivery"
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, runtime: XProtectRuntime) -> None:
        super().__init__(runtime, None, "delivery")
        self._attr_options = [mode.value for mode in Mode]

    @property
    @override
    def native_value(self) -> str:
        """The mode."""
        return self._runtime.mode.mode.value
