"""Reads an event session and compares it with pages, because it may omit events."""

from datetime import datetime, timedelta

from ..api import AnswerTooLargeError, ServerClock
from .feed import Feed
from .hidden_events import HiddenEvents
from .page_poll import PagePoll
from .session_poll import LOOK_BACK, SessionPoll, SessionsUnusableError

# How often pages are read first; the session must then return the same events. It must
# be much shorter than the overlap, or events that the session omits would be lost.
CHECK_EVERY = timedelta(minutes=5)


class CheckedSession:
    """Reads the session, and pages when the session may omit events."""

    def __init__(
        self,
        sessions: SessionPoll,
        pages: PagePoll,
        feed: Feed,
        clock: ServerClock,
        hidden: HiddenEvents,
    ) -> None:
        self._sessions = sessions
        self._pages = pages
        self._feed = feed
        self._clock = clock
        self._hidden = hidden
        self._checked_at = clock.now()
        # Whether pages had new events, so the next read of the session must not be
        # empty.
        self._must_have_rows = False
        # Whether reading the pages that must confirm the session has failed. The next
        # poll reads them, even if the session then returns nothing doubtful.
        self._is_unconfirmed = False

    async def read(self) -> None:
        """Deliver new events of the session, and of pages when it may omit some.

        Raises `SessionsUnusableError` when the session lacks an event of a page, or
        any `ApiError`.
        """
        if self._clock.now() - self._checked_at > CHECK_EVERY:
            await self._read_instead_of_session()
            return
        try:
            shown = await self._sessions.read()
        except AnswerTooLargeError:
            await self.read_pages(self._feed.window_start)
            self._sessions.ask_for_less(self._pages.size)
            return
        must_have_rows, self._must_have_rows = self._must_have_rows, False
        if must_have_rows and not shown.rows:
            raise SessionsUnusableError
        since = shown.doubtful_since
        if self._is_unconfirmed:
            since = self._feed.window_start
        if since is None or self._pages.is_closed:
            return
        self._checked_at = self._clock.now()
        self._is_unconfirmed = True
        pages = await self._pages.read(since)
        self._is_unconfirmed = False
        if pages.found and not self._pages.is_closed:
            again = await self._sessions.read()
            if not again.rows:
                raise SessionsUnusableError
        if pages.hidden is not None:
            self._hidden.report(pages.hidden, shown.complete)

    async def _read_instead_of_session(self) -> None:
        """Read pages; the session must return their new events at its next read."""
        self._checked_at = self._clock.now()
        start = self._feed.start(LOOK_BACK)
        self._must_have_rows = await self.read_pages(start) > 0

    async def read_pages(self, since: datetime) -> int:
        """Deliver new events of pages after a time; return how many there were.

        Raises any `ApiError`.
        """
        pages = await self._pages.read(since)
        if pages.hidden is not None:
            self._hidden.report(pages.hidden, None)
            self._feed.advance()
        return pages.found
