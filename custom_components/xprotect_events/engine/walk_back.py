"""Reads stored events from the newest back to a time."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from ..api import EventPage
from .pages import ACCURACY, MAX_BLIND_PAGES, MAX_PAGES, Pages, ids_of, is_newest_first


class Span(NamedTuple):
    """A span between two times of the server."""

    since: datetime
    until: datetime


class WalkBack:
    """Reads back by time, or by page number if the server ignores times.

    `before` returns the query for events before a time, `None` for the newest. Events
    before `known_until` are known already. `hidden` is the span of which no request
    has returned all events.
    """

    def __init__(
        self,
        before: Callable[[datetime | None], Pages],
        *,
        since: datetime,
        known_until: datetime,
        now: datetime,
    ) -> None:
        self.hidden: Span | None = None
        self._before = before
        self._since = since
        self._known_until = known_until
        self._now = now
        self._pages = before(None)
        self._bound: datetime | None = None
        self._is_by_time = True
        self._seen: frozenset[str] = frozenset()
        self._is_over = False

    async def next(self) -> EventPage | None:
        """Return the next page, `None` after the last. Raises any `ApiError`."""
        if self._is_over:
            return None
        page = await self._pages.next()
        self._follow(page)
        return page

    def _follow(self, page: EventPage) -> None:
        """Choose the query for the next page."""
        if not page.events and not page.is_last:
            if self._pages.read > MAX_BLIND_PAGES:
                self._give_up(self._bound or self._now)
            return
        oldest = min((event.time for event in page.events), default=self._since)
        if page.is_last or (oldest <= self._since and is_newest_first(page)):
            self._is_over = True
            return
        ids = ids_of(page)
        if self._pages.read >= MAX_PAGES:
            self._give_up(oldest)
        elif ids - self._seen:
            if self._is_by_time and (
                self._bound is None or oldest + ACCURACY < self._bound
            ):
                self._go_on(oldest + ACCURACY)
        elif self._is_by_time:
            # The server ignores the bound, or a whole page has nearly one time.
            self._is_by_time = False
        elif self._bound is None or oldest >= self._bound:
            self._give_up(oldest)
        else:
            # More events within milliseconds than a page holds, and no further page.
            self._hide(max(self._known_until, oldest - ACCURACY), self._bound)
            self._is_by_time = True
            self._go_on(oldest)
        self._seen = ids

    def _go_on(self, bound: datetime) -> None:
        self._bound = bound
        self._pages = self._before(bound)

    def _give_up(self, oldest: datetime) -> None:
        self._is_over = True
        self._hide(self._known_until, oldest)

    def _hide(self, since: datetime, until: datetime) -> None:
        if until <= since:
            # All of it was delivered before.
            return
        if self.hidden is not None:
            since, until = min(since, self.hidden.since), max(until, self.hidden.until)
        self.hidden = Span(since, until)
