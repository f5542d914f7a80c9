"""Polling one event session so that nothing is skipped, whatever `maxSize` means."""

import asyncio
from datetime import datetime, timedelta

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
from .page_poll import ACCURACY

type Order = tuple[datetime, str, int]

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


class SessionsUnusableError(Exception):
    """This server's event sessions cannot be limited to new events."""


class Session:
    """An event session at the server, and what was read from it.

    It is not documented whether `maxSize` limits one reply or all that the session
    shows, the oldest rows first (protocol §4.6). `proves_no_limit` is set once more
    rows were seen up to one place than a limited session could show.
    """

    def __init__(
        self, session_id: str, *, since: datetime, opened_at: datetime, max_size: int
    ) -> None:
        self.id = session_id
        self.since = since
        self.opened_at = opened_at
        self.is_fresh = True
        self.is_clean = False
        self.proves_no_limit = False
        self._max_size = max_size
        self._rows: dict[str, Order] = {}
        # Rows that cannot be read have a place in the session all the same.
        self._unreadable = 0

    @property
    def may_hide_rows(self) -> bool:
        """Whether a limited session would be full."""
        places = len(self._rows) + self._unreadable
        return not self.proves_no_limit and places >= self._max_size

    @property
    def last_time(self) -> datetime:
        """Up to where everything was seen even if the session is limited."""
        # The others may have come first.
        readable = self._max_size - self._unreadable
        if readable < 1:
            return self.since
        return sorted(self._rows.values())[readable - 1][0]

    def count(self, changes: SessionChanges) -> None:
        """Note a reply."""
        self.is_fresh = False
        if self.proves_no_limit:
            return
        for event_id in changes.deleted:
            self._rows.pop(event_id, None)
        self._rows.update((event.id, event.order) for event in changes.added)
        # They prove nothing: one that is repeated is counted twice.
        self._unreadable += changes.added_count - len(changes.added)
        if len(self._rows) > self._max_size and changes.added:
            newest = max(event.order for event in changes.added)
            before = sum(order <= newest for order in self._rows.values())
            if before > self._max_size:
                self.proves_no_limit = True
                self._rows.clear()


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
        self._max_size = max_size
        self._session: Session | None = None
        self._opening: asyncio.Task[Session] | None = None
        self.opened = 0

    async def read(self) -> None:
        """Deliver everything that was stored since the last read and is new.

        Raises `SessionForgottenError` when the session of the last read is gone,
        `SessionsUnusableError`, and any `ApiError`. After an error the next read
        begins at the feed's window, as a reply that was lost on its way has taken
        its events out of the session.
        """
        session = await self._usable_session()
        await self._read_to_end(session)
        while session.may_hide_rows and not self._intake.is_closed:
            session = await self._open_behind(session)
            await self._read_to_end(session)
        session.is_clean = True

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

    async def _read_to_end(self, session: Session) -> None:
        while not self._intake.is_closed:
            try:
                changes = await self._sessions.read(
                    session.id, max_size=self._max_size, include_data=True
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
            if changes.added_count < self._max_size:
                return


def _ignores_filter(session: Session, changes: SessionChanges) -> bool:
    return any(event.time < session.since - FILTER_TOLERANCE for event in changes.added)
