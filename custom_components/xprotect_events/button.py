"""Buttons that trigger user-defined events."""

from collections.abc import Sequence
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import NewEvent, UserDefinedEvent
from .entity import XProtectListedEntity, until_unloaded
from .output_button import async_add_output_buttons
from .preset_button import async_add_preset_buttons
from .runtime import XProtectConfigEntry
from .site_limits import MAX_BUTTONS, Limit
from .triggering import async_trigger
from .user_defined_events import async_add_for_user_defined_events

# Presses are short requests that must not wait for each other.
PARALLEL_UPDATES = 0

TRIGGER_KEY = "trigger"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for each user-defined event, and keep them up to date."""
    async_add_entities = until_unloaded(entry, async_add_entities)
    left_out = entry.runtime_data.inventory.left_out

    def admit(
        events: Sequence[UserDefinedEvent], known: int
    ) -> Sequence[UserDefinedEvent]:
        admitted = events[: max(0, MAX_BUTTONS - known)]
        left_out.note(Limit.BUTTONS, len(events) - len(admitted))
        return admitted

    def build(event: UserDefinedEvent) -> XProtectButton:
        return XProtectButton(entry, event)

    await async_add_for_user_defined_events(
        hass, entry, async_add_entities, TRIGGER_KEY, admit, build
    )
    await async_add_output_buttons(hass, entry, async_add_entities)
    await async_add_preset_buttons(hass, entry, async_add_entities)


class XProtectButton(XProtectListedEntity, ButtonEntity):
    """Triggers a user-defined event; available as long as the event exists."""

    _attr_translation_key = "user_defined_event"

    def __init__(self, entry: XProtectConfigEntry, event: UserDefinedEvent) -> None:
        super().__init__(entry.runtime_data, event.source, TRIGGER_KEY)
        self._entry = entry
        self._event = event
        self._attr_translation_placeholders = {"event": self._word() or event.name}
        # System events are for XProtect's own rules.
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
        """Trigger the event, which then arrives with the context of the press."""
        await async_trigger(
            self.hass,
            self._entry,
            [NewEvent(type_id=self._event.id)],
            self._context or Context(),
        )

    def _word(self) -> str | None:
        """Return the name that no other event has, `None` while it is not listed."""
        offered = self._runtime.inventory.catalog.offered
        return offered.own_word(self._event.id)

    @callback
    def _follow_name(self) -> None:
        word = self._word()
        if word is not None and self._rename(event=word):
            self.async_write_ha_state()
