"""Milestone XProtect events in Home Assistant."""

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .api import XProtectClient
from .client_factory import async_create_client
from .const import (
    CONF_EVENT_TYPES,
    CONF_MISSED_EVENTS,
    CONF_SOURCES,
    DOMAIN,
    MISSED_IGNORE,
)
from .coordinator import XProtectInventoryCoordinator
from .cursor_store import CursorStore
from .engine.echo import Echo
from .engine.feed import Feed, Position
from .engine.selection import Selection
from .event_dispatcher import EventDispatcher
from .event_source import EventSource
from .inventory import XProtectDevices
from .mode import ModeSwitch
from .runtime import Statistics, XProtectConfigEntry, XProtectRuntime
from .services import async_setup_services
from .source_states import SourceStates

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions: automations must stay valid while a server is down."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: XProtectConfigEntry) -> bool:
    """Read the site, then add entities, and at last let events in."""
    client = await async_create_client(hass, entry.data)
    inventory = XProtectInventoryCoordinator(hass, entry, client)
    await inventory.async_config_entry_first_refresh()
    entry.runtime_data = _create_runtime(hass, entry, client, inventory)
    devices = entry.runtime_data.devices
    await devices.sync()

    @callback
    def inventory_read() -> None:
        entry.async_create_task(hass, devices.sync(), f"{DOMAIN} devices")

    entry.async_on_unload(inventory.async_add_listener(inventory_read))
    source = await _async_create_source(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    _let_events_in(hass, entry, source)
    return True


def _create_runtime(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    client: XProtectClient,
    inventory: XProtectInventoryCoordinator,
) -> XProtectRuntime:
    mode = ModeSwitch()
    devices = XProtectDevices(hass, inventory)
    states = SourceStates(inventory, mode, client.clock)
    selection = Selection(
        event_types=frozenset(entry.options.get(CONF_EVENT_TYPES, ())),
        sources=frozenset(entry.options.get(CONF_SOURCES, ())),
    )
    return XProtectRuntime(
        client=client,
        inventory=inventory,
        devices=devices,
        states=states,
        dispatcher=EventDispatcher(
            hass,
            inventory,
            devices,
            states,
            selection,
            fires_missed_events=entry.options.get(CONF_MISSED_EVENTS) != MISSED_IGNORE,
        ),
        mode=mode,
        selection=selection,
        echo=Echo(),
        statistics=Statistics(),
    )


async def _async_create_source(
    hass: HomeAssistant, entry: XProtectConfigEntry
) -> EventSource:
    """Build the event source where the last run ended, or at the server's now."""
    store = CursorStore(hass, entry.entry_id)
    position = await store.load()
    now = entry.runtime_data.client.clock.now()
    feed = Feed(position or Position.beginning(now))
    if position is None:
        # Without it a crash before the first event would begin anew.
        await store.save(feed)
    return EventSource(hass, entry, feed, store)


@callback
def _let_events_in(
    hass: HomeAssistant, entry: XProtectConfigEntry, source: EventSource
) -> None:
    """Start the source when automations are armed; its end is registered first."""

    async def stop(_: Event) -> None:
        await source.stop()

    @callback
    def start(_: HomeAssistant) -> None:
        entry.async_create_background_task(hass, source.start(), f"{DOMAIN} start")

    entry.async_on_unload(source.stop)
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop))
    entry.async_on_unload(async_at_started(hass, start))


async def async_unload_entry(hass: HomeAssistant, entry: XProtectConfigEntry) -> bool:
    """Unload; what runs belongs to the entry and ends with it."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: XProtectConfigEntry) -> None:
    """Leave nothing behind."""
    await CursorStore(hass, entry.entry_id).remove()
