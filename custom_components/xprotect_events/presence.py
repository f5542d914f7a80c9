"""Follows the mode, and which sources are listed and enabled, for all entities."""

from collections.abc import Callable, Collection
from typing import Protocol

from homeassistant.core import HomeAssistant, callback

from .api import Source
from .engine.keyed_listeners import KeyedListeners
from .inventory_coordinator import XProtectInventoryCoordinator
from .mode import Channels

# Sources, with several entities each, to update before the event loop runs other tasks:
# a few milliseconds. With the connection, all of thousands change at once.
SOURCES_AT_ONCE = 50


class Follower(Protocol):
    """An entity. A function for each would be one more object of thousands."""

    def mode_changed(self) -> None:
        """Follow a change of the mode, or of the presence of its source."""


class Presence:
    """Notifies entities when events begin or cease to arrive, or their source changes.

    Those of the server are notified of each change of the mode. `gone` is called first,
    with all sources that have left the lists.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        inventory: XProtectInventoryCoordinator,
        channels: Channels,
        gone: Callable[[Collection[Source]], None],
    ) -> None:
        self._hass = hass
        self._inventory = inventory
        self._channels = channels
        self._gone = gone
        self._entities: KeyedListeners[Source | None, Follower] = KeyedListeners()
        self._absent: set[Source] = set()
        self._is_delivering = channels.is_delivering

    @callback
    def follow(self) -> None:
        """Follow the mode and each reading of the lists until the entry unloads."""
        entry = self._inventory.config_entry
        entry.async_on_unload(self._inventory.async_add_listener(self._site_read))
        entry.async_on_unload(self._channels.listen(self._mode_changed))

    @callback
    def is_present(self, source: Source | None) -> bool:
        """Whether a source is listed and enabled; the server itself always is."""
        return source is None or self._inventory.data.has(source)

    @callback
    def add(self, source: Source | None, entity: Follower) -> None:
        """Notify an entity of a source, or of the server, until `remove`."""
        if source is not None and not self.is_present(source):
            self._absent.add(source)
        self._entities.add(source, entity)

    @callback
    def remove(self, source: Source | None, entity: Follower) -> None:
        """Notify the entity no more."""
        self._entities.remove(source, entity)

    @callback
    def _mode_changed(self) -> None:
        before, self._is_delivering = self._is_delivering, self._channels.is_delivering
        is_same = self._is_delivering == before
        self._notify((None,) if is_same else tuple(self._entities))

    @callback
    def _site_read(self) -> None:
        listed = (one for one in self._entities if one is not None)
        absent = {one for one in listed if not self.is_present(one)}
        before, self._absent = self._absent, absent
        if newly_absent := absent - before:
            self._gone(newly_absent)
        self._notify(tuple(absent ^ before))

    @callback
    def _notify(self, sources: tuple[Source | None, ...]) -> None:
        for source in sources[:SOURCES_AT_ONCE]:
            for entity in self._entities.get(source, ()):
                entity.mode_changed()
        if len(sources) > SOURCES_AT_ONCE:
            self._hass.loop.call_soon(self._notify, sources[SOURCES_AT_ONCE:])
