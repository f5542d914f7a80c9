"""The entities of user-defined events: they come and go as the events do."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import batched

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Resource, Source, UserDefinedEvent
from .entity import XProtectEntity
from .runtime import XProtectConfigEntry

# Entities at a time: the event loop is held up for some milliseconds.
ENTITIES_AT_ONCE = 50

# Which of the events that have no entity yet get one, where so many have one already.
type Admit = Callable[[Sequence[UserDefinedEvent], int], Sequence[UserDefinedEvent]]


async def async_add_for_user_defined_events(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    key: str,
    admit: Admit,
    build: Callable[[UserDefinedEvent], XProtectEntity],
) -> None:
    """Keep an entity of a key for each user-defined event that the site has."""
    runtime = entry.runtime_data
    known: set[Source] = set()

    async def follow() -> None:
        site = runtime.inventory.data
        if Resource.USER_DEFINED_EVENTS in site.unreadable:
            # What may not be read cannot be told from what is gone.
            return
        known.difference_update(_remove_gone(hass, entry, key))
        fresh = [one for one in site.user_defined_events if one.source not in known]
        added = admit(fresh, len(known))
        known.update(event.source for event in added)
        for portion in batched(added, ENTITIES_AT_ONCE, strict=False):
            async_add_entities([build(event) for event in portion])
            await asyncio.sleep(0)

    await follow()
    entry.async_on_unload(runtime.devices.listen(follow))


@callback
def _remove_gone(
    hass: HomeAssistant, entry: XProtectConfigEntry, key: str
) -> set[Source]:
    """Remove the entities of what the list has lacked for a day; return those."""
    inventory = entry.runtime_data.inventory
    absences = inventory.memory.absences
    registry = er.async_get(hass)
    gone = set()
    for registered in er.async_entries_for_config_entry(registry, entry.entry_id):
        if not registered.unique_id.endswith(f"_{key}"):
            continue
        guid = registered.unique_id.removesuffix(f"_{key}").rpartition("_")[2]
        source = Source(Resource.USER_DEFINED_EVENTS, guid)
        if absences.is_gone(source):
            gone.add(source)
            registry.async_remove(registered.entity_id)
        elif source not in inventory.data.source_names:
            # Perhaps it was there before the start.
            absences.expect([source])
    return gone
