"""Milestone XProtect events in Home Assistant."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .alarm_delivery import AlarmDelivery
from .alarm_store import AlarmStore, async_load_alarms
from .client_factory import async_create_client
from .const import DOMAIN
from .cursor_store import CursorStore
from .event_delivery import EventDelivery
from .inventory_coordinator import XProtectInventoryCoordinator
from .inventory_store import InventoryStore
from .issues import async_get_issues, async_remove_issues
from .outputs import async_read_output_tasks
from .picture_factory import async_create_pictures
from .picture_view import PictureView
from .refusal_store import RefusalStore
from .rename_watch import async_watch_renames
from .reported_states import async_read_reported
from .rights_watch import async_watch_rights
from .runtime import XProtectConfigEntry
from .runtime_factory import Prepared, create_runtime
from .service_names import async_offer_names
from .services import async_setup_services
from .site_confirmation import SiteConfirmation
from .site_memory import SiteMemory
from .storage_coordinator import StorageCoordinator

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
)
# Only if the options need them, because loading these takes time.
OPTIONAL_PLATFORMS = (Platform.CAMERA, Platform.IMAGE)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, so that automations are valid while a server is down."""
    async_setup_services(hass)
    hass.http.register_view(PictureView())
    return True


async def async_setup_entry(hass: HomeAssistant, entry: XProtectConfigEntry) -> bool:
    """Read the site, add the entities, and then start the delivery of events."""
    refusals = RefusalStore(hass, entry.entry_id)
    await refusals.raise_if_refused()
    client = await async_create_client(hass, entry.data, refusals.attempts)
    client.authenticator.on_refusal = refusals.remember
    lists = InventoryStore(hass, entry.entry_id)
    inventory = XProtectInventoryCoordinator(hass, entry, client, lists)
    site = SiteConfirmation(hass, entry, client.configuration, lists, refusals.forget)
    client.check_site(site.check)
    issues = async_get_issues(hass, entry)
    if await inventory.recall():
        await site.begin()
        inventory.read_when(site.wait)
    else:
        try:
            await inventory.async_config_entry_first_refresh()
        finally:
            issues.judge_connection(inventory.last_exception)
        await site.confirm()
    store = CursorStore(hass, entry.entry_id)
    prepared = Prepared(
        feed=await store.load_feed(entry, client.clock),
        output_tasks=await async_read_output_tasks(
            hass, entry, client, inventory, site
        ),
        pictures=await async_create_pictures(hass, entry, client, inventory),
        storages=StorageCoordinator(
            hass, entry, client.configuration, inventory, site.wait
        ),
        alarms=await async_load_alarms(hass, entry, client.clock),
    )
    runtime = create_runtime(hass, entry, client, inventory, prepared)
    entry.runtime_data = runtime
    await runtime.devices.follow_site()
    issues.follow(inventory, runtime.channels)
    async_watch_renames(hass, entry)
    await async_offer_names(hass, entry)
    async_watch_rights(hass, entry, inventory)
    _follow_options(hass, entry)
    await async_read_reported(entry, is_connected=site.is_confirmed)
    await hass.config_entries.async_forward_entry_setups(entry, _platforms(entry))
    _start_delivery(hass, entry, EventDelivery(hass, entry, store), site)
    if runtime.alarms is not None:
        _start_delivery(hass, entry, AlarmDelivery(hass, entry, runtime.alarms), site)
    return True


def _platforms(entry: XProtectConfigEntry) -> tuple[Platform, ...]:
    runtime = entry.runtime_data
    wanted = {
        Platform.CAMERA: runtime.pictures is not None or runtime.views is not None,
        Platform.IMAGE: runtime.pictures is not None,
    }
    return (*PLATFORMS, *(one for one in OPTIONAL_PLATFORMS if wanted[one]))


@callback
def _follow_options(hass: HomeAssistant, entry: XProtectConfigEntry) -> None:
    """Start pictures and live view, or remove their entities if they are off."""
    pictures, views = entry.runtime_data.pictures, entry.runtime_data.views
    if pictures is not None:
        pictures.start(entry.runtime_data.dispatcher.follow)
        entry.async_on_unload(pictures.stop)
    if views is not None:
        entry.async_on_unload(views.stop)
        # A page would resume its old view after a restart, with a frozen picture. Jobs
        # run before Home Assistant closes the connections to the pages.
        stop = HassJob(views.stop)
        entry.async_on_unload(hass.async_add_shutdown_job(stop))
    unwanted = {*OPTIONAL_PLATFORMS} - {*_platforms(entry)}
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        if entity.domain in unwanted:
            registry.async_remove(entity.entity_id)


@callback
def _start_delivery(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    delivery: EventDelivery | AlarmDelivery,
    site: SiteConfirmation,
) -> None:
    """Start the delivery when automations are active; register its end first."""

    @callback
    def unloading() -> None:
        # Entities are removed first: events from then on must not count as delivered.
        if entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS:
            delivery.close()

    async def stop(_: Event) -> None:
        await delivery.stop()

    async def begin() -> None:
        # Before, the events could be of another site.
        await site.wait()
        await delivery.start()

    @callback
    def start(_: HomeAssistant) -> None:
        entry.async_create_background_task(hass, begin(), f"{DOMAIN} start")

    entry.async_on_unload(entry.async_on_state_change(unloading))
    entry.async_on_unload(delivery.stop)
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop))
    entry.async_on_unload(async_at_started(hass, start))


async def async_unload_entry(hass: HomeAssistant, entry: XProtectConfigEntry) -> bool:
    """Unload the platforms; everything else ends with the entry."""
    return await hass.config_entries.async_unload_platforms(entry, _platforms(entry))


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: XProtectConfigEntry, device: DeviceEntry
) -> bool:
    """Let users remove devices that the server does not list; others would return.

    This is for users without the right to read all lists, where no device is removed
    automatically.
    """
    is_loaded = entry.state is ConfigEntryState.LOADED
    return is_loaded and await entry.runtime_data.devices.release(device)


async def async_remove_entry(hass: HomeAssistant, entry: XProtectConfigEntry) -> None:
    """Delete the files and repairs of a removed entry."""
    await CursorStore(hass, entry.entry_id).remove()
    await AlarmStore(hass, entry.entry_id).remove()
    await InventoryStore(hass, entry.entry_id).remove()
    await RefusalStore(hass, entry.entry_id).remove()
    await SiteMemory(hass, entry.entry_id).remove()
    async_remove_issues(hass, entry)
