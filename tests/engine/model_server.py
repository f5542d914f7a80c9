"""A minimal model of an event server, with its possible faults.

It replaces the simulator in tests with thousands of histories, and has the same methods
as the client.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import override
from uuid import UUID, uuid4

from custom_components.xprotect_events.api import (
    AnswerTooLargeError,
    Condition,
    Direction,
    Event,
    EventPage,
    Events,
    EventSessions,
    Operator,
    RejectedError,
    ServerClock,
    SessionChanges,
    SessionFilter,
    SessionForgottenError,
    Step,
    UnreachableError,
    UnreadableRows,
)
from custom_components.xprotect_events.api.event_models import parse_time

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCURACY = timedelta(milliseconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How this server interprets the protocol."""

    limits_window: bool = False
    ignores_session_filter: bool = False
    refuses_session_filter: bool = False
    repeats_rows: bool = False
    reverses_replies: bool = False
    numbers_rows: bool = True
    # Rows of a reply or a page, whatever size is requested.
    clamps_to: int | None = None
    # Sessions return only events stored after their creation.
    begins_empty: bool = False
    # Whatever order is requested.
    sessions_newest_first: bool = False
    pages_newest_first: bool = False
    # Whatever order `GET /events` requests.
    ignores_time: bool = False
    ignores_page: bool = False
    # After each reply, as behind a gateway that alternates between event servers.
    ends_sessions: bool = False
    # Even if it is not requested.
    sends_data: bool = False

    def size(self, asked: int) -> int:
        """Return the largest number of rows if so many are requested."""
        return asked if self.clamps_to is None else min(asked, self.clamps_to)


@dataclass(slots=True)
class ModelSession:
    """An event session at the server."""

    since: datetime | None
    # Rows that were stored before it was created.
    before: int
    sent: list[str] = field(default_factory=list)


class ModelClock(ServerClock):
    """A clock that stands still until a test sets it.

    `slow` is the lag of the client's estimate: less than a second, because the server
    sends whole seconds.
    """

    def __init__(self) -> None:
        self.time = START
        # The sum of its steps.
        self.set_by = timedelta()
        self.slow = timedelta()
        self.step: Step | None = None

    def set(self, by: timedelta) -> None:
        """Set the clock, and let the client see the step."""
        self.time += by
        self.set_by += by
        since = self.time
        if self.step is not None:
            by += self.step.by
            since = min(since, self.step.since)
        self.step = Step(by, since)

    @override
    def take_step(self) -> Step | None:
        step, self.step = self.step, None
        return step

    def set_unseen(self, by: timedelta) -> None:
        """Set the clock while no requests are sent."""
        self.time += by
        self.set_by += by

    @property
    @override
    def is_known(self) -> bool:
        return True

    @override
    def own_now(self) -> datetime:
        return self.time - self.set_by

    @override
    def now(self) -> datetime:
        return self.time - self.slow


class ModelServer:
    """The server, and the parts of a client that use it."""

    def __init__(self, quirks: Quirks) -> None:
        self.quirks = quirks
        self.clock = ModelClock()
        self.unreadable = UnreadableRows()
        self.ledger: list[Event] = []
        # Rows that no client can read; they have a position like the others.
        self.unreadable_ids: set[str] = set()
        # The part of an answer that the data of one event takes; an answer holds 1.
        self.weights: dict[str, float] = {}
        self.open_sessions: dict[str, ModelSession] = {}
        self.requests = 0
        # Called before each answer; raises to lose it after the server has acted.
        self.on_answer: Callable[[], None] = lambda: None
        self.events = ModelEvents(self)
        self.sessions = ModelSessions(self)
        self._count = 0

    def store(self, *, ago: timedelta = timedelta()) -> Event:
        """Store an event whose own time is so long ago; negative: in the future."""
        self._count += 1
        time = self.clock.time - ago
        event = Event(
            id=str(UUID(int=self._count)),
            type_id="type",
            source=None,
            time=time,
            time_text=time.isoformat(),
            local_id=self._count if self.quirks.numbers_rows else None,
            datatype=None,
            tag=None,
            data=None,
        )
        self.ledger.append(event)
        return event

    def store_next(self) -> None:
        """Store an event a little later."""
        self.clock.time += timedelta(milliseconds=7)
        self.store()

    def store_unreadable(self) -> None:
        """Store a row in the form of a newer version."""
        self.unreadable_ids.add(self.store().id)

    def readable(self, rows: list[Event]) -> list[Event]:
        """Return the events that a client reads from these rows."""
        return [event for event in rows if event.id not in self.unreadable_ids]

    def check_size(self, rows: list[Event], *, with_data: bool) -> None:
        """Raise for an answer that is too large."""
        weight = sum(self.weights.get(event.id, 0) for event in rows)
        if (with_data or self.quirks.sends_data) and weight > 1:
            raise AnswerTooLargeError("The answer is too large", status=200)

    def forget_sessions(self) -> None:
        """Restart the event server."""
        self.open_sessions.clear()

    def stored_after(self, since: datetime | None) -> list[Event]:
        """Return the events that pass a time filter, oldest first."""
        rows = sorted(self.ledger, key=lambda event: event.order)
        if since is None:
            return rows
        # Rounding down both sides excludes events of the same 10 ms.
        return [event for event in rows if _rounded(event.time) > _rounded(since)]


