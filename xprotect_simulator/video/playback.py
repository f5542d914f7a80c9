"""Computes which recorded moment is shown when, with or without gaps."""

from collections.abc import Callable

from ..recorders.recordings import FRAME
from ..times import TICKS_PER_SECOND


class Playback:
    """Plays recordings from a moment on."""

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

    def moment(self, seconds: float) -> int | None:
        """Return the ticks of the picture after so many seconds, None at the end."""
        wanted = self._start + round(seconds * self._speed * TICKS_PER_SECOND)
        wanted += self._skipped
        found = self._at_or_after(wanted)
        if found is None:
            return None
        if found - wanted > FRAME and self._skips_gaps:
            self._skipped += found - wanted
        return found
