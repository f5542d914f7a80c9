"""The base class of the entities of a recorder's storages."""

import asyncio
from collections.abc import Callable, Iterable
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .api import Resource, Source, Storage
from .const import DOMAIN
from .entity import XProtectListedEntity
from .runtime import XProtectConfigEntry, XProtectRuntime
from .storage_coordinator import StorageCoordinator, StorageFacts

type BuildStorage = Callable[[Source, Storage], Iterable[StorageEntity]]


class StorageEntity(XProtectListedEntity, CoordinatorEntity[StorageCoordinator]):
    """An entity of a storage, which is read only if the entity is enabled."""

    _attr_entity_registry_enabled_default = False

    def __init__(
        self,
        runtime: XProtectRuntime,
        recorder: Source,
        storage: Storage,
        description: EntityDescription,
    ) -> None:
        CoordinatorEntity.__init__(self, runtime.storages, (recorder, storage.id))
        XProtectListedEntity.__init__(
            self, runtime, recorder, f"{storage.id}_{description.key}"
        )
        self.entity_description = description
        self._attr_translation_placeholders = {"storage": storage.name}
        self._storage_id = storage.id

    @property
    def _facts(self) -> StorageFacts | None:
        return self.coordinator.data.get(self._storage_id)

    @property
    @override
    def available(self) -> bool:
        """Whether the last reading has it, and its recorder is there."""
        is_read = self.coordinator.last_update_success and self._facts is not None
        return is_read and super().available


async def async_add_for_storages(
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    build: BuildStorage,
) -> None:
    """Add entities for the storages of every recorder, after the set-up."""
    runtime = entry.runtime_data
    known: set[Source] = set()
    # Which recorders have been listed; one at a time, as two syncs may overlap.
    lock = asyncio.Lock()

    async def add_new() -> None:
        async with lock:
            shown = {
                one.source
                for one in runtime.devices.shown()
                if one.resource is Resource.RECORDING_SERVERS
            }
            # Entities are removed with their device. Disabled recorders keep it.
            gone = {one for one in known if not runtime.devices.has_device(one)}
            known.difference_update(gone)
            for recorder in sorted(shown - known):
                found = await runtime.storages.find(recorder)
                if found:
                    known.add(recorder)
                async_add_entities(
                    [one for storage in found for one in build(recorder, storage)]
                )

    @callback
    def add_soon() -> None:
        entry.async_create_background_task(
            runtime.storages.hass, add_new(), f"{DOMAIN} storages"
        )

    async def follow() -> None:
        add_soon()

    add_soon()
    entry.async_on_unload(runtime.devices.listen(follow))
