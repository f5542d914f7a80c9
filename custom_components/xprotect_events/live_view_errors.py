"""Errors of live and recorded video, as texts with advice for the user."""

from collections.abc import Collection
from enum import StrEnum
import re

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

# Lines of a session description, candidates, and addresses.
_QUOTE = re.compile(
    r"\b[a-z]=\S|candidate|\d+\.\d+\.\d+\.\d+|(?:[0-9a-f]*:){3}", re.IGNORECASE
)


class Reason(StrEnum):
    """The reason why there is no video, which is also its translation key."""

    BROWSER = "live_view_browser"
    CAMERA_LOST = "live_view_camera_lost"
    ENDED = "live_view_ended"
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
    """There is no video of a camera now; `error` is the text of the server."""

    def __init__(self, reason: Reason, error: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error


def view_error(
    err: ApiError | OfferError,
    *,
    is_recorded: bool = False,
    secrets: Collection[str] = (),
) -> ViewError:
    """Return the error shown for an error of the client or of one of the two offers.

    `secrets` are the passwords of TURN servers, which were sent to the gateway.
    """
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
    return ViewError(reason, _harmless(err, secrets))


def _harmless(err: ApiError | OfferError, secrets: Collection[str]) -> str:
    """Return the text of an error, without the server's part if it quotes the request.

    The request contains addresses and secrets.
    """
    text = str(err)
    quotes = _QUOTE.search(text) or any(secret in text for secret in secrets)
    return err.text if isinstance(err, ApiError) and quotes else text


async def async_sentence(hass: HomeAssistant, err: ViewError) -> str:
    """Return the text of an error in the language of Home Assistant."""
    texts = await async_get_translations(
        hass, hass.config.language, "exceptions", [DOMAIN]
    )
    text = texts.get(f"component.{DOMAIN}.exceptions.{err.reason}.message", err.reason)
    return text.replace("{error}", err.error)
