"""Base classes of entities: unique id, device, availability, and adding them."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import batched
from typing import override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Source, Thing
from .const import DOMAIN
from .devices import DEVICES_AT_ONCE, identifier
from .engine.states import StateKey
from .runtime import XProtectConfigEntry, XProtectRuntime

# The states of an entry whose platforms take entities.
LOADING = (ConfigEntryState.SETUP_IN_PROGRESS, ConfigEntryState.LOADED)


def unique_id(site_id: str, source: Source | None, key: str) -> str:
    """Return the unique id of an entity of a source, or of the server."""
    _, identity = identifier(site_id, source)
    return f"{identity}_{key}"


@callback
def async_change_disabled(
    hass: HomeAssistant,
    entity: tuple[Platform, str],
    before: er.RegistryEntryDisabler | None,
    after: er.RegistryEntryDisabler | None,
) -> None:
    """Enable what the integration has disabled, or disable what is enabled.

    `entity` is platform and unique id. What a user has disabled stays disabled. Home
    Assistant reloads the entry once, 30 seconds later.
    """
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(entity[0], DOMAIN, entity[1])
    if entity_id and registry.entities[entity_id].disabled_by is before:
        registry.async_update_entity(entity_id, disabled_by=after)


class XProtectEntity(Entity):
    """An entity of the server (`source` is `None`) or of one of its sources."""

    _attr_has_entity_name = True
    # Without `_attr_`, of which Home Assistant keeps a copy in each of thousands of
    # entities: their dictionaries would need twice the memory.
    should_poll = False
    force_update = False
    assumed_state = False
    attribution = None
    device_info = None

    def __init__(
        self, runtime: XProtectRuntime, source: Source | None, key: str
    ) -> None:
        self._runtime = runtime
        self._source = source
        self._attr_unique_id = unique_id(runtime.devices.site_id, source, key)
        # Not by `device_info`, with which Home Assistant would look for the device
        # again, and update it, for each of thousands of entities.
        self.device_entry = runtime.devices.device(source)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow mode and source, which decide availability."""
        await super().async_added_to_hass()
        self._runtime.presence.add(self._source, self)
        # Home Assistant writes the state next.
        self._note_mode()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Follow nothing more.

        Not by `async_on_remove`, for which each of thousands of entities would keep a
        function for each of the things that it follows.
        """
        await super().async_will_remove_from_hass()
        self._runtime.presence.remove(self._source, self)

    @callback
    def mode_changed(self) -> None:
        """Update what depends on the mode or on the presence of the source."""
        self._note_mode()
        self.async_write_ha_state()

    def _note_mode(self) -> None:
        """Update what depends on the mode, before the state is written."""

    @callback
    def _rename(self, **placeholders: str) -> bool:
        """Change the placeholders of the name; return whether they are others."""
        if placeholders == self._attr_translation_placeholders:
            return False
        self._attr_translation_placeholders = placeholders
        # Home Assistant keeps the name that it has made of the former ones.
        vars(self).pop("name", None)
        return True


class XProtectListedEntity(XProtectEntity):
    """An entity that is available while its source is listed and enabled.

    Also while no events arrive: each use of it is a request of its own, and Home
    Assistant ignores presses of unavailable buttons without an error.
    """

    _source: Source

    @property
    @override
    def available(self) -> bool:
        """Whether the source is there."""
        return self._runtime.presence.is_present(self._source)


class XProtectSourceEntity(XProtectEntity):
    """An entity that is updated by events.

    It is unavailable while no events can arrive, or while the source is missing or
    disabled, because the state may have changed.
    """

    @override
    def _note_mode(self) -> None:
        """Update the availability, which depends on the source, too."""
        self._attr_available = (
            self._runtime.channels.is_delivering
            and self._runtime.presence.is_present(self._source)
        )


class XProtectStateEntity(XProtectSourceEntity):
    """An entity that shows the state of a source in a group of states."""

    def __init__(
        self,
        runtime: XProtectRuntime,
        source: Source | None,
        key: str,
        *,
        state_key: StateKey,
    ) -> None:
        super().__init__(runtime, source, key)
        self._state_key = state_key

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the state, too."""
        await super().async_added_to_hass()
        self._runtime.source_states.listen(self._state_key, self._write_state)

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Follow the state no more."""
        await super().async_will_remove_from_hass()
        self._runtime.source_states.forget(self._state_key, self._write_state)

    @callback
    def _write_state(self, context: Context | None) -> None:
        """Write the state, with the context of the event that has changed it."""
        if context is not None:
            self.async_set_context(context)
        self.async_write_ha_state()


@callback
def async_remove_entities(
    hass: HomeAssistant, entry: XProtectConfigEntry, key: str
) -> None:
    """Remove all entities with this key, after an option was switched off."""
    registry = er.async_get(hass)
    for registered in er.async_entries_for_config_entry(registry, entry.entry_id):
        if registered.unique_id.endswith(f"_{key}"):
            registry.async_remove(registered.entity_id)


def until_unloaded(
    entry: XProtectConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> AddConfigEntryEntitiesCallback:
    """Return a function that adds entities until the entry begins to unload.

    The lists may be read meanwhile, but nothing would remove the entities of a platform
    that is unloaded, and the next run could not add its own.
    """

    @callback
    def add(
        new_entities: Iterable[Entity],
        update_before_add: bool = False,  # noqa: FBT001, FBT002 - as Home Assistant declares it
        *,
        config_subentry_id: str | None = None,
    ) -> None:
        if entry.state in LOADING:
            async_add_entities(
                new_entities, update_before_add, config_subentry_id=config_subentry_id
            )

    return add


async def async_add_for_sources(
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    build: Callable[[Thing], Iterable[XProtectEntity]],
) -> None:
    """Add entities for every source, now and when new sources are listed."""
    runtime = entry.runtime_data
    known: set[Source] = set()

    async def add_new() -> None:
        # Entities are removed with their device. Disabled sources keep it.
        gone = {source for source in known if not runtime.devices.has_device(source)}
        known.difference_update(gone)
        fresh = [item for item in runtime.devices.shown() if item.source not in known]
        known.update(item.source for item in fresh)
        for portion in batched(fresh, DEVICES_AT_ONCE, strict=False):
            async_add_entities([entity for item in portion for entity in build(item)])
            await asyncio.sleep(0)

    await add_new()
    entry.async_on_unload(runtime.devices.listen(add_new))
