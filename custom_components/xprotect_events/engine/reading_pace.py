"""When the lists of the site are read again after a change of its configuration."""

# Seconds. Changes come in bursts: one reading a burst. More would show a new camera
# later than the person who has just added it expects.
BURST = 2.0
# Seconds between the first two readings of a storm of changes, twice as many before
# each further one. A reading costs the server twelve lists.
FIRST_PAUSE = 5.0
# Seconds. The last change of a storm is shown after this at the latest.
LONGEST_PAUSE = 300.0
# Seconds without a change end a storm. Fewer would take a slow storm for many.
QUIET = 60.0


class ReadingPace:
    """Lets the readings of a storm of changes come ever more slowly.

    All times are seconds of one monotonic clock.
    """

    def __init__(self) -> None:
        self._pause = 0.0
        self._changed_at = -QUIET
        self._read_at = -LONGEST_PAUSE

    def changed(self, now: float) -> float:
        """Note a change; return when the next reading is due."""
        if now - self._changed_at >= QUIET:
            self._pause = 0.0
        self._changed_at = now
        return max(now + BURST, self._read_at + self._pause)

    def read(self, now: float) -> None:
        """Note that a reading begins."""
        self._read_at = now
        self._pause = min(max(FIRST_PAUSE, 2 * self._pause), LONGEST_PAUSE)
