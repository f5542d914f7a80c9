"""Polling one event session so that nothing is skipped, whatever `maxSize` means."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging

from ..api import (
    EventSessions,
    Operator,
    ServerClock,
    SessionChanges,
    SessionFilter,
    SessionForgottenError,
    format_time,
)
from .feed import Delivery, Feed

_LOGGER = logging.getLogger(__name__)

# Explicit, because default and maximum are unknown (§9.7); larger saves requests.
MAX_SIZE = 1000
# The server compares times with 10 ms accuracy (§4.4): ask for a little more.
ACCURACY = timedelta(milliseconds=20)
# A session that began later than the overlap would miss what is stored late, so
# it is replaced this often. Much shorter than the overlap, or some would be lost.
REWIND_AFTER = timedelta(minutes=5)


@dataclass(slots=True, kw_only=True)
class Session:
    """An event session at the server, and what was read from it."""

    id: str
    since: datetime
    opened_at: datetime
    is_rewound: bool
    is_fresh: bool = True
    is_clean: bool = False
    rows: int = 0
    last_time: datetime | None = None

    def count(self, changes: SessionChanges) -> None:
        """Note a reply: how many rows the session shows, and up to where."""
        self.is_fresh = False
        self.rows += changes.added_count - changes.deleted_count
        times = [event.time for event in changes.added]
        if self.last_time is not None:
            times.append(self.last_time)
        self.last_time = max(times, default=None)


class SessionPoll:
    """Reads an event session to its end at each poll and delivers what is new.

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
        deliver: Callable[[tuple[Delivery, ...]], None],
        *,
        max_size: int = MAX_SIZE,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._feed = feed
        self._deliver = deliver
        self._max_size = max_size
        self._only_replies_are_limited = False
        self._session: Session | None = None
        self._is_closed = False

    async def poll(self) -> None:
        """Deliver everything that was stored since the last poll.

        Raises any `ApiError`; the next poll then begins at the feed's window, as a
        read that failed half-way may have taken events out of the session.
        """
        session = await self._usable_session()
        try:
            await self._read_to_end(session)
        except SessionForgottenError as err:
            if session.is_fresh:
                raise
            _LOGGER.debug("The server forgot the event session: %s", err)
            session = await self._open(self._feed.window_start, is_rewound=True)
            await self._read_to_end(session)
        while self._may_hide_rows(session):
            session = await self._open_behind(session)
            await self._read_to_end(session)
        self._feed.complete()
        session.is_clean = True

    async def close(self) -> None:
        """Deliver nothing more and delete the session, best effort."""
        self._is_closed = True
        await self._delete_session()

    async def _delete_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await self._sessions.delete(session.id)

    async def _usable_session(self) -> Session:
        session = self._session
        if session is None or not session.is_clean or self._is_due_to_rewind(session):
            return await self._open(self._feed.window_start, is_rewound=True)
        session.is_clean = False
        return session

    def _is_due_to_rewind(self, session: Session) -> bool:
        age = self._clock.now() - session.opened_at
        return not session.is_rewound and age > REWIND_AFTER

    def _may_hide_rows(self, session: Session) -> bool:
        if session.rows > self._max_size:
            self._only_replies_are_limited = True
        return session.rows == self._max_size and not self._only_replies_are_limited

    async def _open_behind(self, session: Session) -> Session:
        """Open a session that begins where a full one ends."""
        since = session.last_time or session.since
        if since - ACCURACY > session.since:
            since -= ACCURACY
        return await self._open(since, is_rewound=False)

    async def _open(self, since: datetime, *, is_rewound: bool) -> Session:
        await self._delete_session()
        condition = SessionFilter(
            target="time",
            operator=Operator.GREATER_THAN,
            value=format_time(since - ACCURACY),
        )
        self._session = Session(
            id=await self._sessions.create([condition]),
            since=since,
            opened_at=self._clock.now(),
            is_rewound=is_rewound,
        )
        return self._session

    async def _read_to_end(self, session: Session) -> None:
        while True:
            changes = await self._sessions.read(
                session.id, max_size=self._max_size, include_data=True
            )
            if self._is_closed:
                return
            session.count(changes)
            self._deliver(
                self._feed.accept(
                    changes.added, now=self._clock.now(), polled_since=session.since
                )
            )
            if changes.added_count < self._max_size:
                return
