"""Event sessions: each read returns the changes since the last one."""

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..happening.ledger import StoredEvent
from ..happening.world import World
from ..identifiers import random_guid, seeded
from .event_filters import EventFilter

type Order = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpec:
    """The parameters of a session at its creation."""

    owner: str
    filter: EventFilter
    order: Callable[[StoredEvent], Order]
    # Whether it omits events that were stored before its creation.
    begins_empty: bool
    # True: maxSize limits the whole session; False: it limits one reply.
    is_window: bool


class EventSession:
    """One session, and what its client has read."""

    def __init__(self, session_id: str, spec: SessionSpec, world: World) -> None:
        """Start with the stored events that match."""
        self.id = session_id
        self.spec = spec
        self.last_used = world.clock.monotonic()
        self.last_reply: Sequence[StoredEvent] = ()
        self._world = world
        self._log_position = world.ledger.storing_log.position
        self._removal_position = world.ledger.removal_log.position
        # With `is_window` all matching events, else those the client has not read.
        stored = () if spec.begins_empty else self._stored_matches()
        self._rows = sorted(stored, key=spec.order)
        self._known: set[str] = set()

    def read(self, max_size: int) -> tuple[Sequence[StoredEvent], Sequence[str]]:
        """Return the new events and the removed ids since the last read."""
        removed = self._take_removed()
        self._take_stored()
        if self.spec.is_window:
            return self._read_window(max_size)
        added = self._rows[:max_size]
        del self._rows[:max_size]
        self._known.update(event.id for event in added)
        gone = [event_id for event_id in removed if event_id in self._known]
        self._known.difference_update(gone)
        self.last_reply = added
        return added, gone

    def _read_window(
        self, max_size: int
    ) -> tuple[Sequence[StoredEvent], Sequence[str]]:
        window = self._rows[:max_size]
        ids = {event.id for event in window}
        added = [event for event in window if event.id not in self._known]
        gone = sorted(self._known - ids)
        self._known = ids
        self.last_reply = added
        return added, gone

    def _stored_matches(self) -> list[StoredEvent]:
        wanted = self.spec.filter
        ledger = self._world.ledger
        span = ledger.between(wanted.after, wanted.before)
        return [event for event in ledger.stored[span] if wanted.matches(event)]

    def _take_stored(self) -> None:
        ledger = self._world.ledger
        log = ledger.storing_log
        new = [
            event
            for event in log.since(self._log_position)
            # Omit events that were removed before the client could read them.
            if self.spec.filter.matches(event) and ledger.find(event.id) is not None
        ]
        self._log_position = log.position
        if len(new) == 1:
            bisect.insort(self._rows, new[0], key=self.spec.order)
        elif new:
            self._rows.extend(new)
            self._rows.sort(key=self.spec.order)

    def _take_removed(self) -> Sequence[str]:
        log = self._world.ledger.removal_log
        removed = log.since(self._removal_position)
        self._removal_position = log.position
        if removed:
            gone = set(removed)
            self._rows = [event for event in self._rows if event.id not in gone]
        return removed


class Sessions:
    """All sessions of the event server."""

    def __init__(self, world: World) -> None:
        """Start without sessions."""
        self._world = world
        self._sessions: dict[str, EventSession] = {}
        self._random = seeded(
            world.options.seed, "sessions", world.clock.now().isoformat()
        )

    def __len__(self) -> int:
        """Return the number of sessions that are not forgotten."""
        self._forget_idle()
        return len(self._sessions)

    def create(self, spec: SessionSpec) -> EventSession:
        """Open a session."""
        self._forget_idle()
        session = EventSession(random_guid(self._random), spec, self._world)
        self._sessions[session.id] = session
        return session

    def get(self, session_id: str, owner: str) -> EventSession | None:
        """Return a session of this owner, or None, and note its use."""
        self._forget_idle()
        session = self._sessions.get(session_id)
        if session is None or session.spec.owner != owner:
            return None
        session.last_used = self._world.clock.monotonic()
        return session

    def forget(self, session_id: str) -> None:
        """Forget one session."""
        self._sessions.pop(session_id, None)

    def forget_all(self) -> None:
        """Forget every session, as a restarted event server does."""
        self._sessions.clear()

    def _forget_idle(self) -> None:
        idle = self._world.options.session_idle.total_seconds()
        oldest = self._world.clock.monotonic() - idle
        for session in list(self._sessions.values()):
            if session.last_used <= oldest:
                del self._sessions[session.id]
