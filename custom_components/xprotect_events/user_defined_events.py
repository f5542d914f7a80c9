"""Entities of user-defined events, added and removed with the events in XProtect."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import batched

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Resource, Source, UserDefinedEvent
from .entity import XProtectEntity
from .runtime import XProtectConfigEntry

# Entities added in one turn. Each turn blocks the event loop for some milliseconds.
ENTITIES_AT_ONCE = 50

# Takes the events that have no entity yet, and the number of those that have one, and
# returns the events that get one.
type Admit = Callable[[Sequence[UserDefinedEvent], int], Sequence[UserDefinedEvent]]


async def async_add_for_user_defined_events(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    key: str,
    admit: Admit,
    build: Callable[[UserDefinedEvent], XProtectEntity],
) -> None:
    """Keep one entity with this key for each user-defined event of the site."""
    runtime = entry.runtime_data
    # The names under which they were added.
    known: dict[Source, str] = {}

    def renamed() -> list[UserDefinedEvent]:
        """Return the events with another name and a disabled entity, once each."""
        named = {
            event: name
            for event in runtime.inventory.data.user_defined_events
            if event.source in known
            and known[event.source] != (name := _name(entry, event))
        }
        known.update({event.source: name for event, name in named.items()})
        disabled = _disabled(hass, entry, key) if named else set()
        return [event for event in named if event.source in disabled]

    async def follow() -> None:
        site = runtime.inventory.data
        if Resource.USER_DEFINED_EVENTS in site.unreadable:
            # Without the right to read the list, no event can be considered deleted.
            return
        for source in _remove_gone(hass, entry, key):
            known.pop(source, None)
        # The registry has the name of the last addition of a disabled entity, which
        # does not follow by itself: a user would enable the wrong one.
        again = renamed()
        fresh = [one for one in site.user_defined_events if one.source not in known]
        added = admit(fresh, len(known))
        known.update({event.source: _name(entry, event) for event in added})
        for portion in batched((*added, *again), ENTITIES_AT_ONCE, strict=False):
            async_add_entities([build(event) for event in portion])
            await asyncio.sleep(0)

    await follow()
    entry.async_on_unload(runtime.devices.listen(follow))


@callback
def _name(entry: XProtectConfigEntry, event: UserDefinedEvent) -> str:
    offered = entry.runtime_data.inventory.catalog.offered
    return offered.own_word(event.id) or event.name


@callback
def _disabled(hass: HomeAssistant, entry: XProtectConfigEntry, key: str) -> set[Source]:
    """Return the events whose entities with this key are disabled."""
    registry = er.async_get(hass)
    return {
        _source(registered.unique_id, key)
        for registered in er.async_entries_for_config_entry(registry, entry.entry_id)
        if registered.disabled and registered.unique_id.endswith(f"_{key}")
    }


def _source(identifier: str, key: str) -> Source:
    """Return the event of an entity's unique id."""
    guid = identifier.removesuffix(f"_{key}").rpartition("_")[2]
    return Source(Resource.USER_DEFINED_EVENTS, guid)


@callback
def _remove_gone(
    hass: HomeAssistant, entry: XProtectConfigEntry, key: str
) -> set[Source]:
    """Remove entities of events that were in no list for a day; return the events."""
    inventory = entry.runtime_data.inventory
    absences = inventory.memory.absences
    registry = er.async_get(hass)
    gone = set()
    for registered in er.async_entries_for_config_entry(registry, entry.entry_id):
        if not registered.unique_id.endswith(f"_{key}"):
            continue
        source = _source(registered.unique_id, key)
        if absences.is_gone(source):
            gone.add(source)
            registry.async_remove(registered.entity_id)
        elif source not in inventory.data.source_names:
            # It may have been deleted before the start. Its absence counts from now on.
            absences.expect([source])
    return gone
