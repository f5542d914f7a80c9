"""Errors that nobody foresaw, which must end no loop and fill no log."""

import asyncio
import logging


class Unforeseen:
    """Logs such errors of one loop: the first, and when it is over."""

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._is_told = False

    def note(self) -> None:
        """Log the error that is being handled, unless one was logged before."""
        level = logging.DEBUG if self._is_told else logging.ERROR
        self._is_told = True
        self._logger.log(level, "%s failed; going on", self._what, exc_info=True)

    def is_over(self) -> None:
        """Note that everything went well for a while."""
        if self._is_told:
            self._is_told = False
            self._logger.info("%s works again", self._what)


def is_cancelled_by_owner() -> bool:
    """Whether the running task was told to end.

    `CancelledError` also comes of something awaited that somebody else has cancelled.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
