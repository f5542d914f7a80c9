"""The RTP clock of a video, which the library starts at a random number."""

from contextvars import ContextVar

from aiortc import rtcrtpsender
from aiortc.utils import random32

_begins_at_zero = ContextVar("begins_at_zero", default=False)


def _first() -> int:
    return 0 if _begins_at_zero.get() else random32()


def begin_at_zero(*, is_wanted: bool) -> None:
    """Start the clocks of the streams of this task at zero, like those of XProtect."""
    vars(rtcrtpsender)["random32"] = _first
    _begins_at_zero.set(is_wanted)
