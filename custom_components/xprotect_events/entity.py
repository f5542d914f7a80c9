"""What all entities share: identity, device, availability, and how they appear."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import batched
from typing import override

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Device, Hardware, Source
from .devices import DEVICES_AT_ONCE, identifier
from .runtime import XProtectConfigEntry, XProtectRuntime


def unique_id(site_id: str, source: Source | None, key: str) -> str:
    """Return what an entity of a source, or of the server, is known by."""
    _, identity = identifier(site_id, source)
    return f"{identity}_{key}"


class XProtectEntity(Entity):
    """An entity of the server (`source` is `None`) or of one of its sources."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, runtime: XProtectRuntime, source: Source | None, key: str
    ) -> None:
        self._runtime = runtime
        self._attr_unique_id = unique_id(runtime.devices.site_id, source, key)
        self._attr_device_info = DeviceInfo(
            identifiers={runtime.devices.identifier_of(source)}
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the mode, which decides availability."""
        await super().async_added_to_hass()
        self.async_on_remove(self._runtime.channels.listen(self.mode_changed))
        # It may have changed since the entity was made. Nothing is written yet.
        self.mode_changed()

    @callback
    def mode_changed(self) -> None:
        """Show that events arrive or do not."""
        self.async_write_ha_state()


class XProtectSourceEntity(XProtectEntity):
    """An entity that events feed.

    Unavailable while no events can arrive, or the source is not there: the state may
    have changed.
    """

    def __init__(
        self, runtime: XProtectRuntime, source: Source | None, key: str
    ) -> None:
        super().__init__(runtime, source, key)
        self._source = source

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the source, too."""
        if self._source is not None:
            self.async_on_remove(
                self._runtime.presence.listen(self._source, self.mode_changed)
            )
        await super().async_added_to_hass()

    @callback
    @override
    def mode_changed(self) -> None:
        """Show whether events of the source arrive."""
        self._attr_available = (
            self._runtime.channels.is_delivering
            and self._runtime.presence.is_present(self._source)
        )
        super().mode_changed()

    @callback
    def write_state(self, context: Context | None) -> None:
        """Write the state that an event of this context has changed."""
        if context is not None:
            self.async_set_context(context)
        self.async_write_ha_state()


@callback
def async_remove_entities(
    hass: HomeAssistant, entry: XProtectConfigEntry, key: str
) -> None:
    """Remove the entities of a key, which an option has switched off."""
    registry = er.async_get(hass)
    for registered in er.async_entries_for_config_entry(registry, entry.entry_id):
        if registered.unique_id.endswith(f"_{key}"):
            registry.async_remove(registered.entity_id)


async def async_add_for_sources(
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    build: Callable[[Device | Hardware], Iterable[XProtectEntity]],
) -> None:
    """Add entities for every source, now and whenever the inventory shows new ones."""
    runtime = entry.runtime_data
    known: set[Source] = set()

    async def add_new() -> None:
        # Entities go with their device, which a source that is disabled keeps.
        gone = {source for source in known if not runtime.devices.has_device(source)}
        known.difference_update(gone)
        fresh = [item for item in runtime.devices.shown() if item.source not in known]
        known.update(item.source for item in fresh)
        for portion in batched(fresh, DEVICES_AT_ONCE, strict=False):
            async_add_entities([entity for item in portion for entity in build(item)])
            await asyncio.sleep(0)

    await add_new()
    entry.async_on_unload(runtime.devices.listen(add_new))
