"""A fetched picture, and the errors of fetching it."""

from dataclasses import dataclass
from datetime import timedelta

from ..api import ApiError, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture; `is_live` is false for the recorded one of the requested moment."""

    picture: Picture
    is_live: bool
    # False while a nearer picture may still be written.
    is_final: bool = True


class OtherMomentError(ApiError):
    """Nothing was recorded at this moment; the nearest picture is `gap` away."""

    def __init__(self, gap: timedelta) -> None:
        super().__init__("Nothing was recorded at that moment")
        self.gap = gap


class BusyError(ApiError):
    """Too many requests are waiting already, or the entry is being unloaded."""

    def __init__(self) -> None:
        super().__init__("Too many pictures are asked for at once")


class NoWayError(ApiError):
    """The recorder of this camera is unknown, or the options do not allow its use."""
