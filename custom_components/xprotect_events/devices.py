"""Keeps the devices of Home Assistant in sync with the site."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import batched

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .api import Device, Resource, Source, Thing
from .const import DOMAIN
from .device_facts import MANUFACTURER, device_facts
from .inventory_coordinator import XProtectInventoryCoordinator
from .site_limits import MAX_DEVICES, MAX_NEW_DEVICES, HourlyQuota, Limit

# These always become devices; others only if they have states.
ALWAYS_SHOWN = frozenset({Resource.CAMERAS, Resource.INPUT_EVENTS, Resource.OUTPUTS})
# Each of these has an event entity; events of others are at the server's entity.
EVENT_RESOURCES = ALWAYS_SHOWN | {Resource.HARDWARE}

# Devices or sources to process before the event loop runs other tasks: a few
# milliseconds.
DEVICES_AT_ONCE = 20

type SyncListener = Callable[[], Awaitable[None]]


def identifier(site_id: str, source: Source | None = None) -> tuple[str, str]:
    """Return the identifier of a source's device, or of the server's.

    It contains the site's GUID, because built-in GUIDs are the same on every site.
    """
    return (DOMAIN, site_id if source is None else f"{site_id}_{source.id}")


class _DeviceIds(dict[Source | None, str]):
    """The device ids of sources; for any other source, that of the server."""

    def __init__(self, server_id: str) -> None:
        self._server_id = server_id

    def __missing__(self, source: Source | None) -> str:
        return self._server_id


class XProtectDevices:
    """Keeps the device registry in sync with the site, and finds devices of sources."""

    def __init__(
        self, hass: HomeAssistant, coordinator: XProtectInventoryCoordinator
    ) -> None:
        self._coordinator = coordinator
        self._registry = dr.async_get(hass)
        self.server_id = self._sync_server()
        self._device_ids = _DeviceIds(self.server_id)
        # Returns the device id of a source, or the server's if it has none. It is the
        # method of the dictionary, because it is called for each event.
        self.device_id = self._device_ids.__getitem__
        self._sources: dict[str, Source] = {}
        self._shown: tuple[Thing, ...] = ()
        self._deviceless: frozenset[Source] = frozenset()
        self._has_synced = False
        self._quota = HourlyQuota(MAX_NEW_DEVICES)
        self._listeners: list[SyncListener] = []
        self._lock = asyncio.Lock()

    @property
    def site_id(self) -> str:
        """The GUID of the site."""
        return self._coordinator.data.site.id

    @callback
    def has_device(self, source: Source | None) -> bool:
        """Whether the source has its own device."""
        return source in self._device_ids

    @callback
    def is_placed(self, source: Source) -> bool:
        """Whether it is decided if a source has its own device or the server's."""
        return (
            source in self._device_ids
            or source in self._deviceless
            or not self._coordinator.data.has_list(source)
        )

    @callback
    def device(self, source: Source | None) -> dr.AnyDeviceEntry | None:
        """Return the device of a source, or the server's if it has none."""
        return self._registry.async_get(self.device_id(source))

    @callback
    def source(self, device_id: str) -> Source | None:
        """Return the source of a device, `None` for other devices."""
        return self._sources.get(device_id)

    @callback
    def shown(self) -> tuple[Thing, ...]:
        """Return what has a device and is enabled: recorders and hardware first."""
        return self._shown

    def _wanted(self) -> tuple[Thing, ...]:
        """Return what a device is wanted for, each after what it links to."""
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
        recorders = [one for one in inventory.recording_servers if one.enabled]
        return (*recorders, *hardware, *devices)

    @callback
    def listen(self, listener: SyncListener) -> CALLBACK_TYPE:
        """Call the listener after each sync; return a function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def follow_site(self) -> None:
        """Sync now, and after each reading of the lists until the entry unloads."""
        await self.sync()
        coordinator = self._coordinator
        entry = coordinator.config_entry

        @callback
        def site_read() -> None:
            entry.async_create_task(coordinator.hass, self.sync(), f"{DOMAIN} devices")

        entry.async_on_unload(coordinator.async_add_listener(site_read))

    async def release(self, device: dr.AnyDeviceEntry) -> bool:
        """Forget a device if the server does not list it; return whether it did."""
        if device.identifiers & self._listed():
            return False
        source = self._sources.get(device.id)
        if source is not None:
            self._coordinator.memory.forget_absent(source)
        self._forget(device.id)
        # Its entities are removed, too, and added again if the server lists it again.
        async with self._lock:
            await self._call_listeners()
        return True

    async def sync(self) -> None:
        """Add, rename and remove devices after the lists were read."""
        async with self._lock:
            self._recall_hidden()
            self._remove_gone()
            self._sync_server()
            self._shown = self._admitted()
            for portion in batched(self._shown, DEVICES_AT_ONCE, strict=False):
                for item in portion:
                    self._sync_item(item)
                await asyncio.sleep(0)
            self._has_synced = True
            await self._call_listeners()

    async def _call_listeners(self) -> None:
        for listener in tuple(self._listeners):
            await listener()

    def _admitted(self) -> tuple[Thing, ...]:
        """Return what has a device or gets one, recorders and hardware first."""
        wanted = self._wanted()
        new = [item for item in wanted if item.source not in self._device_ids]
        admitted = min(len(new), max(0, MAX_DEVICES - len(self._device_ids)))
        left_out = self._coordinator.left_out
        left_out.note(Limit.DEVICES, len(new) - admitted)
        fitting = admitted
        if self._has_synced or self._device_ids:
            now = self._coordinator.hass.loop.time()
            admitted = self._quota.take(fitting, now)
        left_out.note(Limit.NEW_DEVICES, fitting - admitted)
        refused = {item.source for item in new[admitted:]}
        inventory = self._coordinator.data
        present = filter(inventory.has, inventory.source_names)
        self._deviceless = frozenset(present) - refused - {one.source for one in wanted}
        return tuple(item for item in wanted if item.source not in refused)

    def _sync_item(self, item: Thing) -> None:
        site = self._coordinator.data
        unit = isinstance(item, Device) and site.hardware_by_id.get(
            item.hardware_id or ""
        )
        owners = map(self._device_ids.get, site.belongs_to(item))
        device = self._registry.async_get_or_create(
            config_entry_id=self._coordinator.config_entry.entry_id,
            identifiers={identifier(self.site_id, item.source)},
            via_device_id=next(filter(None, owners), self.server_id),
            # Home Assistant uses it only for a new device.
            suggested_area=self._coordinator.areas.get(item.source),
            **device_facts(item, unit or None),
        )
        self._know(item.source, device.id)

    def _remove_gone(self) -> None:
        """Remove the devices of sources that were missing for a day."""
        absences = self._coordinator.memory.absences
        for source, device_id in tuple(self._device_ids.items()):
            if source is not None and absences.is_gone(source):
                self._registry.async_remove_device(device_id)
                self._forget(device_id)

    def _listed(self) -> set[tuple[str, str]]:
        """Return the identifiers of all listed items and of the server."""
        listed = {
            identifier(self.site_id, item.source)
            for item in self._coordinator.data.items
        }
        return listed | {identifier(self.site_id)}

    def _know(self, source: Source, device_id: str) -> None:
        known = self._sources.get(device_id, source)
        if known != source:
            # The device was found by its GUID; now its list is known, too.
            del self._device_ids[known]
        self._device_ids[source] = device_id
        self._sources[device_id] = source

    def _forget(self, device_id: str) -> None:
        source = self._sources.pop(device_id, None)
        if source is not None:
            del self._device_ids[source]

    def _recall_hidden(self) -> None:
        """Find the devices of earlier runs, also those that are not listed now."""
        absences = self._coordinator.memory.absences
        known = {source.id: source for source in absences.absent_for}
        known |= self._coordinator.data.sources_by_id
        entry_id = self._coordinator.config_entry.entry_id
        for device in dr.async_entries_for_config_entry(self._registry, entry_id):
            if device.id in self._sources or device.id == self.server_id:
                continue
            guid = self._guid(device)
            source = known.get(guid, Source(None, guid))
            self._know(source, device.id)
            if guid not in self._coordinator.data.sources_by_id:
                absences.expect([source])

    def _guid(self, device: dr.AnyDeviceEntry) -> str:
        """Return the GUID of a device's source."""
        own = (identity for domain, identity in device.identifiers if domain == DOMAIN)
        return next(own, "").removeprefix(f"{self.site_id}_")

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
