"""The actions that return a link to the picture of an event, or save it."""

from datetime import timedelta
from pathlib import Path

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .api import Resource, Source, format_time
from .const import DOMAIN
from .picture_access import (
    async_find_event,
    async_picture,
    async_user_of,
    pictures_of,
)
from .service_fields import entry_of, mistake

ATTR_HOURS = "hours"
ATTR_FILENAME = "filename"

# The default lifetime of a link in hours.
DEFAULT_HOURS = 1
# A day at most, because anyone with the link sees the picture.
MAX_HOURS = 24


async def async_get_event_picture(call: ServiceCall) -> ServiceResponse:
    """Return links to the picture of an event, without fetching it."""
    entry = entry_of(call)
    devices = entry.runtime_data.devices
    user = await async_user_of(call.hass, call.context)
    event = await async_find_event(call.hass, entry, call.data["event_id"], user)
    path = pictures_of(entry).root + event.event_id
    # Signed for Home Assistant's content user; the caller was checked before.
    signed = async_sign_path(
        call.hass,
        path,
        timedelta(hours=call.data[ATTR_HOURS]),
        use_content_user=True,
    )
    try:
        url = get_url(call.hass, prefer_external=True) + signed
    except NoURLAvailableError:
        url = None
    source = Source(Resource.CAMERAS, event.camera_id)
    return {
        "path": path,
        # For pages of Home Assistant, which may be open at any of its addresses.
        "signed_path": signed,
        "url": url,
        "time": format_time(event.time),
        "device_id": devices.device_id(source),
    }


async def async_save_event_picture(call: ServiceCall) -> ServiceResponse:
    """Save the picture of an event in a folder where Home Assistant may write."""
    entry = entry_of(call)
    path = Path(call.data[ATTR_FILENAME])
    # No file name has a null character.
    is_path = path.is_absolute() and "\0" not in str(path)
    if not is_path or not call.hass.config.is_allowed_path(str(path)):
        raise mistake("picture_path_not_allowed", filename=str(path))
    user = await async_user_of(call.hass, call.context)
    event = await async_find_event(call.hass, entry, call.data["event_id"], user)
    shot = await async_picture(call.hass, entry, event)
    try:
        await call.hass.async_add_executor_job(_write, path, shot.picture.jpeg)
    except OSError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="picture_not_saved",
            translation_placeholders={
                "filename": str(path),
                "error": err.strerror or type(err).__name__,
            },
        ) from err
    return {
        "filename": str(path),
        "time": format_time(shot.picture.time),
        "is_live": shot.is_live,
    }


def _write(path: Path, jpeg: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg)
