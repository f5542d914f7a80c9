"""Decides when to read the lists of the site after a change of its configuration."""

# Seconds to wait after a change. Changes come in bursts, each of which needs only one
# reading. With more, a new camera would appear later than the user expects.
CHANGE_DELAY = 2.0
# Seconds between the first two readings during many changes, doubled for each further
# one. A reading costs the server twelve lists.
FIRST_PAUSE = 5.0
# Seconds after which the last change is read at the latest.
LONGEST_PAUSE = 300.0
# Seconds without a change after which the pauses are short again.
STORM_OVER_AFTER = 60.0


class ReadingPace:
    """Computes the time of the next reading; pauses grow while changes continue.

    All times are in seconds of one monotonic clock.
    """

    def __init__(self) -> None:
        self._pause = 0.0
        self._changed_at = -STORM_OVER_AFTER
        self._read_at = -LONGEST_PAUSE

    def changed(self, now: float) -> float:
        """Note a change; return when the next reading is due."""
        if now - self._changed_at >= STORM_OVER_AFTER:
            self._pause = 0.0
        self._changed_at = now
        return max(now + CHANGE_DELAY, self._read_at + self._pause)

    def read(self, now: float) -> None:
        """Note that a reading begins."""
        self._read_at = now
        self._pause = min(max(FIRST_PAUSE, 2 * self._pause), LONGEST_PAUSE)
