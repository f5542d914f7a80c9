"""A picture for somebody who asked, and what it is a picture of."""

from dataclasses import dataclass
from datetime import timedelta

from ..api import ApiError, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture; `is_live` unless it is the recorded one of the moment asked for."""

    picture: Picture
    is_live: bool


class OtherMomentError(ApiError):
    """The nearest recorded picture is of another moment: nothing was recorded then.

    `gap` says how far away it is.
    """

    def __init__(self, gap: timedelta) -> None:
        super().__init__("Nothing was recorded at that moment")
        self.gap = gap


class BusyError(ApiError):
    """So many pictures are asked for that this one has to wait for another time."""

    def __init__(self) -> None:
        super().__init__("Too many pictures are asked for at once")


class NoWayError(ApiError):
    """No way to pictures of this camera is known, or none is chosen in the options."""
