"""Finds the picture of an event, and checks that the user may see it."""

from http import HTTPStatus

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from .api import ApiError, CredentialsRefusedError, NotFoundError, Resource, Source
from .const import DOMAIN
from .engine.recent_events import PictureOf
from .engine.shot import NoWayError, Shot
from .entity import unique_id
from .errors import async_ask_for_password
from .picture_errors import PictureError, picture_error
from .runtime import XProtectConfigEntry, XProtectRuntime
from .service_fields import read_guid
from .site_pictures import SitePictures

_NOT_FOUND = HTTPStatus.NOT_FOUND


def pictures_of(entry: XProtectConfigEntry) -> SitePictures:
    """Return the pictures of an entry. Raises `PictureError` if they are off."""
    is_loaded = entry.state is ConfigEntryState.LOADED
    pictures = entry.runtime_data.pictures if is_loaded else None
    if pictures is None:
        raise PictureError("pictures_off", _NOT_FOUND, {"title": entry.title})
    return pictures


async def async_find_event(
    hass: HomeAssistant, entry: XProtectConfigEntry, event_id: str, user: User | None
) -> PictureOf:
    """Return an event of a camera that the user may see.

    The user `None` is Home Assistant itself. Raises `PictureError` or `Unauthorized`.
    """
    pictures, runtime = pictures_of(entry), entry.runtime_data
    guid = read_guid(event_id)
    if guid is None:
        raise PictureError("event_id_invalid", _NOT_FOUND, {"event_id": event_id})
    event = pictures.recent.find(guid) or await _read_event(hass, entry, guid)
    if not may_see(hass, runtime, event.camera_id, user):
        raise Unauthorized
    return event


async def async_picture(
    hass: HomeAssistant, entry: XProtectConfigEntry, event: PictureOf
) -> Shot:
    """Return the picture of an event. Raises `PictureError`."""
    pictures, runtime = pictures_of(entry), entry.runtime_data
    try:
        return await pictures.fetch.of_event(event.camera_id, event.time)
    except ApiError as err:
        if isinstance(err, CredentialsRefusedError):
            async_ask_for_password(hass, entry)
        if isinstance(err, NoWayError) and not _exists(runtime, event.camera_id):
            raise PictureError(
                "picture_camera_unknown", _NOT_FOUND, {"event_id": event.event_id}
            ) from err
        raise picture_error(err) from err


def _exists(runtime: XProtectRuntime, camera_id: str) -> bool:
    """Whether XProtect still lists a camera."""
    devices = runtime.inventory.data.devices
    return any(
        one.id == camera_id and one.resource is Resource.CAMERAS for one in devices
    )


def may_see(
    hass: HomeAssistant, runtime: XProtectRuntime, camera_id: str, user: User | None
) -> bool:
    """Return whether a user may see a camera, by the rights on its camera entity."""
    if user is None or user.is_admin:
        return True
    site_id = runtime.devices.site_id
    entity_id = er.async_get(hass).async_get_entity_id(
        Platform.CAMERA, DOMAIN, camera_unique_id(site_id, camera_id)
    )
    return entity_id is not None and user.permissions.check_entity(
        entity_id, POLICY_READ
    )


def camera_unique_id(site_id: str, camera_id: str) -> str:
    """Return the unique id of a camera's camera entity."""
    return unique_id(site_id, Source(Resource.CAMERAS, camera_id), "camera")


async def async_user_of(hass: HomeAssistant, context: Context) -> User | None:
    """Return the caller of an action, `None` for automations and Home Assistant.

    Raises `UnknownUser` for a user who was deleted since the action was begun.
    """
    if context.user_id is None:
        return None
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context)
    return user


async def _read_event(
    hass: HomeAssistant, entry: XProtectConfigEntry, event_id: str
) -> PictureOf:
    """Return an event of a camera that XProtect still stores."""
    try:
        event = await entry.runtime_data.client.events.get(event_id)
    except NotFoundError as err:
        raise PictureError(
            "event_not_stored", _NOT_FOUND, {"event_id": event_id}
        ) from err
    except ApiError as err:
        if isinstance(err, CredentialsRefusedError):
            async_ask_for_password(hass, entry)
        raise picture_error(err) from err
    source = event.source
    if source is None or source.resource != Resource.CAMERAS:
        raise PictureError("picture_of_no_camera", _NOT_FOUND, {"event_id": event_id})
    return PictureOf(event.id, source.id, event.time, event.type_id)
