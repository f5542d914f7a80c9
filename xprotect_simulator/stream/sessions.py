"""Sessions of the Events and State WebSocket, which can be resumed."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ..clock import Clock
from ..happening.ledger import StoredEvent
from ..identifiers import random_guid, seeded
from ..options import Options
from ..sign_in.users import Principal
from .subscriptions import Subscription, is_included


class Listener(Protocol):
    """The connection of a session."""

    def push(self, text: str) -> None:
        """Send an event as JSON text."""

    def close(self, code: int) -> None:
        """Close the connection."""

    def drop(self) -> None:
        """Reset the connection."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """An event that was pushed, or would have been with a connection."""

    event_id: str
    text: str
    at: float


class StreamSession:
    """The subscriptions, and the last events for a client that resumes."""

    def __init__(self, session_id: str, principal: Principal, memory: float) -> None:
        """Start without a connection; events are kept for `memory` seconds."""
        self.id = session_id
        self.principal = principal
        self.subscriptions: dict[str, Subscription] = {}
        self.listener: Listener | None = None
        self.left_at = 0.0
        self._memory = memory
        self._pushed: deque[Pushed] = deque()
        # The last dropped event; a client that has received it can still resume.
        self._forgotten = ""

    def wants(self, event: StoredEvent) -> bool:
        """Return whether its subscriptions and its user's rights include an event."""
        return self.principal.may_see(event.source) and is_included(
            self.subscriptions.values(), event
        )

    def remember(self, pushed: Pushed) -> None:
        """Keep an event for a client that resumes."""
        oldest = pushed.at - self._memory
        while self._pushed and self._pushed[0].at < oldest:
            self._forgotten = self._pushed.popleft().event_id
        self._pushed.append(pushed)

    def after(self, event_id: str) -> list[str] | None:
        """Return the events after an event, or None if some are dropped already."""
        if not event_id:
            return None
        missed: list[str] = []
        for pushed in reversed(self._pushed):
            if pushed.event_id == event_id:
                break
            missed.append(pushed.text)
        else:
            if event_id != self._forgotten:
                return None
        missed.reverse()
        return missed


class StreamSessions:
    """All sessions with a connection, and those that can be resumed."""

    def __init__(self, options: Options, clock: Clock) -> None:
        """Begin with none."""
        self._clock = clock
        self._window = options.resume_window.total_seconds()
        self._sessions: dict[str, StreamSession] = {}
        self._random = seeded(options.seed, "streams", clock.now().isoformat())

    def __len__(self) -> int:
        """Return the number of sessions, including those without a connection."""
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[StreamSession]:
        """Yield the sessions, after dropping expired ones."""
        oldest = self._clock.monotonic() - self._window
        for session in tuple(self._sessions.values()):
            if session.listener is None and session.left_at < oldest:
                del self._sessions[session.id]
            else:
                yield session

    def create(self, principal: Principal, listener: Listener) -> StreamSession:
        """Create a session on a connection."""
        session = StreamSession(random_guid(self._random), principal, self._window)
        session.listener = listener
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str, principal: Principal) -> StreamSession | None:
        """Return a session of the same user that can be resumed, or None."""
        for session in self:
            is_theirs = session.principal.user is principal.user
            if session.id == session_id and is_theirs:
                return session
        return None

    def take_over(
        self, session: StreamSession, principal: Principal, listener: Listener
    ) -> None:
        """Move a session to another connection, and close the old one."""
        old, session.listener = session.listener, listener
        session.principal = principal
        if old is not None:
            old.close(1000)

    def leave(self, session: StreamSession, listener: Listener) -> None:
        """Note the end of a connection, which starts the time to resume."""
        if session.listener is listener:
            session.listener = None
            session.left_at = self._clock.monotonic()

    def forget_all(self) -> None:
        """Forget every session, as a restarted event server does."""
        self._sessions.clear()

    def new_id(self) -> str:
        """Return an id for a subscription."""
        return random_guid(self._random)
