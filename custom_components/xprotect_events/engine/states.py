"""The state of every source: what is known, what is withheld, and what is owed.

Pure: the server's now is an argument, and nothing here waits for time or reads a
clock.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched

from ..api import Event, Source
from .arrival import Arrival, Origin, as_of
from .catalog import State
from .newest import Known, is_newer

# Large sites have 16,406; a server that makes sources up must not fill the memory.
MAX_STATES = 100_000
# The states of a large site, 16,000 at once, would hold up everything else.
STATES_AT_ONCE = 200
# Rounds of `settle` after which a state is shown although missed events still follow:
# a recorder whose clock is minutes slow has no others.
MAX_ROUNDS = 10

# Of a source and a state group.
type StateKey = tuple[Source, str]
type Meaning = Callable[[Event], tuple[StateKey, State] | None]


@dataclass(slots=True)
class Withheld[Cause]:
    """A change by missed events that is not shown yet, and what is shown instead."""

    cause: Cause
    before: State | None
    waits_for_poll: bool
    rounds: int = 0
    is_settled: bool = False


@dataclass(slots=True, eq=False)
class Question:
    """A question for all states at the server's `asked_at`, and what came since."""

    asked_at: datetime
    changed_since: set[StateKey] = field(default_factory=set)
    is_being_taken: bool = False
    is_void: bool = False


