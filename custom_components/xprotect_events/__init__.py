"""Milestone XProtect events in Home Assistant."""

from datetime import timedelta

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .client_factory import async_create_client
from .const import (
    CONF_CATCH_UP_HOURS,
    CONF_MISSED_EVENTS,
    DEFAULT_CATCH_UP_HOURS,
    DOMAIN,
    MISSED_IGNORE,
)
from .coordinator import XProtectEventCoordinator, XProtectInventoryCoordinator
from .cursor_store import CursorStore
from .engine.event_poll import EventPoll
from .engine.feed import Feed, Position
from .event_dispatcher import EventDispatcher
from .event_source import EventReceiver, EventSource
from .inventory import XProtectDevices
from .mode import ModeSwitch
from .runtime import XProtectConfigEntry, XProtectRuntime
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = (Platform.BINARY_SENSOR, Platform.SENSOR)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions: automations must stay valid while a server is down."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: XProtectConfigEntry) -> bool:
    """Read the site, then add entities, and at last let events in."""
    client = await async_create_client(hass, entry.data)
    inventory = XProtectInventoryCoordinator(hass, entry, client)
    await inventory.async_config_entry_first_refresh()

    devices = XProtectDevices(hass, inventory)
    devices.sync()
    entry.async_on_unload(inventory.async_add_listener(devices.sync))
    mode = ModeSwitch()
    dispatcher = EventDispatcher(
        hass,
        inventory,
        devices,
        mode,
        client.clock,
        fires_missed_events=entry.options.get(CONF_MISSED_EVENTS) != MISSED_IGNORE,
    )
    entry.runtime_data = XProtectRuntime(
        client=client,
        inventory=inventory,
        devices=devices,
        dispatcher=dispatcher,
        mode=mode,
    )
    source = await _async_create_source(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    _let_events_in(hass, entry, source)
    return True


async def _async_create_source(
    hass: HomeAssistant, entry: XProtectConfigEntry
) -> EventSource:
    """Build the event source where the last run ended, or at the server's now."""
    runtime = entry.runtime_data
    store = CursorStore(hass, entry.entry_id)
    position = await store.load()
    is_first = position is None
    feed = Feed(position or Position.beginning(runtime.client.clock.now()))
    if is_first:
        # Without it a crash before the first event would begin anew.
        await store.save(feed)
    poll = EventPoll(
        runtime.client,
        feed,
        EventReceiver(runtime.dispatcher, runtime.mode, store, feed),
        catch_up_limit=timedelta(
            hours=entry.options.get(CONF_CATCH_UP_HOURS, DEFAULT_CATCH_UP_HOURS)
        ),
    )
    coordinator = XProtectEventCoordinator(hass, entry, poll)
    return EventSource(coordinator, poll, runtime.mode, store, feed)


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
