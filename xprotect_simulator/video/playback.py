"""Computes which recorded moment is shown when, with or without gaps."""

from collections.abc import Callable
from typing import NamedTuple

from ..recorders.recordings import FRAME
from ..times import TICKS_PER_SECOND


class Shown(NamedTuple):
    """The moment of a picture in ticks, and its seconds on the clock of the video."""

    ticks: int
    seconds: float


# Returns what to show so many seconds after the start; None means no frame.
type Moments = Callable[[float], Shown | None]


class Playback:
    """Plays recordings from a moment on.

    The clock of the video jumps over gaps, also when they are skipped.
    """

    def __init__(
        self,
        at_or_after: Callable[[int], int | None],
        start: int,
        speed: float,
        *,
        skips_gaps: bool,
    ) -> None:
        """Start at `start` (in ticks); `at_or_after` finds the next picture."""
        self._at_or_after = at_or_after
        self._start = start
        self._speed = speed
        self._skips_gaps = skips_gaps
        self._skipped = 0

    def moment(self, seconds: float) -> Shown | None:
        """Return what to show after so many seconds; None in a gap and at the end."""
        wanted = self._start + round(seconds * self._speed * TICKS_PER_SECOND)
        wanted += self._skipped
        found = self._at_or_after(wanted)
        if found is None:
            return None
        if found - wanted > FRAME:
            if not self._skips_gaps:
                return None
            self._skipped += found - wanted
        return Shown(found, (found - self._start) / TICKS_PER_SECOND)
