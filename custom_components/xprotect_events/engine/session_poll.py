"""Polling one event session so that nothing is skipped, whatever `maxSize` means."""

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

# A session that began later than the window would miss what is stored late, so it
# is replaced this often. Much shorter than the overlap, or some would be lost.
REWIND_AFTER = timedelta(minutes=5)
# And any other now and then, whatever a server may do to a session that grows old.
RENEW_AFTER = timedelta(hours=1)
# Older rows than this before the session's start prove that the filter is ignored;
# less could be the server's rounding.
FILTER_TOLERANCE = timedelta(seconds=1)
# In seconds. A session that is just being created is waited for so long when it is
# to be deleted: longer would hold up a reload, shorter would leave it at the server.
CREATION_PATIENCE = 3.0


# A reply of at least so many rows may have been cut by the server, whatever was asked
# for. Fewer would have ordinary polls read again, more would overlook such a limit.
LIKELY_LIMIT = 50
# Rows asked for at once, at least. Where fewer are too large for an answer, pages are
# read, which can do without the data of a single event.
MIN_SIZE = 25
# How far before the cursor pages look for what a session may hide.
LOOK_BACK = timedelta(seconds=10)


class SessionsUnusableError(Exception):
    """This server's event sessions cannot be limited to new events."""


class SessionRead(NamedTuple):
    """What a read came to.

    From `doubtful_since` on pages have to confirm it; `None` where the session can hide
    nothing. `complete` is the span of which it seems to have shown everything, for
    pages that hide something themselves.
    """

    rows: int
    doubtful_since: datetime | None
    complete: Span | None


class SessionPoll:
    """Reads an event session to its end at each poll.

    A session that may hide rows is followed by another that begins where it ends.
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
        # Always said, because default and maximum are unknown (protocol §4.6).
        self._sessions = sessions
        self._clock = clock
        self._feed = feed
        self._intake = intake
        self._full_size = max_size
        # Smaller than that after an answer that was too large.
        self._max_size = max_size
        # Rows of the largest reply so far.
        self._most_rows = 0
        self._session: Session | None = None
        self._opening: asyncio.Task[Session] | None = None
        self.opened = 0

    async def read(self) -> SessionRead:
        """Deliver everything that the session shows and that is new.

        Raises `SessionForgottenError` when the session of the last read is gone,
        `SessionsUnusableError`, and any `ApiError`. After an error the next read
        begins at the feed's window, as a reply that was lost on its way has taken
        its events out of the session.
        """
        window_start = self._feed.window_start
        recently = max(self._feed.cursor - LOOK_BACK, self._feed.low_watermark)
        session = await self._usable_session()
        is_fresh = session.is_fresh
        rows, full_replies, complete = await self._read_to_end(session)
        # A session that only shows the newest rows is full once; two full replies in a
        # row are more than it could show.
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
        """Ask for so many rows at most, and for less than in a reply too large.

        Raises `SessionsUnusableError` where they are as small as they may be.
        """
        if self._max_size <= MIN_SIZE:
            self._max_size = self._full_size
            raise SessionsUnusableError
        self._max_size = max(MIN_SIZE, min(size, self._max_size // 2))

    async def delete(self) -> None:
        """Delete the session, best effort; also one that is just being created."""
        if self._opening is not None:
            opening, self._opening = self._opening, None
            await asyncio.wait([opening], timeout=CREATION_PATIENCE)
            if not opening.cancel() and not opening.cancelled():
                # Whoever was cancelled does not look at its failure.
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
        """Open a session that begins where a full one ends."""
        since = session.last_time - ACCURACY
        if since <= session.since:
            # A whole session within some milliseconds: only pages get past it.
            raise SessionsUnusableError
        return await self._open(since)

    async def _open(self, since: datetime) -> Session:
        await self.delete()
        # Cancelled with the poll, it would leave a session whose id nobody knows.
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
            # Nobody comes again to delete it.
            await self._delete_current()
        return session

    async def _read_to_end(self, session: Session) -> tuple[int, int, Span | None]:
        """Read until nothing more is to come.

        Returns the number of rows and of replies that were full, and the span of which
        everything seems to be shown. Servers may send less than is asked for and have
        more all the same.
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
                    # A session that was never there is no reason for another one.
                    raise SessionsUnusableError from err
                raise
            if session.is_fresh and _ignores_filter(session, changes):
                raise SessionsUnusableError
            session.count(changes)
            await self._intake.take(changes.added, since=session.since)
            rows += changes.added_count
            if changes.added:
                complete = _shown_by(session, changes, complete)
            blind_replies = 0 if changes.added else blind_replies + 1
            ids = frozenset(event.id for event in changes.added)
            # A server may send the same rows for ever.
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
    """Return the span that replies cover; less where the newest come first."""
    times = [event.time for event in changes.added]
    since = min(times) if times[0] > times[-1] else session.since
    until = max(times)
    if before is not None:
        since, until = min(since, before.since), max(until, before.until)
    return Span(since, until)


def _ignores_filter(session: Session, changes: SessionChanges) -> bool:
    return any(event.time < session.since - FILTER_TOLERANCE for event in changes.added)
