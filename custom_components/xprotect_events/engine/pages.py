"""The pages of one query, smaller ones where the answers would be too large."""

from datetime import timedelta
from typing import Protocol

from ..api import AnswerTooLargeError, EventPage

# Servers compare times with 10 ms accuracy (protocol §4.4): ask for a little more.
ACCURACY = timedelta(milliseconds=20)
# Pages in a row of which nothing can be read. A server that ignores the number of the
# page would send the same one for ever; fewer could hide what comes behind them.
MAX_BLIND_PAGES = 50


class Ask(Protocol):
    """Asks for one page; pages count from 0. Raises any `ApiError`."""

    async def __call__(self, *, page: int, size: int, include_data: bool) -> EventPage:
        """Return the page."""


class Pages:
    """Asks for page after page.

    A page that is too large is asked for in halves, down to one event, and that one
    without its data. Some rows may be read twice then, none is left out.
    """

    def __init__(self, ask: Ask, *, size: int, include_data: bool = True) -> None:
        self.size = size
        # Pages of this query that were read.
        self.read = 0
        self._ask = ask
        self._page = 0
        # Rows of the pages before it, and of the largest of them.
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
        """Rows of a full page: servers may send fewer than are asked for."""
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
            # Nobody can read it; what comes behind it must not wait for ever.
            return EventPage(events=(), count=1, is_last=False)

    async def _ask_for(self, *, include_data: bool) -> EventPage:
        return await self._ask(
            page=self._page, size=self.size, include_data=include_data
        )


def ids_of(page: EventPage) -> frozenset[str]:
    """Return the ids of the events that could be read."""
    return frozenset(event.id for event in page.events)


def is_newest_first(page: EventPage) -> bool:
    """Return whether the times of a page fall; one of a single time counts, too."""
    times = [event.time for event in page.events]
    return times == sorted(times, reverse=True)
