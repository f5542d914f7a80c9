"""The base class of the entities of a recorder's storages."""

from collections.abc import Callable, Iterable
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .api import Resource, Source, Storage
from .background_listing import BackgroundListing
from .engine.series import Series
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
        self._was_present = runtime.presence.is_present(recorder)

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

    @override
    def _note_mode(self) -> None:
        """Read soon after the return of a recorder, which is not read while absent."""
        super()._note_mode()
        is_present = self._runtime.presence.is_present(self._source)
        if is_present and not self._was_present:
            self.coordinator.read_soon()
        self._was_present = is_present

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
    coordinator = runtime.storages
    storages = _Storages(runtime, async_add_entities, build)
    entry.async_on_unload(coordinator.listen_lists(storages.add))
    listing = BackgroundListing(
        coordinator.hass, entry, "storages", coordinator.confirmed, storages.list_all
    )
    listing.follow(runtime.devices, storages.forget_gone)


class _Storages:
    """Lists the storages of recorders, and adds entities for new ones."""

    def __init__(
        self,
        runtime: XProtectRuntime,
        async_add_entities: AddConfigEntryEntitiesCallback,
        build: BuildStorage,
    ) -> None:
        self._runtime = runtime
        self._async_add_entities = async_add_entities
        self._build = build
        self._known: dict[Source, set[str]] = {}
        self._series = Series()

    @callback
    def add(self, recorder: Source, found: Iterable[Storage]) -> None:
        """Add entities for the storages of a recorder that have none yet."""
        if not self._runtime.devices.has_device(recorder):
            return
        known = self._known.setdefault(recorder, set())
        fresh = {one.id: one for one in found if one.id not in known}
        known.update(fresh)
        self._async_add_entities(
            [
                entity
                for storage in fresh.values()
                for entity in self._build(recorder, storage)
            ]
        )

    @callback
    def forget_gone(self) -> None:
        """Forget entities that were removed with the device of their recorder."""
        # Disabled recorders keep it.
        for recorder in tuple(self._known):
            if not self._runtime.devices.has_device(recorder):
                del self._known[recorder]

    async def list_all(self) -> None:
        """List the storages of recorders that have none yet. Raises any `ApiError`."""
        recorders = {
            one.source
            for one in self._runtime.devices.shown()
            if one.resource is Resource.RECORDING_SERVERS
        }
        failure = await self._series.run(recorders - self._known.keys(), self._find)
        if failure is not None:
            raise failure

    async def _find(self, recorder: Source) -> None:
        if found := await self._runtime.storages.find(recorder):
            self.add(recorder, found)
