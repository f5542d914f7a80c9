"""Polling one event session so that nothing is skipped, whatever `maxSize` means."""

from dataclasses import dataclass, field
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

# A session that began later than the overlap would miss what is stored late, so
# it is replaced this often. Much shorter than the overlap, or some would be lost.
REWIND_AFTER = timedelta(minutes=5)
# Older rows than this before the session's start prove that the filter is ignored;
# less could be the server's rounding.
FILTER_TOLERANCE = timedelta(seconds=1)


class SessionsUnusableError(Exception):
    """This server's event sessions cannot be limited to new events."""


@dataclass(slots=True, kw_only=True)
class Session:
    """An event session at the server, and what was read from it."""

    id: str
    since: datetime
    opened_at: datetime
    is_rewound: bool
    is_fresh: bool = True
    is_clean: bool = False
    ids: set[str] = field(default_factory=set)
    other_rows: int = 0
    last_time: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows the session shows; a row that came twice counts once."""
        return len(self.ids) + self.other_rows

    def count(self, changes: SessionChanges) -> None:
        """Note a reply: which rows the session shows, and up to where."""
        self.ids.update(event.id for event in changes.added)
        unreadable = changes.added_count - len(changes.added)
        self.other_rows += unreadable - changes.deleted_count
        times = [event.time for event in changes.added]
        if self.last_time is not None:
            times.append(self.last_time)
        self.last_time = max(times, default=None)


class SessionPoll:
    """Reads an event session to its end at each poll.

    Nobody outside knows whether `maxSize` limits one reply or the whole session
    (§4.6). So a session that shows exactly `maxSize` rows is followed by another
    that begins where it ends; one that showed more proves that only replies are
    limited.
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
        # Always said, because default and maximum are unknown (§9.7).
        self._sessions = sessions
        self._clock = clock
        self._feed = feed
        self._intake = intake
        self._max_size = max_size
        self._only_replies_are_limited = False
        self._session: Session | None = None

    async def read(self) -> None:
        """Deliver everything that was stored since the last read and is new.

        Raises `SessionForgottenError` when the session of the last read is gone,
        `SessionsUnusableError`, and any `ApiError`. After an error the next read
        begins at the feed's window, as a reply that was lost on its way has taken
        its events out of the session.
        """
        session = await self._usable_session()
        await self._read_to_end(session)
        while self._may_hide_rows(session) and not self._intake.is_closed:
            session = await self._open_behind(session)
            await self._read_to_end(session)
        session.is_clean = True

    async def delete(self) -> None:
        """Delete the session, best effort."""
        session, self._session = self._session, None
        if session is not None:
            await self._sessions.delete(session.id)

    async def _usable_session(self) -> Session:
        session = self._session
        if session is None or not session.is_clean or self._is_due_to_rewind(session):
            start = self._feed.window_start - ACCURACY
            return await self._open(start, is_rewound=True)
        session.is_clean = False
        return session

    def _is_due_to_rewind(self, session: Session) -> bool:
        age = self._clock.now() - session.opened_at
        return not session.is_rewound and age > REWIND_AFTER

    def _may_hide_rows(self, session: Session) -> bool:
        if session.rows > self._max_size:
            self._only_replies_are_limited = True
            session.ids.clear()
        return session.rows == self._max_size and not self._only_replies_are_limited

    async def _open_behind(self, session: Session) -> Session:
        """Open a session that begins where a full one ends."""
        since = (session.last_time or session.since) - ACCURACY
        if since <= session.since:
            # A whole session within some milliseconds: only pages get past it.
            raise SessionsUnusableError
        return await self._open(since, is_rewound=False)

    async def _open(self, since: datetime, *, is_rewound: bool) -> Session:
        await self.delete()
        condition = SessionFilter(
            target="time",
            operator=Operator.GREATER_THAN,
            value=format_time(since),
        )
        try:
            session_id = await self._sessions.create([condition])
        except RejectedError as err:
            raise SessionsUnusableError from err
        self._session = Session(
            id=session_id,
            since=since,
            opened_at=self._clock.now(),
            is_rewound=is_rewound,
        )
        return self._session

    async def _read_to_end(self, session: Session) -> None:
        while True:
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
            session.is_fresh = False
            if not self._only_replies_are_limited:
                session.count(changes)
            await self._intake.take(changes.added, since=session.since)
            if changes.added_count < self._max_size or self._intake.is_closed:
                return


def _ignores_filter(session: Session, changes: SessionChanges) -> bool:
    return any(event.time < session.since - FILTER_TOLERANCE for event in changes.added)
