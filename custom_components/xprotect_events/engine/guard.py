"""Calls several listeners, none of which can stop the others by an error."""

from collections.abc import Callable, Iterable
import logging
import time

# Seconds between two log lines about one follower. A follower that fails for one event
# often fails for the next ones, too: a line for each would fill the log.
LOG_AGAIN_AFTER = 600.0


class Guard:
    """Logs errors of followers, for each of them once in ten minutes."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._logged_at: dict[str, float] = {}

    def call[One](
        self, followers: Iterable[Callable[[One], object]], argument: One
    ) -> None:
        """Call one after the other, even if one raises an error."""
        for follower in followers:
            try:
                follower(argument)
            except Exception as err:  # noqa: BLE001 - it is logged
                self.log(follower, err)

    def log(self, follower: Callable[..., object], err: Exception) -> None:
        """Log the error of a follower."""
        name = getattr(follower, "__qualname__", repr(follower))
        message = "%s failed; the others go on"
        self._logger.log(self._level(name), message, name, exc_info=err)

    def _level(self, name: str) -> int:
        now = time.monotonic()
        last = self._logged_at.get(name)
        if last is not None and now - last < LOG_AGAIN_AFTER:
            return logging.DEBUG
        self._logged_at[name] = now
        return logging.ERROR
