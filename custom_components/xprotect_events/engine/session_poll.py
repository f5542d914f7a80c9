"""Polls an event session without gaps, for both kinds of `maxSize` (protocol §4.6)."""

import asyncio
from datetime import datetime, timedelta
from typing import NamedTuple

from ..api import (
    EventSessions,
    Operator,
    RejectedError,
    ServerClock,
    SessionChanges,
    SessionFilter,
    SessionForgottenError,
    format_time,
)
from .feed import Feed
from .intake import Intake
from .pages import ACCURACY, MAX_BLIND_PAGES
from .session import Session
from .walk_back import Span

# How often a session is replaced that begins after the start of the window: it omits
# events that are stored with a delay. Must be much shorter than the overlap, or events
# would be lost.
REWIND_AFTER = timedelta(minutes=5)
# How often any other session is replaced: its lifetime is not documented.
RENEW_AFTER = timedelta(hours=1)
# Rows that are older than the session's start by more than this prove that the server
# ignores the filter; less could be its rounding.
FILTER_TOLERANCE = timedelta(seconds=1)
# Seconds that the deletion of a session waits for its creation. More would delay a
# reload; with less, the session would remain at the server.
CREATION_PATIENCE = 3.0
# Replies with so many rows may be cut by an unknown limit of the server. With fewer,
# ordinary polls would be read twice; with more, such a limit would go unnoticed.
LIKELY_LIMIT = 50
# The least `maxSize`. If even so few rows are too large for an answer, pages are read,
# which can omit the data of a single event.
MIN_SIZE = 25
# The most rows that are read of a session at once, as it may never end. The largest
# sites have a fifth of that; more are read in pages.
MAX_SESSION_ROWS = 200_000
# How far before the cursor pages begin when they check a session.
LOOK_BACK = timedelta(seconds=10)


class SessionsUnusableError(Exception):
    """The event sessions of this server cannot be used; pages must be read instead."""


class SessionRead(NamedTuple):
    """The result of reading a session to its end.

    `rows` counts what it returned. From `doubtful_since` on, pages must confirm it;
    `None` if that is not needed. `complete` is the span of which the session seems to
    have returned everything, for servers whose pages omit some.
    """

    rows: int
    doubtful_since: datetime | None
    complete: Span | None


