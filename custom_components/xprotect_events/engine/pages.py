"""Reads the pages of one query, with smaller pages if the answers are too large."""

from datetime import timedelta
from typing import Protocol

from ..api import AnswerTooLargeError, EventPage

# Servers compare times with an accuracy of 10 ms (protocol §4.4), so queries request a
# little more.
ACCURACY = timedelta(milliseconds=20)
# Pages in a row without any readable row. A server that ignores page numbers would send
# the same one for ever; with fewer, events behind such pages could be lost.
MAX_BLIND_PAGES = 50
# Pages of one query, and so of one instant where time is asked for. A server may make
# rows up for ever; fewer could hide a part of a burst.
MAX_PAGES = 1000


class Ask(Protocol):
    """Requests one page; `page` begins with 0. Raises any `ApiError`."""

    async def __call__(self, *, page: int, size: int, include_data: bool) -> EventPage:
        """Return the page."""


class Pages:
    """Requests one page after the other.

    If a page is too large, half of its size is requested, down to one event, and that
    one without data. Then some rows may be read twice, but none is omitted.
    """

    def __init__(self, ask: Ask, *, size: int, include_data: bool = True) -> None:
        self.size = size
        # The number of pages that were read.
        self.read = 0
        self._ask = ask
        self._page = 0
        # Rows of the pages before the next one, and of the largest page.
        self._passed = 0
        self._most = 0
        self._include_data = include_data

    async def next(self) -> EventPage:
        """Read the next page. Raises any `ApiError` but `AnswerTooLargeError`."""
        found = await self._fitting()
        self.read += 1
        self._passed = self._page * self._rows + found.count
        self._page += 1
        self._most = max(self._most, found.count)
        return found

    @property
    def _rows(self) -> int:
        """Rows of a full page; servers may send fewer than requested."""
        return min(self.size, self._most or self.size)

    async def _fitting(self) -> EventPage:
        while True:
            try:
                return await self._ask_for(include_data=self._include_data)
            except AnswerTooLargeError:
                if self.size == 1:
                    return await self._single()
                self.size //= 2
                self._page = self._passed // self._rows

    async def _single(self) -> EventPage:
        """Read an event that is too large, at least without its data."""
        try:
            return await self._ask_for(include_data=False)
        except AnswerTooLargeError:
            # It cannot be read, and must not block the events behind it.
            return EventPage(events=(), count=1, is_last=False)

    async def _ask_for(self, *, include_data: bool) -> EventPage:
        return await self._ask(
            page=self._page, size=self.size, include_data=include_data
        )


def ids_of(page: EventPage) -> frozenset[str]:
    """Return the ids of the readable events of a page."""
    return frozenset(event.id for event in page.events)


def is_newest_first(page: EventPage) -> bool:
    """Whether the times of a page never rise; a single time counts, too."""
    times = [event.time for event in page.events]
    return times == sorted(times, reverse=True)
