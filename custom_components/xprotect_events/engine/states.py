"""The states of all sources: known ones, withheld ones, and requests for them.

Pure: the server's time is an argument, and no timer or clock is used here.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched

from ..api import Event, Source
from .arrival import Arrival, Origin
from .catalog import State
from .newest import Known, is_newer

# Large sites have 16,406. A server that invents sources must not fill the memory.
MAX_STATES = 100_000
# States to take before the event loop runs other tasks; 16,000 at once would block it.
STATES_AT_ONCE = 200
# Calls of `settle` after which a withheld state is shown even if more missed events
# follow: a recorder whose clock is minutes slow only has missed events.
MAX_ROUNDS = 10

# A source, and the `group` of a `State`.
type StateKey = tuple[Source, str]
type Meaning = Callable[[Event], tuple[StateKey, State] | None]


@dataclass(slots=True)
class Withheld[Cause]:
    """A state by missed events that is not shown yet; `before` is shown instead."""

    cause: Cause
    before: State | None
    waits_for_poll: bool
    rounds: int = 0
    is_settled: bool = False

    @property
    def is_due(self) -> bool:
        """Whether no missed event has set it for a round, or for too many rounds."""
        return self.is_settled or self.rounds >= MAX_ROUNDS


@dataclass(slots=True, eq=False)
class Question:
    """A request for all states at the server's time `asked_at`.

    `changed_since` are the states that live events have set since then.
    """

    asked_at: datetime
    changed_since: set[StateKey] = field(default_factory=set)
    is_being_taken: bool = False
    is_void: bool = False


class States[Cause]:
    """Keeps the state of each (source, group); the newest event sets it.

    `meaning` returns the key and the state that an event sets, `None` for a stateless
    event. `changed` is called with each key whose shown state may have changed, and
    with the cause given with the event (a context), `None` for a snapshot. `shown`
    returns the keys that entities show.
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
        # Requests without an answer.
        self._open: list[Question] = []
        self._has_stored = False
        self._has_all = False
        self.needs_snapshot = True
        # Pushed events older than the known state: reordered, or a clock was set back.
        self.contradictions = 0
        # Called with missed events, and after a contradiction.
        self.unsettled: Callable[[Arrival], object] = lambda _: None

    @property
    def needs_stored_events(self) -> bool:
        """Whether states are missing that only stored events may contain."""
        return not (self._has_all or self._has_stored or self._open)

    @property
    def withholds(self) -> bool:
        """Whether missed events have changed states that are not shown yet."""
        return bool(self._withheld)

    def __len__(self) -> int:
        """Return the number of known states."""
        return len(self._known)

    def state(self, key: StateKey) -> State | None:
        """Return the state to show, `None` while it is unknown."""
        withheld = self._withheld.get(key)
        if withheld is not None:
            return withheld.before
        known = self._known.get(key)
        found = self._meaning(known.event) if known else None
        return found[1] if found else None

    def newest(self, key: StateKey) -> Event | None:
        """Return the event that set the state, shown or not; `None` when unknown."""
        known = self._known.get(key)
        return known.event if known else None

    def is_newer_state(self, event: Event) -> bool:
        """Whether an event sets a newer state than the known one."""
        found = self._meaning(event)
        if found is None:
            return False
        known = self._known.get(found[0])
        return known is None or event.order > known.event.order

    def fold(self, arrival: Arrival, cause: Cause) -> None:
        """Take the state that an event sets, if it is the newest."""
        event, is_missed = arrival.event, arrival.is_missed
        found = self._meaning(event)
        if found is None:
            if is_missed:
                self.unsettled(arrival)
            return
        key = found[0]
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MAX_STATES:
                return
        elif not is_newer(event, arrival.as_of, arrival.unknown_until, known):
            if arrival.origin is Origin.PUSH and event.id != known.event.id:
                self.contradictions += 1
                self.unsettled(arrival)
            return
        # A state that is withheld already has the state shown in the meantime.
        before = self.state(key) if is_missed else None
        self._known[key] = Known(event, arrival.as_of)
        if is_missed:
            self._withhold(key, cause, before, arrival.origin)
            self.unsettled(arrival)
        else:
            for question in self._open:
                question.changed_since.add(key)
            self._withheld.pop(key, None)
            self._changed(key, cause)

    def poll_ended(self) -> None:
        """Allow `settle` to show states by polled events: the poll is complete."""
        for withheld in self._withheld.values():
            withheld.waits_for_poll = False

    def settle(self) -> tuple[StateKey, ...]:
        """Return withheld states that no missed event has set since the last call.

        Call it every few seconds while `withholds`, and `show_settled` with the result:
        a series of missed events changes the shown state once, at its end.
        """
        waiting = {
            k: one for k, one in self._withheld.items() if not one.waits_for_poll
        }
        settled = tuple(key for key, withheld in waiting.items() if withheld.is_due)
        for withheld in waiting.values():
            withheld.is_settled = True
            withheld.rounds += 1
        return settled

    def show_settled(self, keys: Iterable[StateKey]) -> None:
        """Show withheld states, unless a missed event has set them since `settle`."""
        for key in keys:
            if (withheld := self._withheld.get(key)) and withheld.is_due:
                self._show(key, withheld.cause)

    def release(self) -> None:
        """Show all withheld states, at once: before entities are available."""
        for key, withheld in tuple(self._withheld.items()):
            self._show(key, withheld.cause)

    def forget(self) -> None:
        """Make all states unknown, because they may have changed. Shows nothing."""
        self._known.clear()
        self._withheld.clear()
        for question in self._open:
            # The rest of an answer has older states, and must not replace the newer
            # ones that were just forgotten.
            question.is_void = question.is_being_taken
        self._has_stored = self._has_all = False
        self.needs_snapshot = True

    def forget_sources(self, sources: Collection[Source]) -> None:
        """Make the states of disabled or missing sources unknown. Shows nothing.

        When such a source returns, its last state may be outdated.
        """
        for key in [one for one in self._known if one[0] in sources]:
            del self._known[key]
            self._withheld.pop(key, None)

    def require_snapshot(self) -> None:
        """Note that a snapshot is needed, because states may have changed."""
        self.needs_snapshot = True

    def shift(self, by: timedelta) -> None:
        """Shift the times of all states by a step of the server's clock.

        Only steps back: after a step forward new events are newer anyway, and events
        from before it that have not arrived yet must not become older than the state.
        """
        self.require_snapshot()
        if by < timedelta():
            for known in self._known.values():
                known.time += by
                known.as_of += by

    @contextmanager
    def asking(self, now: datetime) -> Iterator[Question]:
        """Yield a request for states, which notes the changes until its answer.

        The block contains the request and `take_answer` or `take_stored`.
        """
        question = Question(now)
        self._open.append(question)
        try:
            yield question
        finally:
            self._open.remove(question)

    async def take_answer(self, question: Question, events: Iterable[Event]) -> None:
        """Take the answer to `getState`: the newest event of each state.

        These replace all states from before the request. States that the answer lacks
        are kept, because a server that has just started has only a few.
        """
        if await self._take_all(question, events, is_answer=True):
            self.needs_snapshot = False
            self._has_all = all(key in self._known for key in self._shown())

    async def take_stored(self, question: Question, events: Iterable[Event]) -> None:
        """Take states from stored events, which must be sorted newest first."""
        if await self._take_all(question, events, is_answer=False):
            self._has_stored = True

    async def _take_all(
        self, question: Question, events: Iterable[Event], *, is_answer: bool
    ) -> bool:
        """Take the events in portions; return whether the question stayed valid."""
        question.is_being_taken = True
        for portion in batched(events, STATES_AT_ONCE, strict=False):
            if question.is_void:
                return False
            for event in portion:
                self._take(event, question, is_answer=is_answer)
            await asyncio.sleep(0)
        return True

    def _take(self, event: Event, question: Question, *, is_answer: bool) -> None:
        found = self._meaning(event)
        if found is None:
            return
        key = found[0]
        known = self._known.get(key)
        new = Known(event, Arrival(event, question.asked_at).as_of)
        if known is None:
            if len(self._known) >= MAX_STATES:
                return
        elif known.event.id == event.id:
            # The answer confirms the state by a missed event.
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

    def _withhold(
        self, key: StateKey, cause: Cause, before: State | None, origin: Origin
    ) -> None:
        withheld = self._withheld.get(key)
        if withheld is None:
            self._withheld[key] = Withheld(cause, before, origin is Origin.POLL)
            return
        withheld.cause = cause
        withheld.waits_for_poll = origin is Origin.POLL
        withheld.is_settled = False

    def _show(self, key: StateKey, cause: Cause | None = None) -> None:
        self._withheld.pop(key, None)
        self._changed(key, cause)
