"""Finds out which states a new site reports, and enables sensors of later ones.

Sensors of states that a server has never reported would only be unknown. But the first
motion after the set-up must not need a user who looks for disabled entities.
"""

import asyncio
from collections.abc import Collection
from itertools import batched

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .api import Resource, Source
from .const import CONF_DELIVERY, DELIVERY_POLL, DOMAIN
from .devices import DEVICES_AT_ONCE
from .engine.reported_states import Reported, read_reported
from .entity import async_change_disabled, unique_id
from .runtime import XProtectConfigEntry


async def async_read_reported(
    entry: XProtectConfigEntry, *, is_connected: bool
) -> None:
    """Find out which states a site reports, if none is known yet."""
    runtime = entry.runtime_data
    memory, catalog = runtime.inventory.memory, runtime.inventory.catalog
    if memory.reported or not is_connected:
        return
    is_polled = entry.options.get(CONF_DELIVERY) == DELIVERY_POLL
    client = runtime.client
    reported = await read_reported(
        client.events,
        None if is_polled else client.streams,
        catalog,
        runtime.selection.subscription(catalog.stateful_types),
    )
    runtime.source_states.note_reported(reported)


@callback
def async_enable_reported(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    wanted: Collection[tuple[Resource, str]],
) -> None:
    """Enable the disabled sensors of a state when the server reports the first one.

    This happens once for a kind of source and a group. `wanted` are the pairs (kind,
    key of the entity) that are enabled if they are reported.
    """
    runtime = entry.runtime_data

    async def enable(resource: str, key: str) -> None:
        of_kind = (
            item.source for item in runtime.devices.shown() if item.resource == resource
        )
        for portion in batched(of_kind, DEVICES_AT_ONCE, strict=False):
            for source in portion:
                _enable(hass, runtime.devices.site_id, source, key)
            await asyncio.sleep(0)

    @callback
    def note(first: Reported) -> None:
        # With that setting it is Home Assistant that has disabled the sensors.
        if first in wanted and not entry.pref_disable_new_entities:
            entry.async_create_task(hass, enable(*first), f"{DOMAIN} reported states")

    entry.async_on_unload(runtime.source_states.listen_reported(note))


@callback
def _enable(hass: HomeAssistant, site_id: str, source: Source, key: str) -> None:
    entity = (Platform.BINARY_SENSOR, unique_id(site_id, source, key))
    before = er.RegistryEntryDisabler.INTEGRATION
    async_change_disabled(hass, entity, before, None)
