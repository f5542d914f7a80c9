"""Buttons: one for each user-defined event, which pressing triggers."""

from collections.abc import Iterable
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import NewEvent, Resource, UserDefinedEvent
from .entity import XProtectEntity, unique_id
from .output_button import async_add_output_buttons
from .runtime import XProtectConfigEntry
from .triggering import async_trigger

# A press is a short request of its own, and the gate must not wait for the siren.
PARALLEL_UPDATES = 0

KEY = "trigger"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Keep a button for each user-defined event that the site has."""
    inventory = entry.runtime_data.inventory
    known: set[str] = set()

    @callback
    def follow() -> None:
        site = inventory.data
        if Resource.USER_DEFINED_EVENTS in site.unreadable:
            # What may not be read cannot be told from what is gone.
            return
        events = {event.id: event for event in site.user_defined_events}
        known.intersection_update(events)
        buttons = [
            XProtectButton(entry, event)
            for event in events.values()
            if event.id not in known
        ]
        known.update(events)
        _remove_all_but(hass, entry, events.values())
        async_add_entities(buttons)

    follow()
    entry.async_on_unload(inventory.async_add_listener(follow))
    await async_add_output_buttons(hass, entry, async_add_entities)


@callback
def _remove_all_but(
    hass: HomeAssistant, entry: XProtectConfigEntry, events: Iterable[UserDefinedEvent]
) -> None:
    """Remove the buttons of all other events, also of those gone before the start."""
    site_id = entry.runtime_data.devices.site_id
    wanted = {unique_id(site_id, event.source, KEY) for event in events}
    registry = er.async_get(hass)
    for registered in er.async_entries_for_config_entry(registry, entry.entry_id):
        is_ours = registered.unique_id.endswith(f"_{KEY}")
        if is_ours and registered.unique_id not in wanted:
            registry.async_remove(registered.entity_id)


class XProtectButton(XProtectEntity, ButtonEntity):
    """Triggers a user-defined event.

    Available also while no events arrive: a press is a request of its own, and Home
    Assistant would leave out an unavailable button without a word.
    """

    _attr_translation_key = "user_defined_event"

    def __init__(self, entry: XProtectConfigEntry, event: UserDefinedEvent) -> None:
        super().__init__(entry.runtime_data, event.source, KEY)
        self._entry = entry
        self._event = event
        self._attr_name = event.name
        # XProtect's own rules use these; a dashboard seldom does.
        self._attr_entity_registry_enabled_default = not event.is_system

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the event's name."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self._runtime.inventory.async_add_listener(self._follow_name)
        )

    @override
    async def async_press(self) -> None:
        """Trigger the event; its echo bears the context of the press."""
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
