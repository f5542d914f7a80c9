"""Milestone XProtect events in Home Assistant."""

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .client_factory import async_create_client
from .const import DOMAIN
from .coordinator import XProtectEventCoordinator, XProtectInventoryCoordinator
from .engine.feed import Feed
from .engine.session_poll import SessionPoll
from .event_dispatcher import EventDispatcher
from .event_source import EventSource
from .inventory import XProtectDevices
from .runtime import XProtectConfigEntry, XProtectRuntime
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = (Platform.BINARY_SENSOR,)


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
    dispatcher = EventDispatcher(hass, inventory, devices)
    # Stored history is not news: the first start begins at the server's now.
    now = client.clock.now()
    feed = Feed(cursor=now, horizon=now)
    poll = SessionPoll(client.sessions, client.clock, feed, dispatcher.deliver)
    source = EventSource(XProtectEventCoordinator(hass, entry, poll), poll)
    entry.runtime_data = XProtectRuntime(
        client=client,
        inventory=inventory,
        devices=devices,
        dispatcher=dispatcher,
        event_source=source,
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    _let_events_in(hass, entry, source)
    return True


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
