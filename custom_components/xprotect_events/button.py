"""Buttons that trigger user-defined events."""

import asyncio
from itertools import batched
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import NewEvent, Resource, Source, UserDefinedEvent
from .entity import XProtectEntity
from .output_button import async_add_output_buttons
from .runtime import XProtectConfigEntry
from .site_limits import MAX_BUTTONS, Limit
from .triggering import async_trigger

# Presses are short requests that must not wait for each other.
PARALLEL_UPDATES = 0

KEY = "trigger"
# Buttons to add before the event loop runs other tasks: a few milliseconds.
BUTTONS_AT_ONCE = 50


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for each user-defined event, and keep them up to date."""
    runtime = entry.runtime_data
    known: set[Source] = set()

    async def follow() -> None:
        site = runtime.inventory.data
        if Resource.USER_DEFINED_EVENTS in site.unreadable:
            # A list that the user may not read does not show what is deleted.
            return
        known.difference_update(_remove_gone(hass, entry))
        fresh = [one for one in site.user_defined_events if one.source not in known]
        added = fresh[: max(0, MAX_BUTTONS - len(known))]
        runtime.inventory.left_out.note(Limit.BUTTONS, len(fresh) - len(added))
        known.update(event.source for event in added)
        for portion in batched(added, BUTTONS_AT_ONCE, strict=False):
            async_add_entities([XProtectButton(entry, event) for event in portion])
            await asyncio.sleep(0)

    await follow()
    entry.async_on_unload(runtime.devices.listen(follow))
    await async_add_output_buttons(hass, entry, async_add_entities)


@callback
def _remove_gone(hass: HomeAssistant, entry: XProtectConfigEntry) -> set[Source]:
    """Remove the buttons of deleted events, and return these events."""
    inventory = entry.runtime_data.inventory
    absences = inventory.memory.absences
    registry = er.async_get(hass)
    gone = set()
    for registered in er.async_entries_for_config_entry(registry, entry.entry_id):
        if not registered.unique_id.endswith(f"_{KEY}"):
            continue
        guid = registered.unique_id.removesuffix(f"_{KEY}").rpartition("_")[2]
        source = Source(Resource.USER_DEFINED_EVENTS, guid)
        if absences.is_gone(source):
            gone.add(source)
            registry.async_remove(registered.entity_id)
        elif source not in inventory.data.source_names:
            # It may have been deleted before the start.
            absences.expect([source])
    return gone


class XProtectButton(XProtectEntity, ButtonEntity):
    """Triggers a user-defined event.

    It is available as long as the event exists, even while no events arrive: a press
    is its own request, and Home Assistant ignores presses of unavailable buttons
    without an error.
    """

    _attr_translation_key = "user_defined_event"

    def __init__(self, entry: XProtectConfigEntry, event: UserDefinedEvent) -> None:
        super().__init__(entry.runtime_data, event.source, KEY)
        self._entry = entry
        self._event = event
        self._attr_name = event.name
        # System events are for XProtect's own rules.
        self._attr_entity_registry_enabled_default = not event.is_system

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the event's name."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self._runtime.inventory.async_add_listener(self._follow_name)
        )
        self.async_on_remove(
            self._runtime.presence.listen(self._event.source, self.mode_changed)
        )

    @property
    @override
    def available(self) -> bool:
        """Whether the event exists."""
        return self._runtime.presence.is_present(self._event.source)

    @override
    async def async_press(self) -> None:
        """Trigger the event, which then arrives with the context of the press."""
        await async_trigger(
            self.hass,
            self._entry,
            [NewEvent(type_id=self._event.id)],
            self._context or Context(),
        )

    @callback
    def _follow_name(self) -> None:
        names = self._runtime.inventory.data.source_names
        name = names.get(self._event.source, self._attr_name)
        if name != self._attr_name:
            self._attr_name = name
            self.async_write_ha_state()
