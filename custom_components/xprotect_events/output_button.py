"""Buttons for outputs that can only be triggered, not switched."""

from collections.abc import Iterable
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Resource, Task, Thing
from .entity import (
    XProtectListedEntity,
    async_add_for_sources,
    async_remove_entities,
)
from .entity_budget import SWITCHING, enabled_kinds
from .errors import action_errors
from .outputs import PULSE_KEY, SWITCHED
from .runtime import XProtectConfigEntry


async def async_add_output_buttons(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for each output, or remove them if they do not apply."""
    tasks = entry.runtime_data.output_tasks
    if Task.TRIGGER not in tasks or tasks >= SWITCHED:
        async_remove_entities(hass, entry, PULSE_KEY)
        return

    is_enabled = (Resource.OUTPUTS, SWITCHING) in enabled_kinds(entry.runtime_data)

    def build(item: Thing) -> Iterable[XProtectOutputButton]:
        if item.resource is Resource.OUTPUTS:
            yield XProtectOutputButton(entry, item, is_enabled=is_enabled)

    await async_add_for_sources(entry, async_add_entities, build)


class XProtectOutputButton(XProtectListedEntity, ButtonEntity):
    """Triggers an output, which switches on and automatically off again."""

    _attr_translation_key = "trigger_output"

    def __init__(
        self, entry: XProtectConfigEntry, output: Thing, *, is_enabled: bool
    ) -> None:
        super().__init__(entry.runtime_data, output.source, PULSE_KEY)
        self._entry = entry
        self._attr_entity_registry_enabled_default = is_enabled

    @override
    async def async_press(self) -> None:
        """Trigger the output."""
        with action_errors(self.hass, self._entry):
            await self._runtime.client.tasks.run(str(self._source), Task.TRIGGER)