class States[Cause]:
    """Folds events into the state of (source, group); the newest event wins.

    `meaning` returns whose state an event sets and which, `None` for a stateless
    event. `changed` is called with each key whose state is to be shown anew, and with
    the cause of the event that changed it, `None` for a snapshot. `shown` returns the
    keys that somebody shows.
    """

    def __init__(
        self,
        meaning: Meaning,
        changed: Callable[[StateKey, Cause | None], None],
        shown: Callable[[], Iterable[StateKey]] = tuple,
    ) -> None:
        self._meaning = meaning
        self._changed = changed
        self._shown = shown
        self._known: dict[StateKey, Known] = {}
        self._withheld: dict[StateKey, Withheld[Cause]] = {}
        # Questions that the server has not answered yet.
        self._open: list[Question] = []
        self._has_stored = False
        self._has_all = False
        self.needs_snapshot = True

    @property
    def needs_stored_events(self) -> bool:
        """Whether stored events may tell states that nothing else will tell."""
        return not (self._has_all or self._has_stored or self._open)

    @property
    def withholds(self) -> bool:
        """Whether missed events have changed states that are not shown yet."""
        return bool(self._withheld)

    def __len__(self) -> int:
        """Return how many states are known."""
        return len(self._known)

    def state(self, key: StateKey) -> State | None:
        """Return the state to show, `None` while it is unknown."""
        withheld = self._withheld.get(key)
        if withheld is not None:
            return withheld.before
        known = self._known.get(key)
        return self._state_of(known.event) if known else None

    def newest(self, key: StateKey) -> Event | None:
        """Return the event that set the state, shown or not; `None` when unknown."""
        known = self._known.get(key)
        return known.event if known else None

    def is_news(self, event: Event) -> bool:
        """Whether an event sets a newer state than the one that is known."""
        found = self._meaning(event)
        if found is None:
            return False
        known = self._known.get(found[0])
        return known is None or event.order > known.event.order

    def fold(self, arrival: Arrival, cause: Cause) -> bool:
        """Take in an event that was delivered.

        Return whether it contradicts the known state: it was pushed and is older.
        Either the stream has brought it late, or a clock was set back.
        """
        found = self._meaning(arrival.event)
        if found is None:
            return False
        key = found[0]
        event, is_missed = arrival.event, arrival.is_missed
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MAX_STATES:
                return False
        elif not is_newer(event, arrival.as_of, arrival.unknown_until, known):
            is_pushed = arrival.origin is Origin.PUSH
            return is_pushed and event.id != known.event.id
        before = self.state(key) if is_missed else None
        self._known[key] = Known.of(event, arrival.as_of)
        if is_missed:
            self._withhold(key, cause, before, arrival.origin)
            return False
        for question in self._open:
            question.changed_since.add(key)
        self._show(key, cause)
        return False

    def poll_ended(self) -> None:
        """Let what polls withhold be shown: a complete poll has read everything."""
        for withheld in self._withheld.values():
            withheld.waits_for_poll = False

    def settle(self) -> bool:
        """Show what no missed event has changed since the last call.

        To be called every few seconds while states are withheld: a series of missed
        events changes a state once, at its end. Return whether more are due at once.
        """
        due = []
        for key, withheld in self._withheld.items():
            if withheld.waits_for_poll:
                continue
            if withheld.is_settled or withheld.rounds >= MAX_ROUNDS:
                due.append(key)
            withheld.is_settled = True
            withheld.rounds += 1
        for key in due[:STATES_AT_ONCE]:
            self._show(key, self._withheld[key].cause)
        return len(due) > STATES_AT_ONCE

    def release(self) -> None:
        """Show everything that is withheld."""
        for key, withheld in tuple(self._withheld.items()):
            self._show(key, withheld.cause)

    def forget(self) -> None:
        """Make every state unknown: they may have changed unseen. Shows nothing."""
        self._known.clear()
        self._withheld.clear()
        for question in self._open:
            # The newest states of the answer are forgotten, too: older ones would take
            # their place.
            question.is_void = question.is_being_taken
        self._has_stored = self._has_all = False
        self.needs_snapshot = True

    def forget_sources(self, sources: Collection[Source]) -> None:
        """Make the states of sources unknown that are not there. Shows nothing.

        When they are back, what was known of them may be long over.
        """
        for key in [one for one in self._known if one[0] in sources]:
            del self._known[key]
            self._withheld.pop(key, None)

    def doubt(self) -> None:
        """Let the server be asked for its states: some may have changed unseen."""
        self.needs_snapshot = True

    def shift(self, by: timedelta) -> None:
        """Move everything that is known along with the server's clock.

        Only when it is set back: after a step forward what is new is newer anyway,
        and what is on its way must not become older.
        """
        self.doubt()
        if by < timedelta():
            for key, (event, time, of) in self._known.items():
                self._known[key] = Known(event, time + by, of + by)

    @contextmanager
    def asking(self, now: datetime) -> Iterator[Question]:
        """Note, at the server's now, what changes until a question is answered.

        The block holds the question, and `take_answer` or `take_stored` after it.
        """
        question = Question(now)
        self._open.append(question)
        try:
            yield question
        finally:
            self._open.remove(question)

    async def take_answer(self, question: Question, events: Iterable[Event]) -> None:
        """Take the states that the server says it has, as the newest event of each.

        They hold against everything that was known before the question. What the
        answer lacks is kept: a server that has just started knows few.
        """
        question.is_being_taken = True
        for portion in batched(events, STATES_AT_ONCE, strict=False):
            if question.is_void:
                return
            for event in portion:
                self._take(event, question, is_answer=True)
            await asyncio.sleep(0)
        self.needs_snapshot = False
        self._has_all = all(key in self._known for key in self._shown())

    async def take_stored(self, question: Question, events: Iterable[Event]) -> None:
        """Take states from stored events, the newest event of each first."""
        question.is_being_taken = True
        for portion in batched(events, STATES_AT_ONCE, strict=False):
            if question.is_void:
                return
            for event in portion:
                self._take(event, question, is_answer=False)
            await asyncio.sleep(0)
        self._has_stored = True

    def _take(self, event: Event, question: Question, *, is_answer: bool) -> None:
        found = self._meaning(event)
        if found is None:
            return
        key = found[0]
        known = self._known.get(key)
        new = Known.of(event, as_of(event, question.asked_at))
        if known is None:
            if len(self._known) >= MAX_STATES:
                return
        elif known.event.id == event.id:
            # What a missed event has changed is confirmed.
            if key in self._withheld:
                self._show(key)
            return
        elif is_answer:
            if key in question.changed_since and event.order <= known.event.order:
                return
        elif not is_newer(event, new.as_of, new.as_of, known):
            return
        self._known[key] = new
        self._show(key)

    def _state_of(self, event: Event) -> State | None:
        found = self._meaning(event)
        return found[1] if found else None

    def _withhold(
        self, key: StateKey, cause: Cause, before: State | None, origin: Origin
    ) -> None:
        earlier = self._withheld.get(key)
        self._withheld[key] = Withheld(
            cause=cause,
            before=before,
            waits_for_poll=origin is Origin.POLL,
            rounds=earlier.rounds if earlier else 0,
        )

    def _show(self, key: StateKey, cause: Cause | None = None) -> None:
        self._withheld.pop(key, None)
        self._changed(key, cause)
