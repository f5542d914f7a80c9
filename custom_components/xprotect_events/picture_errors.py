"""Translates errors of fetching a picture into texts with advice."""

from http import HTTPStatus

from homeassistant.exceptions import HomeAssistantError

from .api import (
    ApiError,
    CertificateError,
    CredentialsRefusedError,
    NoPictureError,
    NotSupportedError,
    PermissionDeniedError,
    RecorderRefusedError,
    RecorderTokenRefusedError,
    UnavailableError,
    UnreachableError,
)
from .const import DOMAIN
from .engine.shot import BusyError, NoWayError, OtherMomentError

_NOT_FOUND = HTTPStatus.NOT_FOUND
_BAD_GATEWAY = HTTPStatus.BAD_GATEWAY
_UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE

# The first matching class counts; the texts are in the translations.
PICTURE_ERRORS: tuple[tuple[type[ApiError], str, HTTPStatus], ...] = (
    (OtherMomentError, "picture_not_recorded", _NOT_FOUND),
    (NoPictureError, "picture_not_there", _NOT_FOUND),
    (NoWayError, "picture_no_way", _NOT_FOUND),
    (NotSupportedError, "picture_not_supported", _NOT_FOUND),
    (BusyError, "picture_busy", _UNAVAILABLE),
    (RecorderRefusedError, "picture_refused", _BAD_GATEWAY),
    (PermissionDeniedError, "picture_refused", _BAD_GATEWAY),
    (CredentialsRefusedError, "authentication_failed", _BAD_GATEWAY),
    (RecorderTokenRefusedError, "picture_token_refused", _BAD_GATEWAY),
    (CertificateError, "picture_certificate_not_trusted", _BAD_GATEWAY),
    (UnreachableError, "picture_out_of_reach", _BAD_GATEWAY),
    (UnavailableError, "picture_out_of_reach", _BAD_GATEWAY),
    (ApiError, "picture_unreadable", _BAD_GATEWAY),
)


class PictureError(HomeAssistantError):
    """There is no picture; `status` is for HTTP answers."""

    def __init__(
        self, key: str, status: HTTPStatus, placeholders: dict[str, str]
    ) -> None:
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
        )
        self.status = status


def picture_error(err: ApiError) -> PictureError:
    """Return the error for users that corresponds to one of the client."""
    key, status = next(
        (key, status) for kind, key, status in PICTURE_ERRORS if isinstance(err, kind)
    )
    return PictureError(key, status, {"error": str(err)})
