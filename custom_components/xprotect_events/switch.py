"""Switches for the outputs of the site, if the options allow switching them."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Resource, Task, Thing
from .engine.built_in import StateKind
from .entity import (
    XProtectStateEntity,
    async_add_for_sources,
    async_remove_entities,
    until_unloaded,
)
from .entity_budget import SWITCHING, enabled_kinds
from .errors import action_errors
from .outputs import SWITCHED
from .runtime import XProtectConfigEntry

# Switching is a short request, and requests must not wait for each other.
PARALLEL_UPDATES = 0

SWITCH_KEY = "switch"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for each output, or remove them if they do not apply."""
    async_add_entities = until_unloaded(entry, async_add_entities)
    if not entry.runtime_data.output_tasks >= SWITCHED:
        async_remove_entities(hass, entry, SWITCH_KEY)
        return

    is_enabled = (Resource.OUTPUTS, SWITCHING) in enabled_kinds(entry.runtime_data)

    def build(item: Thing) -> Iterable[XProtectOutputSwitch]:
        if item.resource is Resource.OUTPUTS:
            yield XProtectOutputSwitch(entry, item, is_enabled=is_enabled)

    await async_add_for_sources(entry, async_add_entities, build)


class XProtectOutputSwitch(XProtectStateEntity, SwitchEntity):
    """Switches an output; only events change its state, not the request."""

    _attr_translation_key = "output"

    def __init__(
        self, entry: XProtectConfigEntry, output: Thing, *, is_enabled: bool
    ) -> None:
        super().__init__(
            entry.runtime_data,
            output.source,
            SWITCH_KEY,
            state_key=(output.source, StateKind.OUTPUT),
        )
        self._entry = entry
        self._output = output.source
        self._attr_entity_registry_enabled_default = is_enabled

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the newest event has switched the output on."""
        state = self._runtime.states.state(self._state_key)
        return state.is_on if state else None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Activate the output."""
        await self._run(Task.ACTIVATE)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Deactivate the output."""
        await self._run(Task.DEACTIVATE)

    async def _run(self, task: Task) -> None:
        with action_errors(self.hass, self._entry):
            await self._runtime.client.tasks.run(str(self._output), task)
