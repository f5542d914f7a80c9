"""Polls stored events without gaps: by catch-up, session or pages."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
import logging
from typing import Protocol

from ..api import (
    Direction,
    Event,
    Events,
    EventSessions,
    ServerClock,
    SessionForgottenError,
    UnreadableRows,
)
from .arrival import NOW_MARGIN
from .bearings import begin_after_newest, take_bearings
from .catch_up import CatchUp
from .checked_session import CheckedSession
from .feed import Feed
from .hidden_events import HiddenEvents
from .intake import Intake
from .page_poll import PagePoll
from .pages import Pages
from .session_poll import LOOK_BACK, SessionPoll, SessionsUnusableError
from .states import States
from .unreadable_log import UnreadableLog

_LOGGER = logging.getLogger(__name__)

# Events in one reply. More would block the event loop for longer while decoding; fewer
# would need more requests.
PAGE_SIZE = 1000
# Pages of the newest stored events from which the current states are taken. More would
# find older states on large sites, but make the start slower.
STATE_PAGES = 10
# Without sessions each poll reads only the last seconds. Events that were stored with
# a longer delay are found by reading the whole window, which may be large, so less
# often.
WHOLE_WINDOW_EVERY = timedelta(minutes=1)
# Unusable sessions are tried again after this time: the event server may have been
# restarting, or was updated.
SESSIONS_AGAIN_AFTER = timedelta(hours=1)


class Server(Protocol):
    """The part of the client that the poll needs."""

    @property
    def events(self) -> Events:
        """Stored events."""

    @property
    def sessions(self) -> EventSessions:
        """Event sessions."""

    @property
    def clock(self) -> ServerClock:
        """The server's time."""

    @property
    def unreadable(self) -> UnreadableRows:
        """Rows of any list that could not be read."""


class Receiver(Protocol):
    """Is called on changes of the poll. The methods must return at once."""

    def forget_states(self) -> None:
        """Make all states unknown: events were skipped."""

    def catch_up_started(self) -> None:
        """Note that a catch-up begins and its events follow."""


class EventPoll[Cause]:
    """Delivers everything that the server stores, each event once."""

    def __init__(
        self,
        server: Server,
        feed: Feed,
        receiver: Receiver,
        *,
        intake: Intake,
        states: States[Cause],
        catch_up_limit: timedelta,
        unreachable: Callable[[datetime, datetime], None],
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._server = server
        self._feed = feed
        self._receiver = receiver
        self._intake = intake
        self._states = states
        self._pages = PagePoll(
            server.events,
            feed,
            intake,
            server.clock,
            page_size=page_size,
        )
        self._catch_up = CatchUp(
            self._pages,
            feed,
            server.clock,
            limit=catch_up_limit,
            started=receiver.catch_up_started,
        )
        self._is_first = True
        self._sessions = SessionPoll(
            server.sessions, server.clock, feed, self._intake, max_size=page_size
        )
        self._checked = CheckedSession(
            self._sessions, self._pages, feed, server.clock, HiddenEvents(unreachable)
        )
        self._pages_until: datetime | None = None
        self._whole_window_at: datetime | None = None
        self._page_size = page_size
        self._unreadable_log = UnreadableLog()

    @property
    def sessions_opened(self) -> int:
        """The number of event sessions so far."""
        return self._sessions.opened

    async def poll(self) -> None:
        """Deliver all events that were stored since the last complete poll.

        Raises any `ApiError`; the next poll then delivers what this one did not.
        """
        self._intake.poll_begins()
        try:
            await self._poll()
        finally:
            self._unreadable_log.note(
                self._server.unreadable.take(), self._server.clock.now()
            )

    async def _poll(self) -> None:
        if self._is_first and self._server.clock.is_known:
            # Later steps are found by the clock itself.
            self._catch_up.look_back()
            self._is_first = False
        if self._feed.goes_back:
            await self._start_over()
        await self._prepare()
        if self._feed.goes_back:
            await self._start_over()
            await self._prepare()
        await self._read_new()
        now = self._server.clock.now()
        if self._feed.is_ahead_of(now):
            # The server's clock was set back between two polls.
            if not self._catch_up.look_back():
                self._feed.set_back(now - NOW_MARGIN)
            self._feed.goes_back = True
        if self._feed.goes_back:
            await self._start_over()
            await self._prepare()
            await self._read_new()
        if not self._intake.is_closed:
            clock = self._server.clock
            self._feed.complete(now=clock.now(), here=clock.own_now())

    async def delete_session(self) -> None:
        """Delete the session at the server, best effort."""
        await self._sessions.delete()

    async def _prepare(self) -> None:
        """Do what must come before reading new events: skip, catch up, read states."""
        if self._feed.lacks_beginning:
            server = self._server
            await begin_after_newest(
                server.events, self._feed, server.clock, self._page_size
            )
        is_outage = self._catch_up.is_due
        if is_outage and self._catch_up.skip():
            self._receiver.forget_states()
        if self._feed.lacks_bearings:
            await take_bearings(self._server.events, self._feed, self._page_size)
        if is_outage:
            await self._catch_up.read()
        if self._states.needs_stored_events:
            await self._read_stored_states()

    async def _read_new(self) -> None:
        if self._pages_until is not None:
            await self._read_pages()
            if self._server.clock.now() > self._pages_until:
                self._pages_until = None
            return
        try:
            await self._read_sessions()
        except SessionsUnusableError:
            _LOGGER.debug("Event sessions cannot be used; reading pages instead")
            await self._sessions.delete()
            await self._read_pages()
            # Only now: pages work, so only the sessions of this server fail.
            self._pages_until = self._server.clock.now() + SESSIONS_AGAIN_AFTER

    async def _read_sessions(self) -> None:
        try:
            await self._checked.read()
        except SessionForgottenError:
            # The answer has updated the server's time: this may be an outage.
            await self._prepare()
            try:
                await self._checked.read()
            except SessionForgottenError as err:
                # Where sessions end within a reading, the next one would, too.
                raise SessionsUnusableError from err

    async def _read_pages(self) -> None:
        now = self._server.clock.now()
        last = self._whole_window_at
        if last is None or now - last > WHOLE_WINDOW_EVERY:
            await self._checked.read_pages(self._feed.window_start)
            self._whole_window_at = now
        else:
            start = self._feed.start(LOOK_BACK)
            await self._checked.read_pages(start)

    async def _start_over(self) -> None:
        """Drop the session, to read again from where the clock was set back to."""
        self._feed.goes_back = False
        self._whole_window_at = None
        if self._pages_until is not None:
            self._pages_until = self._server.clock.now() + SESSIONS_AGAIN_AFTER
        await self._sessions.delete()

    async def _read_stored_states(self) -> None:
        """Take states from the newest stored events.

        All pages are taken together: `States.forget` in between must not leave those
        of the last page, and events of the future count as of one moment.
        """
        with self._states.asking(self._server.clock.now()) as question:
            newest: list[Event] = []
            ask = partial(self._server.events.list, direction=Direction.DESCENDING)
            pages = Pages(ask, size=self._page_size, include_data=False)
            while pages.read < STATE_PAGES:
                found = await pages.next()
                newest += found.events
                if found.is_last:
                    break
            await self._states.take_stored(question, newest)
