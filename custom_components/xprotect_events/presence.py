"""Follows which sources are listed and enabled, and updates their entities."""

from collections.abc import Callable, Collection, Iterable
from itertools import batched

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .api import Source
from .engine.keyed_listeners import KeyedListeners
from .inventory_coordinator import XProtectInventoryCoordinator

# Sources, with several entities each, to update before the event loop runs other tasks:
# a few milliseconds. If a role loses its rights, thousands become unavailable at once.
SOURCES_AT_ONCE = 50


class Presence:
    """Calls listeners when their source leaves the lists or returns to them.

    `gone` is called first, with all sources that have left the lists.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        inventory: XProtectInventoryCoordinator,
        gone: Callable[[Collection[Source]], None],
    ) -> None:
        self._hass = hass
        self._inventory = inventory
        self._gone = gone
        self._listeners: KeyedListeners[Source, CALLBACK_TYPE] = KeyedListeners()
        self._absent: set[Source] = set()

    @callback
    def follow(self) -> None:
        """Follow each reading of the lists until the entry unloads."""
        entry = self._inventory.config_entry
        entry.async_on_unload(self._inventory.async_add_listener(self._site_read))

    @callback
    def is_present(self, source: Source | None) -> bool:
        """Whether a source is listed and enabled; the server itself always is."""
        return source is None or self._inventory.data.has(source)

    @callback
    def listen(self, source: Source, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the presence changes; return a function to stop it."""
        if not self.is_present(source):
            self._absent.add(source)
        return self._listeners.add(source, listener)

    @callback
    def forget(self, source: Source, listener: CALLBACK_TYPE) -> None:
        """Call the listener no more."""
        self._listeners.remove(source, listener)

    @callback
    def _site_read(self) -> None:
        absent = {one for one in self._listeners if not self.is_present(one)}
        before, self._absent = self._absent, absent
        if newly_absent := absent - before:
            self._gone(newly_absent)
        changed = absent ^ before
        self._call_listeners(tuple(batched(changed, SOURCES_AT_ONCE, strict=False)))

    @callback
    def _call_listeners(self, portions: tuple[Iterable[Source], ...]) -> None:
        if not portions:
            return
        for source in portions[0]:
            for listener in self._listeners.get(source, ()):
                listener()
        self._hass.loop.call_soon(self._call_listeners, portions[1:])