class SessionPoll:
    """Reads an event session to its end at each poll.

    If a session may be full, another one is opened that begins where it ends.
    """

    def __init__(
        self,
        sessions: EventSessions,
        clock: ServerClock,
        feed: Feed,
        intake: Intake,
        *,
        max_size: int,
    ) -> None:
        # `maxSize` is always sent, because its default is unknown (protocol §4.6).
        self._sessions = sessions
        self._clock = clock
        self._feed = feed
        self._intake = intake
        self._full_size = max_size
        # Reduced after an answer that was too large.
        self._max_size = max_size
        # The number of rows in the largest reply so far.
        self._most_rows = 0
        self._session: Session | None = None
        self._opening: asyncio.Task[Session] | None = None
        self.opened = 0

    async def read(self) -> SessionRead:
        """Deliver all new events of the session.

        Raises `SessionForgottenError` when the session of the last read is gone,
        `SessionsUnusableError`, and any `ApiError`. After an error the next read opens
        a new session, because the events of a lost reply are not returned again.
        """
        window_start = self._feed.window_start
        recently = self._feed.start(LOOK_BACK)
        session = await self._usable_session()
        is_fresh = session.is_fresh
        rows, full_replies, complete = await self._read_to_end(session)
        # A session that holds only the newest rows gives one full reply. Two in a row
        # prove that it holds more.
        is_doubtful = full_replies == 1
        while session.may_hide_rows and not self._intake.is_closed:
            session = await self._open_behind(session)
            more, _, _ = await self._read_to_end(session)
            rows += more
            is_doubtful = True
        session.is_clean = True
        if not (is_fresh or is_doubtful):
            return SessionRead(rows, None, complete)
        doubtful_since = window_start if is_fresh else recently
        return SessionRead(rows, doubtful_since, complete)

    def ask_for_less(self, size: int) -> None:
        """Reduce `maxSize` to half or to `size` after a reply that was too large.

        Raises `SessionsUnusableError` if it has the smallest value already.
        """
        if self._max_size <= MIN_SIZE:
            self._max_size = self._full_size
            raise SessionsUnusableError
        self._max_size = max(MIN_SIZE, min(size, self._max_size // 2))

    async def delete(self) -> None:
        """Delete the session, best effort, even if its creation is not finished."""
        if self._opening is not None:
            opening, self._opening = self._opening, None
            await asyncio.wait([opening], timeout=CREATION_PATIENCE)
            if not opening.cancel() and not opening.cancelled():
                # Mark the error as retrieved: the poll that would raise it was
                # cancelled.
                opening.exception()
        await self._delete_current()

    async def _delete_current(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await self._sessions.delete(session.id)

    async def _usable_session(self) -> Session:
        session = self._session
        if session is None or not session.is_clean or self._is_too_old(session):
            if session is not None and session.is_clean:
                self._max_size = min(self._full_size, 2 * self._max_size)
            return await self._open(self._feed.window_start - ACCURACY)
        session.is_clean = False
        return session

    def _is_too_old(self, session: Session) -> bool:
        age = self._clock.now() - session.opened_at
        begins_late = session.since > self._feed.window_start
        return age > (REWIND_AFTER if begins_late else RENEW_AFTER)

    async def _open_behind(self, session: Session) -> Session:
        """Open a session that begins where a full one ends.

        Raises `SessionsUnusableError` if there is no progress.
        """
        since = session.last_time - ACCURACY
        if since <= session.since:
            # All rows have nearly one time; only pages can continue.
            raise SessionsUnusableError
        return await self._open(since)

    async def _open(self, since: datetime) -> Session:
        await self.delete()
        # A task of its own: if it was cancelled with the poll, the server would keep a
        # session whose id is unknown here.
        self._opening = opening = asyncio.create_task(self._create(since))
        await asyncio.wait([opening])
        self._opening = None
        return opening.result()

    async def _create(self, since: datetime) -> Session:
        condition = SessionFilter(
            target="time", operator=Operator.GREATER_THAN, value=format_time(since)
        )
        try:
            session_id = await self._sessions.create([condition])
        except RejectedError as err:
            raise SessionsUnusableError from err
        self.opened += 1
        self._session = session = Session(
            session_id,
            since=since,
            opened_at=self._clock.now(),
            max_size=self._max_size,
        )
        if self._intake.is_closed:
            # There will be no other call to delete it.
            await self._delete_current()
        return session

    async def _read_to_end(self, session: Session) -> tuple[int, int, Span | None]:
        """Read until a reply is not full.

        Return the number of rows, the number of full replies, and the span of which
        everything seems to be returned. A reply of fewer rows than requested may be
        full, too, if the server has its own limit.
        """
        rows = full_replies = blind_replies = 0
        complete: Span | None = None
        seen: frozenset[str] = frozenset()
        while not self._intake.is_closed:
            try:
                changes = await self._sessions.read(
                    session.id, max_size=session.max_size, include_data=True
                )
            except SessionForgottenError as err:
                self._session = None
                if session.is_fresh:
                    # A session that never existed: another one would not help.
                    raise SessionsUnusableError from err
                raise
            if session.is_fresh and _ignores_filter(session, changes):
                raise SessionsUnusableError
            session.count(changes)
            await self._intake.take(changes.added, since=session.since)
            rows += changes.added_count
            if rows > MAX_SESSION_ROWS:
                raise SessionsUnusableError
            if changes.added:
                complete = _shown_by(session, changes, complete)
            blind_replies = 0 if changes.added else blind_replies + 1
            ids = frozenset(event.id for event in changes.added)
            # Some servers repeat the same rows for ever.
            is_stuck = ids <= seen if ids else blind_replies > MAX_BLIND_PAGES
            if is_stuck or not self._is_full(session, changes.added_count):
                break
            seen = ids
            full_replies += 1
        return rows, full_replies, complete

    def _is_full(self, session: Session, rows: int) -> bool:
        is_as_large_as_any = rows >= max(self._most_rows, LIKELY_LIMIT)
        self._most_rows = max(self._most_rows, rows)
        return rows >= session.max_size or is_as_large_as_any


def _shown_by(session: Session, changes: SessionChanges, before: Span | None) -> Span:
    """Return the span that replies cover; it is smaller if the newest come first.

    The first reply shows the order: a later one may have a single row.
    """
    times = [event.time for event in changes.added]
    since, until = min(times), max(times)
    if before is not None:
        return Span(min(since, before.since), max(until, before.until))
    return Span(since if times[0] > times[-1] else session.since, until)


def _ignores_filter(session: Session, changes: SessionChanges) -> bool:
    return any(event.time < session.since - FILTER_TOLERANCE for event in changes.added)
