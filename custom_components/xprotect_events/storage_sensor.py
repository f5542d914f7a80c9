"""The sensor that shows whether XProtect stores the selected or shown event types."""

from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.const import EntityCategory
from homeassistant.core import callback

from .engine.storage_check import Verdict
from .entity import XProtectEntity
from .runtime import XProtectRuntime
from .sanitize import sanitize

# Names in an attribute. Longer lists are not readable, and are kept in memory.
MAX_LISTED_TYPES = 50


class XProtectStorageSensor(XProtectEntity, SensorEntity):
    """Shows whether XProtect stores the selected or shown event types."""

    _unrecorded_attributes = frozenset(Verdict)
    _attr_translation_key = "event_storage"
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, runtime: XProtectRuntime) -> None:
        super().__init__(runtime, None, "event_storage")
        self._attr_options = [verdict.value for verdict in Verdict]

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the storage check, too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._runtime.storage.listen(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> str | None:
        """The worst verdict; unknown until stored events were searched."""
        verdicts = set(self._runtime.storage.verdicts.values())
        if not self._runtime.storage.is_complete:
            return None
        return next((one for one in reversed(Verdict) if one in verdicts), None)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, list[str]]:
        """The names of the event types of each verdict."""
        found = names_by_verdict(self._runtime)
        return {verdict.value: names for verdict, names in found.items()}


@callback
def names_by_verdict(runtime: XProtectRuntime) -> dict[Verdict, list[str]]:
    """Return the names of the event types of each verdict."""
    found: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    for type_id, verdict in runtime.storage.verdicts.items():
        found[verdict].append(runtime.inventory.catalog.type_name(type_id))
    for names in found.values():
        names.sort(key=str.casefold)
        names[:] = map(sanitize, names[:MAX_LISTED_TYPES])
    return found
