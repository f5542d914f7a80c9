"""Logs unexpected errors of a loop, which must neither end it nor fill the log."""

import asyncio
import logging


class Unforeseen:
    """Logs the first unexpected error of a loop, and the recovery."""

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._is_logged = False

    def note(self) -> None:
        """Log the current exception, at debug level if it is not the first."""
        level = logging.DEBUG if self._is_logged else logging.ERROR
        self._is_logged = True
        self._logger.log(level, "%s failed; going on", self._what, exc_info=True)

    def is_over(self) -> None:
        """Log the recovery, if an error was logged."""
        if self._is_logged:
            self._is_logged = False
            self._logger.info("%s works again", self._what)


def is_cancelled_by_owner() -> bool:
    """Whether the running task itself was cancelled.

    Awaiting another task that was cancelled raises `CancelledError`, too.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
