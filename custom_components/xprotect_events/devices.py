"""The site's objects as Home Assistant devices."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import batched

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from yarl import URL

from .api import Device, Hardware, Resource, Source
from .const import DOMAIN
from .inventory_coordinator import XProtectInventoryCoordinator

# Cameras, inputs and outputs are devices in any case; others when they have states.
ALWAYS_SHOWN = frozenset({Resource.CAMERAS, Resource.INPUT_EVENTS, Resource.OUTPUTS})
# These have an event entity each; what happens at others is told at the server.
EVENT_RESOURCES = ALWAYS_SHOWN | {Resource.HARDWARE}

MANUFACTURER = "Milestone"
# Devices or sources at a time: the event loop is held up for some milliseconds.
DEVICES_AT_ONCE = 20

type SyncListener = Callable[[], Awaitable[None]]


def identifier(site_id: str, source: Source | None = None) -> tuple[str, str]:
    """Identify what belongs to a source, or to the server without one.

    The site is part of it, because built-in GUIDs are the same at every site.
    """
    return (DOMAIN, site_id if source is None else f"{site_id}_{source.id}")


class XProtectDevices:
    """Keeps the device registry like the site and knows the device of a source."""

    def __init__(
        self, hass: HomeAssistant, coordinator: XProtectInventoryCoordinator
    ) -> None:
        self._coordinator = coordinator
        self._registry = dr.async_get(hass)
        self._device_ids: dict[Source | None, str] = {}
        self._sources: dict[str, Source] = {}
        self._listeners: list[SyncListener] = []
        self._lock = asyncio.Lock()
        self.server_id = self._sync_server()

    @property
    def site_id(self) -> str:
        """The GUID of the site."""
        return self._coordinator.data.site.id

    @callback
    def device_id(self, source: Source | None) -> str:
        """Return the device of a source, else the server's."""
        return self._device_ids.get(source, self.server_id)

    @callback
    def has_device(self, source: Source | None) -> bool:
        """Whether the source has a device of its own."""
        return source in self._device_ids

    @callback
    def identifier_of(self, source: Source | None) -> tuple[str, str]:
        """Identify the device of a source, else the server's."""
        own = source if self.has_device(source) else None
        return identifier(self.site_id, own)

    @callback
    def source(self, device_id: str) -> Source | None:
        """Return the source that a device stands for, `None` for other devices."""
        return self._sources.get(device_id)

    @callback
    def shown(self) -> tuple[Device | Hardware, ...]:
        """Return what gets a device: hardware first, because cameras link to it."""
        inventory, catalog = self._coordinator.data, self._coordinator.catalog
        devices = [
            device
            for device in inventory.devices
            if device.enabled
            and (device.resource in ALWAYS_SHOWN or catalog.kinds(device.resource))
        ]
        children = Counter(device.hardware_id for device in devices)
        has_states = bool(catalog.kinds(Resource.HARDWARE))
        hardware = [
            item
            for item in inventory.hardware
            if item.enabled and (has_states or children[item.id] > 1)
        ]
        return (*hardware, *devices)

    @callback
    def listen(self, listener: SyncListener) -> CALLBACK_TYPE:
        """Call the listener after each sync; returns the way to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def follow_site(self) -> None:
        """Sync now, and after each reading of the site until the entry unloads."""
        await self.sync()
        coordinator = self._coordinator
        entry = coordinator.config_entry

        @callback
        def site_read() -> None:
            entry.async_create_task(coordinator.hass, self.sync(), f"{DOMAIN} devices")

        entry.async_on_unload(coordinator.async_add_listener(site_read))

    async def release(self, device: dr.AnyDeviceEntry) -> bool:
        """Forget a device that the server does not list; return whether that is so."""
        if device.identifiers & self._listed():
            return False
        self._forget(device)
        # Its entities go with it, and come back with it if the server lists it again.
        await self.sync()
        return True

    async def sync(self) -> None:
        """Make, rename and remove devices after the inventory was read."""
        async with self._lock:
            self._remove_gone()
            self._recall_hidden()
            self._sync_server()
            for portion in batched(self.shown(), DEVICES_AT_ONCE, strict=False):
                for item in portion:
                    self._sync_item(item)
                await asyncio.sleep(0)
            for listener in tuple(self._listeners):
                await listener()

    def _sync_item(self, item: Device | Hardware) -> None:
        if isinstance(item, Hardware):
            self._know(item.source, self._sync_hardware(item))
        else:
            self._know(item.source, self._sync_device(item))

    def _remove_gone(self) -> None:
        """Remove devices of objects that a complete listing no longer has.

        Disabled ones are listed and stay; one that this user may not see any more
        cannot be told from one that is gone, so an unreadable list removes nothing.
        """
        if not self._coordinator.data.is_complete:
            return
        entry_id = self._coordinator.config_entry.entry_id
        listed = self._listed()
        for device in dr.async_entries_for_config_entry(self._registry, entry_id):
            if not device.identifiers & listed:
                self._registry.async_remove_device(device.id)
                self._forget(device)

    def _listed(self) -> set[tuple[str, str]]:
        """Identify all that the server lists, and itself."""
        listed = {
            identifier(self.site_id, item.source)
            for item in self._coordinator.data.items
        }
        return listed | {identifier(self.site_id)}

    def _know(self, source: Source, device_id: str) -> None:
        self._device_ids[source] = device_id
        self._sources[device_id] = source

    def _forget(self, device: dr.AnyDeviceEntry) -> None:
        source = self._sources.pop(device.id, None)
        if source is not None:
            del self._device_ids[source]

    def _recall_hidden(self) -> None:
        """Know the devices of what was shown in the past and is disabled now."""
        entry_id = self._coordinator.config_entry.entry_id
        for item in self._coordinator.data.items:
            if item.source not in self._device_ids:
                device = self._registry.async_get_device_by_identifier(
                    identifier(self.site_id, item.source), entry_id
                )
                if device is not None:
                    self._know(item.source, device.id)

    def _sync_server(self) -> str:
        site = self._coordinator.data.site
        return self._registry.async_get_or_create(
            config_entry_id=self._coordinator.config_entry.entry_id,
            identifiers={identifier(site.id)},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer=MANUFACTURER,
            model="XProtect",
            name=site.name,
            sw_version=site.version,
            configuration_url=str(self._coordinator.address),
        ).id

    def _sync_hardware(self, hardware: Hardware) -> str:
        return self._registry.async_get_or_create(
            config_entry_id=self._coordinator.config_entry.entry_id,
            identifiers={identifier(self.site_id, hardware.source)},
            model=hardware.model,
            name=hardware.name,
            configuration_url=_web_address(hardware.address),
            via_device_id=self.server_id,
        ).id

    def _sync_device(self, device: Device) -> str:
        hardware = self._coordinator.data.hardware_by_id.get(device.hardware_id or "")
        return self._registry.async_get_or_create(
            config_entry_id=self._coordinator.config_entry.entry_id,
            identifiers={identifier(self.site_id, device.source)},
            model=hardware.model if hardware else None,
            name=device.name,
            configuration_url=_web_address(hardware.address if hardware else None),
            via_device_id=self._device_ids.get(
                hardware.source if hardware else None, self.server_id
            ),
        ).id


def _web_address(address: str | None) -> str | None:
    """Return where a browser finds a hardware: what follows may hold a password."""
    try:
        url = URL(address or "")
    except ValueError:
        return None
    if url.scheme not in {"http", "https"} or not url.host:
        return None
    return str(url.origin().with_path(url.path))
