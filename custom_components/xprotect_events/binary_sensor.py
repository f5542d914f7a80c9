"""Binary sensors: states with two sides, and the connection to the server."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Resource, Source, Storage, Thing
from .engine.built_in import StateKind
from .entity import (
    XProtectEntity,
    XProtectStateEntity,
    async_add_for_sources,
    until_unloaded,
)
from .entity_budget import enabled_kinds, is_reported
from .reported_states import async_enable_reported
from .runtime import XProtectConfigEntry, XProtectRuntime
from .storage_entity import StorageEntity, async_add_for_storages

# Events update these entities; they never poll.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class XProtectBinarySensorDescription(BinarySensorEntityDescription):
    """A binary sensor of a state group with two sides."""

    kind: StateKind


BINARY_SENSORS = (
    XProtectBinarySensorDescription(
        key="motion",
        kind=StateKind.MOTION,
        device_class=BinarySensorDeviceClass.MOTION,
    ),
    XProtectBinarySensorDescription(
        key="recording",
        translation_key="recording",
        kind=StateKind.RECORDING,
        device_class=BinarySensorDeviceClass.RUNNING,
    ),
    XProtectBinarySensorDescription(
        key="communication",
        translation_key="communication",
        kind=StateKind.COMMUNICATION,
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    XProtectBinarySensorDescription(
        key="input",
        translation_key="input",
        kind=StateKind.INPUT,
    ),
    XProtectBinarySensorDescription(
        key="output",
        translation_key="output",
        kind=StateKind.OUTPUT,
    ),
)
# Recorders have a name of their own for it: cameras communicate with their recorder.
RECORDER_COMMUNICATION = XProtectBinarySensorDescription(
    key="communication",
    translation_key="recorder_communication",
    kind=StateKind.COMMUNICATION,
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)

STORAGE_AVAILABILITY = BinarySensorEntityDescription(
    key="storage_available",
    translation_key="storage_available",
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the connection sensor, and a sensor for each source and state group."""
    async_add_entities = until_unloaded(entry, async_add_entities)
    runtime = entry.runtime_data
    async_add_entities([XProtectConnectionSensor(runtime)])

    enabled = enabled_kinds(runtime)

    def build(item: Thing) -> Iterable[XProtectStateBinarySensor]:
        kinds = runtime.inventory.catalog.kinds(item.resource)
        is_recorder = item.resource is Resource.RECORDING_SERVERS
        described = (RECORDER_COMMUNICATION,) if is_recorder else BINARY_SENSORS
        return (
            XProtectStateBinarySensor(
                runtime,
                item,
                description,
                is_enabled=(item.resource, description.key) in enabled
                and is_reported(runtime, item.resource, description.kind),
            )
            for description in described
            if description.kind in kinds
        )

    await async_add_for_sources(entry, async_add_entities, build)
    async_enable_reported(hass, entry, enabled)

    def build_storage(
        recorder: Source, storage: Storage
    ) -> Iterable[XProtectStorageAvailability]:
        yield XProtectStorageAvailability(
            runtime, recorder, storage, STORAGE_AVAILABILITY
        )

    await async_add_for_storages(entry, async_add_entities, build_storage)


class XProtectStateBinarySensor(XProtectStateEntity, BinarySensorEntity):
    """The state of a source in one group; unknown until an event sets it."""

    entity_description: XProtectBinarySensorDescription
    _attr_entity_registry_enabled_default = True

    def __init__(
        self,
        runtime: XProtectRuntime,
        item: Thing,
        description: XProtectBinarySensorDescription,
        *,
        is_enabled: bool,
    ) -> None:
        super().__init__(
            runtime,
            item.source,
            description.key,
            state_key=(item.source, description.kind),
        )
        self.entity_description = description
        self._attr_entity_registry_enabled_default = is_enabled

    @property
    @override
    def is_on(self) -> bool | None:
        """The side of the state that the newest event has set."""
        state = self._runtime.states.state(self._state_key)
        return state.is_on if state else None


class XProtectConnectionSensor(XProtectEntity, BinarySensorEntity):
    """Whether events can arrive; this sensor itself is always available."""

    _attr_translation_key = "connection"
    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, runtime: XProtectRuntime) -> None:
        super().__init__(runtime, None, "connection")

    @property
    @override
    def is_on(self) -> bool:
        """Whether events can arrive."""
        return self._runtime.channels.is_delivering


class XProtectStorageAvailability(StorageEntity, BinarySensorEntity):
    """Whether a storage is available, according to its recording server."""

    @property
    @override
    def is_on(self) -> bool | None:
        """The answer to the last request."""
        facts = self._facts
        return None if facts is None else facts.status.is_available
