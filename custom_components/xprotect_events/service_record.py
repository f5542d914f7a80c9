"""The actions that start and stop the recording of cameras.

XProtect has two system user-defined events for that, with the camera as source
(protocol §7.3). Its rules decide what they do; a default rule starts and stops
recording.
"""

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service import async_get_config_entry

from .api import NewEvent, Resource, Source
from .const import DOMAIN
from .engine.built_in import REQUEST_START_RECORDING, REQUEST_STOP_RECORDING
from .runtime import XProtectConfigEntry
from .service_fields import mistake
from .service_trigger import raise_for_refused
from .triggering import async_trigger


async def async_start_recording(call: ServiceCall) -> None:
    """Request recording of each camera."""
    await _async_request(call, REQUEST_START_RECORDING)


async def async_stop_recording(call: ServiceCall) -> None:
    """Request the end of recordings that were started by request."""
    await _async_request(call, REQUEST_STOP_RECORDING)


async def _async_request(call: ServiceCall, type_id: str) -> None:
    cameras: dict[str, list[Source]] = {}
    entries: dict[str, XProtectConfigEntry] = {}
    errors: list[HomeAssistantError] = []
    # Ignore duplicates.
    for device_id in dict.fromkeys(call.data[ATTR_DEVICE_ID]):
        entry, camera = _find_camera(call.hass, device_id)
        is_present = entry.runtime_data.presence.is_present(camera)
        if type_id == REQUEST_START_RECORDING and not is_present:
            # XProtect would accept the request, and record nothing. The other cameras
            # can record all the same.
            errors.append(mistake("camera_absent", device_id=device_id))
            continue
        entries[entry.entry_id] = entry
        cameras.setdefault(entry.entry_id, []).append(camera)
    for entry_id, found in cameras.items():
        events = [NewEvent(type_id=type_id, source=camera) for camera in found]
        try:
            results = await async_trigger(
                call.hass, entries[entry_id], events, call.context
            )
            raise_for_refused(results, has_response=False)
        except HomeAssistantError as err:
            # The cameras of the other sites can record all the same.
            errors.append(err)
    if errors:
        raise errors[0]


def _find_camera(
    hass: HomeAssistant, device_id: str
) -> tuple[XProtectConfigEntry, Source]:
    entry: XProtectConfigEntry
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        source = entry.runtime_data.devices.source(device_id)
        if source is not None and source.resource == Resource.CAMERAS:
            return entry, source
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries(DOMAIN):
        devices = dr.async_entries_for_config_entry(registry, entry.entry_id)
        if any(device.id == device_id for device in devices):
            # Raises an error for an entry that is not loaded.
            async_get_config_entry(hass, DOMAIN, entry.entry_id)
    raise mistake("device_is_no_camera", device_id=device_id)