class ModelSessions(EventSessions):
    """The event sessions of the model."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server

    @override
    async def create(
        self,
        filters: Sequence[SessionFilter] = (),
        *,
        direction: Direction = Direction.ASCENDING,
    ) -> str:
        if self._server.quirks.refuses_session_filter:
            raise RejectedError("No such target", status=400)
        (condition,) = filters
        session_id = str(uuid4())
        since: datetime | None = parse_time(str(condition.value), "filter")
        if self._server.quirks.ignores_session_filter:
            since = None
        before = len(self._server.ledger)
        self._server.open_sessions[session_id] = ModelSession(since, before)
        self._server.requests += 1
        self._server.on_answer()
        return session_id

    @override
    async def read(
        self, session_id: str, *, max_size: int, include_data: bool = False
    ) -> SessionChanges:
        session = self._server.open_sessions.get(session_id)
        if session is None:
            raise SessionForgottenError("Unknown session", status=404)
        quirks = self._server.quirks
        max_size = quirks.size(max_size)
        rows = self._server.stored_after(session.since)
        if quirks.begins_empty:
            new_rows = {event.id for event in self._server.ledger[session.before :]}
            rows = [event for event in rows if event.id in new_rows]
        if quirks.sessions_newest_first:
            rows.reverse()
        self._server.check_size(rows[:max_size], with_data=include_data)
        if quirks.limits_window:
            rows = rows[:max_size]
        new = [event for event in rows if event.id not in session.sent][:max_size]
        session.sent.extend(event.id for event in new)
        if quirks.ends_sessions:
            del self._server.open_sessions[session_id]
        self._server.requests += 1
        self._server.on_answer()
        if quirks.reverses_replies:
            new.reverse()
        if quirks.repeats_rows and 0 < len(new) < max_size:
            new.append(new[0])
        added = tuple(self._server.readable(new))
        return SessionChanges(added=added, added_count=len(new), deleted=())

    @override
    async def delete(self, session_id: str) -> None:
        self._server.open_sessions.pop(session_id, None)


class ModelEvents(Events):
    """The stored events of the model."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server

    @override
    async def list(
        self,
        *,
        time: Sequence[Condition] = (),
        source_id: Sequence[Condition] = (),
        source_name: Sequence[Condition] = (),
        direction: Direction = Direction.ASCENDING,
        page: int = 0,
        size: int = 2000,
        include_data: bool = False,
    ) -> EventPage:
        quirks = self._server.quirks
        size = quirks.size(size)
        page = 0 if quirks.ignores_page else page
        rows = self._server.stored_after(None)
        for condition in () if quirks.ignores_time else time:
            rows = [event for event in rows if _matches(event, condition)]
        if direction is Direction.DESCENDING or quirks.pages_newest_first:
            rows.reverse()
        found = rows[page * size : (page + 1) * size]
        self._server.requests += 1
        self._server.on_answer()
        self._server.check_size(found, with_data=include_data)
        events = tuple(self._server.readable(found))
        return EventPage(
            events=events, count=len(found), is_last=(page + 1) * size >= len(rows)
        )


class At:
    """Calls a function once, at the answer of this number."""

    def __init__(self, number: int, action: Callable[[], None]) -> None:
        self._countdown = number
        self._action = action

    def __call__(self) -> None:
        """Count an answer."""
        self._countdown -= 1
        if self._countdown == 0:
            self._action()


def lose_answer() -> None:
    """Lose an answer on its way, after the server has acted."""
    raise UnreachableError("Connection lost")


def _matches(event: Event, condition: Condition) -> bool:
    assert isinstance(condition.value, datetime)
    # Rounding down both sides excludes events of the same 10 ms.
    time, bound = _rounded(event.time), _rounded(condition.value)
    return time > bound if condition.operator is Operator.GREATER_THAN else time < bound


def _rounded(time: datetime) -> datetime:
    return time - (time - START) % ACCURACY
