"""Logs that rows cannot be read: one line at the start, one at the end.

Polls find the same row again as long as it is in their window, and a camera with a
wrong clock produces such a row with every event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging

from ..api import Unreadable
from .checkpoint import OVERLAP

_LOGGER = logging.getLogger(__name__)

# The problem is over after this time without such a row. Polls read an event again
# until it is older than the overlap; other lists are read hourly.
EVENTS_QUIET = OVERLAP + timedelta(minutes=5)
LISTS_QUIET = timedelta(hours=2)


@dataclass(slots=True)
class _Trouble:
    since: datetime
    last: datetime
    count: int


class UnreadableLog:
    """Logs which lists have unreadable rows; times are the server's."""

    def __init__(self) -> None:
        self._troubles: dict[str, _Trouble] = {}

    def note(self, found: Mapping[str, Unreadable], now: datetime) -> None:
        """Take the unreadable rows of one poll by list, possibly none."""
        for path, rows in found.items():
            trouble = self._troubles.get(path)
            if trouble is None:
                self._troubles[path] = _Trouble(since=now, last=now, count=rows.count)
                _LOGGER.warning(
                    "Rows of %s from XProtect cannot be read and are skipped: %s",
                    path,
                    rows.reason,
                )
            else:
                trouble.last = now
                trouble.count += rows.count
        for path, trouble in list(self._troubles.items()):
            quiet = EVENTS_QUIET if path == "events" else LISTS_QUIET
            if now - trouble.last > quiet:
                del self._troubles[path]
                _LOGGER.warning(
                    "All rows of %s can be read again; between %s and %s there were %d"
                    " unreadable ones, repeated ones included",
                    path,
                    trouble.since,
                    trouble.last,
                    trouble.count,
                )
