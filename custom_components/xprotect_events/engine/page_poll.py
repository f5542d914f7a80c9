"""Reads stored events in pages: after an outage, and without event sessions."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, Protocol

from ..api import Condition, Direction, Event, EventPage, Operator, ServerClock
from .feed import Feed
from .pages import ACCURACY, MAX_BLIND_PAGES, MAX_PAGES, Pages, ids_of, is_newest_first
from .walk_back import Span, WalkBack

# Pages of acceptable size before the page size is doubled. With fewer, too many answers
# would be too large; with more, a few large events would make a long catch-up slow.
MORE_AFTER = 8
# Rows that are older than requested by more than this prove that the server ignores the
# time; less could be its rounding.
TIME_TOLERANCE = timedelta(seconds=1)


class PageRead(NamedTuple):
    """The number of new events, and the span of which the pages omit some."""

    found: int
    hidden: Span | None


class Stored(Protocol):
    """Shows what is stored, such as `GET /events`."""

    async def list(
        self,
        *,
        time: Sequence[Condition],
        direction: Direction = Direction.ASCENDING,
        page: int,
        size: int,
        include_data: bool,
    ) -> EventPage:
        """Read a page; pages count from 0. Raises any `ApiError`."""


class Taker(Protocol):
    """Takes the pages that were read."""

    @property
    def polled(self) -> int:
        """The number of new events so far."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is taken."""

    async def take(self, events: Sequence[Event], *, since: datetime) -> None:
        """Take a page of a reading that began at `since`."""


class PagePoll:
    """Reads `GET /events` from a time to the end (protocol §4.4).

    Oldest first. If the server ignores the requested order or time, newest first, back
    to that time.
    """

    def __init__(
        self,
        events: Stored,
        feed: Feed,
        intake: Taker,
        clock: ServerClock,
        *,
        page_size: int,
    ) -> None:
        self._events = events
        self._feed = feed
        self._intake = intake
        self._clock = clock
        self._page_size = page_size
        # The page size; it is reduced after an answer that was too large.
        self.size = page_size
        self._fitting_pages = 0
        # Whether the server has proved that it sends the oldest events first.
        self._is_oldest_first = False
        self._answered: Callable[[], None] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is delivered."""
        return self._intake.is_closed

    async def read(
        self, since: datetime, *, answered: Callable[[], None] | None = None
    ) -> PageRead:
        """Deliver the new events after `since`.

        The cursor does not move if the server omits some. `answered` is called before
        the first page is delivered. Raises any `ApiError`.
        """
        self._answered = answered
        before = self._intake.polled
        hidden = None
        if not await self._read_forward(since):
            known_until = max(since, self._feed.cursor)
            hidden = await self._read_back(since, known_until=known_until)
        return PageRead(self._intake.polled - before, hidden)

    async def _read_forward(self, since: datetime) -> bool:
        """Read the oldest first; return whether the server follows order and time.

        It continues by time, not by page number, because retention may delete rows
        and shift the pages. The cursor follows each page, so that a crash during a
        long catch-up does not repeat it.
        """
        start = since - ACCURACY
        pages = self._after(start)
        seen: frozenset[str] = frozenset()
        while True:
            page = await pages.next()
            if await self._is_other_than_asked(page, start, pages, seen):
                return False
            await self._take(page, since)
            if self._intake.is_closed:
                return True
            newest = max((event.time for event in page.events), default=start)
            self._feed.advance(newest)
            if page.is_last:
                return True
            seen = ids_of(page)
            # Otherwise most of this page would be read again.
            if newest - 2 * ACCURACY > start:
                start = newest - ACCURACY
                self._choose_size(pages)
                pages = self._after(start)

    async def _is_other_than_asked(
        self, page: EventPage, start: datetime, pages: Pages, seen: frozenset[str]
    ) -> bool:
        if any(event.time < start - TIME_TOLERANCE for event in page.events):
            return True
        if page.is_last:
            return False
        is_endless = pages.read > (MAX_PAGES if page.events else MAX_BLIND_PAGES)
        if is_endless or not page.events:
            return is_endless
        if pages.read > 1 and ids_of(page) <= seen:
            return True
        if not self._is_oldest_first:
            first, last = page.events[0], page.events[-1]
            if first.time == last.time:
                return await self._ignores_order(start)
            self._is_oldest_first = first.time < last.time
        return page.events[0].time > page.events[-1].time and is_newest_first(page)

    async def _ignores_order(self, start: datetime) -> bool:
        """Whether the requested order makes no difference to the first event.

        Used when a page does not show its order. Raises any `ApiError`.
        """
        oldest = await _first(self._after(start, include_data=False))
        newest = await _first(self._before(start, None, include_data=False))
        # A server that ignores the order has another newest event now and then.
        again = await _first(self._after(start, include_data=False))
        self._is_oldest_first = oldest == again != newest
        return not self._is_oldest_first

    async def _read_back(
        self, since: datetime, *, known_until: datetime
    ) -> Span | None:
        """Read the newest first; return the span of which some events were omitted.

        The cursor moves only at the end, because older events are unread until then.
        """
        walk = WalkBack(
            partial(self._before, since),
            since=since,
            known_until=known_until,
            now=self._clock.now(),
        )
        while (page := await walk.next()) is not None:
            await self._take(page, since)
            if self._intake.is_closed:
                return None
        if walk.hidden is None:
            self._feed.advance()
        return walk.hidden

    def _choose_size(self, pages: Pages) -> None:
        """Keep the last acceptable page size, and double it after some pages."""
        self._fitting_pages = 0 if pages.size < self.size else self._fitting_pages + 1
        self.size = pages.size
        if self._fitting_pages >= MORE_AFTER:
            self._fitting_pages = 0
            self.size = min(self._page_size, 2 * self.size)

    async def _take(self, page: EventPage, since: datetime) -> None:
        if self._answered is not None:
            self._answered()
            self._answered = None
        await self._intake.take(page.events, since=since)

    def _after(self, start: datetime, *, include_data: bool = True) -> Pages:
        time = [Condition(Operator.GREATER_THAN, start)]
        ask = partial(self._events.list, time=time)
        return Pages(ask, size=self.size, include_data=include_data)

    def _before(
        self, since: datetime, bound: datetime | None, *, include_data: bool = True
    ) -> Pages:
        time = [Condition(Operator.GREATER_THAN, since - ACCURACY)]
        if bound is not None:
            time.append(Condition(Operator.LESS_THAN, bound))
        ask = partial(self._events.list, time=time, direction=Direction.DESCENDING)
        return Pages(ask, size=self.size, include_data=include_data)


async def _first(pages: Pages) -> str | None:
    """Return the id of the first readable event, or `None`."""
    while pages.read <= MAX_BLIND_PAGES:
        page = await pages.next()
        if page.events:
            return page.events[0].id
        if page.is_last:
            break
    return None
