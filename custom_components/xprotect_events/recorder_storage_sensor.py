"""Sensors of recorders' storages: how full, and how long recordings are kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfTime
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Source, Storage
from .runtime import XProtectConfigEntry
from .storage_coordinator import StorageFacts
from .storage_entity import StorageEntity, async_add_for_storages

ATTR_USED = "used_mb"
ATTR_SIZE = "size_mb"


@dataclass(frozen=True, kw_only=True)
class StorageSensorDescription(SensorEntityDescription):
    """A sensor of a storage."""

    value_fn: Callable[[StorageFacts], float | None]
    attributes_fn: Callable[[StorageFacts], Mapping[str, int | None]] | None = None


def _used(facts: StorageFacts) -> float | None:
    used, size = facts.status.used, facts.storage.size
    return None if used is None or not size else 100 * used / size


DESCRIPTIONS = (
    StorageSensorDescription(
        key="storage_used",
        translation_key="storage_used",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_used,
        attributes_fn=lambda facts: {
            ATTR_USED: facts.status.used,
            ATTR_SIZE: facts.storage.size,
        },
    ),
    StorageSensorDescription(
        key="storage_retention",
        translation_key="storage_retention",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_unit_of_measurement=UnitOfTime.DAYS,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda facts: facts.storage.retention_minutes,
    ),
)


async def async_add_storage_sensors(
    entry: XProtectConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add two sensors for each storage of each recorder."""

    def build(recorder: Source, storage: Storage) -> Iterable[StorageSensor]:
        return (
            StorageSensor(entry.runtime_data, recorder, storage, description)
            for description in DESCRIPTIONS
        )

    await async_add_for_storages(entry, async_add_entities, build)


class StorageSensor(StorageEntity, SensorEntity):
    """A number about a storage of a recorder."""

    entity_description: StorageSensorDescription

    @property
    @override
    def native_value(self) -> float | None:
        """The value of the last reading."""
        facts = self._facts
        return None if facts is None else self.entity_description.value_fn(facts)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, int | None] | None:
        """The used and the total size, of which the state is the share."""
        facts, attributes = self._facts, self.entity_description.attributes_fn
        return None if facts is None or attributes is None else attributes(facts)
