"""A still picture, and the errors of reading one."""

import base64
from dataclasses import dataclass, field
from datetime import datetime

from .errors import ApiError, ResponseError
from .event_models import parse_time

# Bytes of an answer with a picture in base64, of up to 12 MiB. A picture of 4K has
# about 5 MB; larger ones would be too slow to show.
MAX_ANSWER = 16 * 1024 * 1024

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"


class NoPictureError(ApiError):
    """The server has no picture: not recorded, or none at the moment."""


class NotSupportedError(ApiError):
    """The server does not support this way to read pictures."""


class RecorderTokenRefusedError(ApiError):
    """The recording server does not accept the token, which may have expired."""


class RecorderRefusedError(ApiError):
    """The recording server refuses the call with an undocumented error.

    It may be the answer for a user who lacks a right on the camera.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A JPEG, and its time by the recording server's clock."""

    jpeg: bytes = field(repr=False)
    time: datetime


def read_picture(time: str | None, encoded: str | None) -> Picture:
    """Decode a picture in base64 with its time.

    Raises `NoPictureError` without one, `ResponseError` for what is no whole JPEG.
    """
    if not encoded:
        raise NoPictureError("There is no picture")
    try:
        jpeg = base64.b64decode(encoded, validate=False)
    except ValueError as err:
        # Raised also for characters that base64 does not have.
        raise ResponseError("The picture cannot be decoded") from err
    # Some encoders pad the end with zeros.
    if not jpeg.startswith(_START) or not jpeg.rstrip(b"\0").endswith(_END):
        raise ResponseError("The picture is no JPEG")
    return Picture(jpeg=jpeg, time=parse_time(time or "", "picture"))
