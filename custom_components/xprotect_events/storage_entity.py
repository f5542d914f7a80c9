"""The base class of the entities of a recorder's storages."""

from collections.abc import Callable, Iterable
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .api import Resource, Source, Storage
from .background_listing import BackgroundListing
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

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Follow the storage's name, too."""
        if self._facts is not None:
            self._rename(storage=self._facts.storage.name)
        super()._handle_coordinator_update()

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
    """Add entities for the storages of every recorder, after the set-up.

    Recorders are listed once. Further storages are found when those of their recorder
    are read, which needs an entity that is enabled.
    """
    runtime = entry.runtime_data
    known: dict[Source, set[str]] = {}

    @callback
    def add(recorder: Source, found: Iterable[Storage]) -> None:
        added = known.setdefault(recorder, set())
        fresh = {one.id: one for one in found if one.id not in added}
        added.update(fresh)
        async_add_entities(
            [one for storage in fresh.values() for one in build(recorder, storage)]
        )

    async def list_all() -> None:
        shown = {
            one.source
            for one in runtime.devices.shown()
            if one.resource is Resource.RECORDING_SERVERS
        }
        # Entities are removed with their device. Disabled recorders keep it.
        for recorder in tuple(known):
            if not runtime.devices.has_device(recorder):
                del known[recorder]
        for recorder in sorted(shown - known.keys()):
            if found := await runtime.storages.find(recorder):
                add(recorder, found)

    entry.async_on_unload(runtime.storages.listen_lists(add))
    confirmed = runtime.storages.confirmed
    listing = BackgroundListing(
        runtime.storages.hass, entry, "storages", confirmed, list_all
    )
    listing.follow(runtime.devices)
