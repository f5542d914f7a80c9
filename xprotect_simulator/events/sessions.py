"""Event sessions: windows over the stored events that tell what changed."""

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
    """What a session was created with."""

    owner: str
    filter: EventFilter
    order: Callable[[StoredEvent], Order]
    # Whether only what is stored after its creation belongs to it.
    begins_empty: bool
    # True: maxSize limits the whole window; False: it limits one reply.
    is_window: bool


class EventSession:
    """One session and the version of it that its client has seen."""

    def __init__(self, session_id: str, spec: SessionSpec, world: World) -> None:
        """Begin with what is stored and matches already."""
        self.id = session_id
        self.spec = spec
        self.last_used = world.clock.monotonic()
        self.last_reply: Sequence[StoredEvent] = ()
        self._world = world
        self._log_position = len(world.ledger.storing_log)
        self._removal_position = len(world.ledger.removal_log)
        # All that match for a window; else those the client does not have yet.
        stored = () if spec.begins_empty else self._stored_matches()
        self._rows = sorted(stored, key=spec.order)
        self._known: set[str] = set()

    def read(self, max_size: int) -> tuple[Sequence[StoredEvent], Sequence[str]]:
        """Return what is new and which ids are gone since the last reading."""
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
            for event in log[self._log_position :]
            # What was cleaned away since it was stored was never seen.
            if self.spec.filter.matches(event) and ledger.find(event.id) is not None
        ]
        self._log_position = len(log)
        if len(new) == 1:
            bisect.insort(self._rows, new[0], key=self.spec.order)
        elif new:
            self._rows.extend(new)
            self._rows.sort(key=self.spec.order)

    def _take_removed(self) -> Sequence[str]:
        log = self._world.ledger.removal_log
        removed = log[self._removal_position :]
        self._removal_position = len(log)
        if removed:
            gone = set(removed)
            self._rows = [event for event in self._rows if event.id not in gone]
        return removed


class Sessions:
    """All sessions that the event server remembers."""

    def __init__(self, world: World) -> None:
        """Begin with none."""
        self._world = world
        self._sessions: dict[str, EventSession] = {}
        self._random = seeded(
            world.options.seed, "sessions", world.clock.now().isoformat()
        )

    def __len__(self) -> int:
        """Return how many are remembered."""
        self._forget_idle()
        return len(self._sessions)

    def create(self, spec: SessionSpec) -> EventSession:
        """Open a session."""
        self._forget_idle()
        session = EventSession(random_guid(self._random), spec, self._world)
        self._sessions[session.id] = session
        return session

    def get(self, session_id: str, owner: str) -> EventSession | None:
        """Return a session of this owner that is not forgotten, and use it."""
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
