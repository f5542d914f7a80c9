"""Why there is no video, in words that say what to do."""

from enum import StrEnum

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .api import (
    ApiError,
    CredentialsRefusedError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
)
from .const import DOMAIN
from .engine.webrtc import NoH264Error, OfferError, Side


class Reason(StrEnum):
    """Why there is no video, by the keys of the sentences."""

    BROWSER = "live_view_browser"
    CAMERA_LOST = "live_view_camera_lost"
    FAILED = "live_view_failed"
    FORBIDDEN = "live_view_forbidden"
    FULL = "live_view_full"
    H265 = "live_view_h265"
    NO_EVENT = "recorded_video_no_event"
    NOT_ALLOWED = "live_view_not_allowed"
    NOT_RECORDED = "picture_not_recorded"
    NOT_THERE = "picture_not_there"
    RECORDED_FORBIDDEN = "recorded_video_forbidden"
    RECORDED_UNSUPPORTED = "recorded_video_unsupported"
    REFUSED = "live_view_refused"
    SERVER_LOST = "live_view_server_lost"
    SIGN_IN = "live_view_sign_in"
    UNSUPPORTED = "live_view_unsupported"


class ViewError(Exception):
    """Nobody can look at a camera now; `error` is what the server said."""

    def __init__(self, reason: Reason, error: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error


def view_error(err: ApiError | OfferError, *, is_recorded: bool = False) -> ViewError:
    """Return what to say of an error of the client, or of one of the two offers."""
    match err:
        case NoH264Error(side=Side.SERVER):
            reason = Reason.H265
        case NoH264Error():
            reason = Reason.BROWSER
        case PermissionDeniedError() if is_recorded:
            reason = Reason.RECORDED_FORBIDDEN
        case PermissionDeniedError():
            reason = Reason.FORBIDDEN
        case NotFoundError() if is_recorded:
            reason = Reason.RECORDED_UNSUPPORTED
        case NotFoundError():
            reason = Reason.UNSUPPORTED
        case RejectedError():
            reason = Reason.REFUSED
        case CredentialsRefusedError():
            reason = Reason.SIGN_IN
        case _:
            reason = Reason.FAILED
    return ViewError(reason, str(err))


async def async_sentence(hass: HomeAssistant, err: ViewError) -> str:
    """Return what to say, in the language of Home Assistant."""
    texts = await async_get_translations(
        hass, hass.config.language, "exceptions", [DOMAIN]
    )
    text = texts.get(f"component.{DOMAIN}.exceptions.{err.reason}.message", err.reason)
    return text.replace("{error}", err.error)
