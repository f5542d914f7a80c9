"""Recorded video of an event: whether a user may see it, and whether there is any."""

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .api import ApiError, NoPictureError, Resource, Source
from .const import DOMAIN
from .engine.release import release
from .engine.shot import OtherMomentError
from .entity import unique_id
from .live_view import Footage
from .live_view_errors import Reason, ViewError
from .picture_access import may_see
from .runtime import XProtectConfigEntry, XProtectRuntime

KEY = "recorded_video"
# First release (year, number) with recorded video. An older gateway ignores the time
# and sends live video.
OLDEST_WITH_RECORDINGS = (23, 3)


def recorded_entity_id(hass: HomeAssistant, runtime: XProtectRuntime) -> str | None:
    """Return the id of the entity that shows recorded video, `None` if disabled."""
    known = unique_id(runtime.devices.site_id, None, KEY)
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(Platform.CAMERA, DOMAIN, known)
    is_there = entity_id is not None and hass.states.get(entity_id) is not None
    return entity_id if is_there else None


async def async_find_footage(
    hass: HomeAssistant, entry: XProtectConfigEntry, page: ActiveConnection | None
) -> Footage:
    """Return the camera and time of the event a page has opened. Raises `ViewError`."""
    runtime = entry.runtime_data
    event = runtime.chosen.find(page) if page is not None else None
    if page is None or event is None:
        raise ViewError(Reason.NO_EVENT)
    if not may_see(hass, runtime, event.camera_id, page.user):
        raise ViewError(Reason.NOT_ALLOWED)
    version = release(runtime.inventory.data.site.version)
    if version is not None and version < OLDEST_WITH_RECORDINGS:
        raise ViewError(Reason.RECORDED_UNSUPPORTED)
    if runtime.pictures is not None:
        try:
            await runtime.pictures.fetch.of_event(event.camera_id, event.time)
        except OtherMomentError as err:
            raise ViewError(Reason.NOT_RECORDED) from err
        except NoPictureError as err:
            raise ViewError(Reason.NOT_THERE) from err
        except ApiError:
            # The gateway may reach a recording server that Home Assistant cannot reach.
            pass
    return Footage(Source(Resource.CAMERAS, event.camera_id), event.time)
