"""Every stored event is delivered once, whatever fails in between."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import patch

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.xprotect_events.api import ApiError, Event, Source
from custom_components.xprotect_events.engine import (
    feed,
    page_poll,
    session_poll,
    walk_back,
)
from custom_components.xprotect_events.engine.arrival import Arrival
from custom_components.xprotect_events.engine.catalog import State
from custom_components.xprotect_events.engine.event_poll import EventPoll
from custom_components.xprotect_events.engine.feed import Checkpoint, Feed
from custom_components.xprotect_events.engine.intake import Intake
from custom_components.xprotect_events.engine.pending_triggers import PendingTriggers
from custom_components.xprotect_events.engine.states import StateKey, States
from tests.engine.model_server import (
    START,
    At,
    Manners,
    ModelServer,
    lose_answer,
)

SECOND = timedelta(seconds=1)
# Of the one source that all events are of.
STATE = (Source("cameras", "a"), "motion")
# A poll needs fewer, also where every event needs some of its own.
MANY_REQUESTS = 5000
# Pages and sessions of this size fill up within a few events.
SMALL = 5


@contextmanager
def blind_pages(limit: int) -> Iterator[None]:
    """Allow so many pages without readable rows."""
    with ExitStack() as stack:
        for module in (page_poll, session_poll, walk_back):
            stack.enter_context(patch.object(module, "MAX_BLIND_PAGES", limit))
        yield


@pytest.fixture(scope="module", autouse=True)
def small_limits() -> Iterator[None]:
    """Let what is for replies of hundreds hold for replies of this size."""
    with (
        patch.object(session_poll, "LIKELY_LIMIT", 1),
        patch.object(session_poll, "MIN_SIZE", 2),
        blind_pages(1000),
    ):
        yield


def _meaning(event: Event) -> tuple[StateKey, State]:
    return STATE, State(group="motion", group_name=None, name=event.id, is_on=None)


class Recipient:
    """Writes down what is delivered, and what it makes of the one state there is."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.unreachable: list[tuple[datetime, datetime]] = []
        self.states = States[None](_meaning, lambda _key, _cause: None)

    def deliver(self, arrivals: tuple[Arrival, ...]) -> None:
        """Note a batch, which must be in order."""
        events = [arrival.event for arrival in arrivals]
        assert events == sorted(events, key=lambda event: event.order)
        self.ids.extend(event.id for event in events)
        for one in arrivals:
            self.states.fold(one, None)

    def forget_states(self) -> None:
        """States are not looked at here."""

    def catch_up_started(self) -> None:
        """Modes are not looked at here."""

    def note_unreachable(self, since: datetime, until: datetime) -> None:
        """Note a span that no request shows."""
        self.unreachable.append((since, until))


class Site:
    """A server, and a client that is restarted now and then."""

    def __init__(
        self, manners: Manners, *, runs_since: timedelta = timedelta(hours=1)
    ) -> None:
        self.server = ModelServer(manners)
        self.recipient = Recipient()
        # Long enough ago for what is stored late right after the start.
        self.saved = Checkpoint.beginning(START - runs_since)
        self.delivered_when_saved = 0
        self.catch_up_limit = timedelta(days=365)
        self.told_twice: list[tuple[datetime, datetime]] = []
        self.start()

    def start(self) -> None:
        """Begin at the saved position."""
        self.feed = Feed(self.saved)
        self.intake = Intake(
            self.feed,
            self.server.clock,
            PendingTriggers(),
            self.recipient.deliver,
            stepped=lambda step: self.recipient.states.shift(step.by),
        )
        self.poll = EventPoll(
            self.server,
            self.feed,
            self.recipient,
            intake=self.intake,
            states=self.recipient.states,
            catch_up_limit=self.catch_up_limit,
            unreachable=self.recipient.note_unreachable,
            page_size=SMALL,
        )

    def stop(self) -> None:
        """Stop as Home Assistant does, perhaps while a poll is under way."""
        self.intake.close()
        self.save()

    def restart(self) -> None:
        """Stop and start as Home Assistant does."""
        self.stop()
        self.start()

    def save(self) -> None:
        """Write the position to disk."""
        self.saved = self.feed.checkpoint().trimmed()
        self.delivered_when_saved = len(self.recipient.ids)

    def crash(self) -> None:
        """Die; what was delivered since the last save is forgotten and comes again."""
        del self.recipient.ids[self.delivered_when_saved :]
        self.start()

    def apply(self, step: tuple[str, int]) -> None:  # noqa: C901, PLR0912 - a plain table
        """Carry out one step of a history."""
        action, number = step
        match action:
            case "store":
                for _ in range(number):
                    self.server.clock.time += timedelta(milliseconds=7)
                    self.server.store()
            case "store heavy":
                for _ in range(number):
                    self.server.clock.time += timedelta(milliseconds=7)
                    self.server.weights[self.server.store().id] = number / 4
            case "store unreadable":
                for _ in range(number):
                    self.server.clock.time += timedelta(milliseconds=7)
                    self.server.store_unreadable()
            case "store late":
                self.server.store(ago=timedelta(seconds=number))
            case "store ahead":
                self.server.store(ago=-timedelta(seconds=number))
            case "wait":
                self.server.clock.time += timedelta(seconds=number)
            case "tell time":
                self.server.clock.slow = timedelta(milliseconds=number)
            case "set clock":
                self.server.clock.set(timedelta(seconds=number))
            case "set clock while away":
                self.stop()
                self.server.clock.set_unseen(timedelta(seconds=number))
                self.note_what_may_repeat()
                self.start()
            case "forget":
                self.server.forget_sessions()
            case "restart":
                self.restart()
            case "save":
                self.save()
            case "crash":
                self.crash()
            case "lose":
                self.poll_with(At(number, lose_answer))
            case "stop":
                self.poll_with(At(number, self.stop))
                if not self.intake.is_closed:
                    self.stop()
                self.start()
            case "push":
                # A stream that is resumed repeats the last seconds at most.
                now = self.server.clock.time
                pushed = [
                    event
                    for event in self.expected[-number:]
                    if abs(now - event.time) < 20 * SECOND
                ]
                asyncio.run(self.intake.take(pushed, since=None))
            case "poll":
                self.run_poll()

    def note_what_may_repeat(self) -> None:
        """Note the two possible times of an event: when the clock was set is open."""
        clock, last = self.server.clock, self.saved.complete_here
        passed = timedelta() if last is None else clock.own_now() - last
        since = clock.time - passed - feed.CLOCK_TOLERANCE - SECOND
        self.told_twice.append((since, clock.time + SECOND))

    @property
    def expected(self) -> list[Event]:
        """The events that were stored and can be read."""
        return self.server.readable(self.server.ledger)

    def poll_with(self, on_answer: At) -> None:
        """Poll while something happens at one of the answers."""
        self.server.on_answer = on_answer
        self.run_poll()
        self.server.on_answer = lambda: None

    def run_poll(self) -> None:
        """Poll once; a failed one is made up for by the next."""
        with suppress(ApiError):
            asyncio.run(self.poll.poll())


MANNERS = st.builds(
    Manners,
    limits_window=st.booleans(),
    ignores_session_filter=st.booleans(),
    refuses_session_filter=st.booleans(),
    repeats_rows=st.booleans(),
    reverses_replies=st.booleans(),
    clamps_to=st.sampled_from((None, None, 1, 2, 3)),
    begins_empty=st.booleans(),
    sessions_newest_first=st.booleans(),
    pages_newest_first=st.booleans(),
    ignores_time=st.booleans(),
)
PUNCTUAL_STEPS = st.one_of(
    st.tuples(st.just("tell time"), st.integers(0, 999)),
    st.tuples(st.just("store"), st.integers(1, 3 * SMALL)),
    st.tuples(st.just("store unreadable"), st.integers(1, 3 * SMALL)),
    # Four fit into an answer where the number is 1, one does not where it is 5.
    st.tuples(st.just("store heavy"), st.integers(1, 5)),
    st.tuples(st.just("push"), st.integers(1, SMALL)),
    st.tuples(st.just("wait"), st.sampled_from((1, 5, 20, 40, 3600, 86400))),
    st.tuples(st.sampled_from(("lose", "stop")), st.integers(1, 4)),
    st.tuples(st.sampled_from(("poll", "poll", "forget")), st.just(0)),
    st.tuples(st.sampled_from(("restart", "save", "crash")), st.just(0)),
)
LATE_STEPS = st.one_of(
    # Within the overlap: longer is promised by push only.
    st.tuples(st.just("store late"), st.integers(1, 14 * 60)),
    PUNCTUAL_STEPS,
)
STEPS = st.one_of(st.tuples(st.just("store ahead"), st.integers(1, 3600)), LATE_STEPS)
RUNNING_STEPS = st.one_of(
    st.tuples(st.just("tell time"), st.integers(0, 999)),
    st.tuples(st.just("set clock"), st.integers(-86400, 86400)),
    st.tuples(st.just("store"), st.integers(1, 3 * SMALL)),
    st.tuples(st.just("wait"), st.sampled_from((1, 5, 20, 40, 3600, 86400))),
    st.tuples(st.just("lose"), st.integers(1, 4)),
    st.tuples(st.sampled_from(("poll", "poll", "forget")), st.just(0)),
)
AWAY_STEPS = st.one_of(
    st.tuples(st.just("set clock while away"), st.integers(-86400, 86400)),
    st.tuples(st.just("store"), st.integers(1, 3 * SMALL)),
    st.tuples(st.just("wait"), st.sampled_from((1, 5, 20, 40, 3600, 86400))),
    st.tuples(st.sampled_from(("poll", "poll", "restart")), st.just(0)),
)
# The first poll may find the last fault; what is stored late is found in minutes.
# No wait is long enough for a catch-up, which would find whatever a session hides.
ENDING = (("poll", 0), *((("wait", 20), ("poll", 0)) * 18))


@given(manners=MANNERS, history=st.lists(STEPS, max_size=40))
# Home Assistant stops in the middle of a catch-up.
@example(manners=Manners(), history=[("wait", 3600), ("store", 15), ("stop", 1)])
# A session is full of rows of which some cannot be read, and a page of none that can.
@example(
    manners=Manners(limits_window=True),
    history=[("store unreadable", 2), ("store", 3), ("poll", 0), ("store", 1)],
)
@example(
    manners=Manners(limits_window=True, repeats_rows=True),
    history=[("store unreadable", 1), ("poll", 0), ("store", 5)],
)
@example(
    manners=Manners(refuses_session_filter=True),
    history=[("store unreadable", 5), ("store", 1)],
)
@settings(deadline=None)
def test_every_stored_event_is_delivered_once(
    manners: Manners, history: list[tuple[str, int]]
) -> None:
    """Lost and repeated events are the worst that this product can do."""
    site = Site(manners)
    for step in (*history, *ENDING):
        site.apply(step)
    expected = Counter(event.id for event in site.expected)
    assert Counter(site.recipient.ids) == expected


@given(
    manners=st.builds(
        Manners,
        ignores_page=st.just(value=True),
        ignores_time=st.booleans(),
        pages_newest_first=st.booleans(),
        clamps_to=st.sampled_from((None, 1, 3)),
        limits_window=st.booleans(),
        begins_empty=st.booleans(),
        refuses_session_filter=st.booleans(),
    ),
    # What is stored late behind what is shown leaves no trace.
    history=st.lists(PUNCTUAL_STEPS, max_size=40),
)
@settings(deadline=None)
def test_hidden_events_are_reported_and_the_rest_arrives_once(
    manners: Manners, history: list[tuple[str, int]]
) -> None:
    """Users cannot find them otherwise, and requests must end."""
    site = Site(manners)
    with blind_pages(10):
        for step in (*history, *ENDING):
            site.server.requests = 0
            site.apply(step)
            assert site.server.requests < MANY_REQUESTS
    delivered = Counter(site.recipient.ids)
    assert max(delivered.values(), default=1) == 1
    for event in site.expected:
        assert delivered[event.id] or any(
            since <= event.time <= until for since, until in site.recipient.unreachable
        )


@given(manners=MANNERS, history=st.lists(RUNNING_STEPS, max_size=40))
@settings(deadline=None)
def test_a_server_whose_clock_is_set_loses_and_repeats_nothing(
    manners: Manners, history: list[tuple[str, int]]
) -> None:
    """A server that was hours ahead for weeks is put right one day.

    As long as the ids are known of what happened since the time that it is set to.
    """
    site = Site(manners, runs_since=timedelta(days=100))
    for step in (*history, *ENDING):
        site.apply(step)
    expected = Counter(event.id for event in site.expected)
    assert Counter(site.recipient.ids) == expected


def once_an_absence(history: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Let the clock be set once between polls: nothing shows where it was before."""
    was_set = False
    for action, number in history:
        if action == "poll":
            was_set = False
        if action == "set clock while away":
            if was_set:
                continue
            was_set = True
        yield action, number


@given(history=st.lists(AWAY_STEPS, max_size=30), remembers=st.booleans())
# Set back by less than the time that nobody has looked: the position is of the past.
@example(
    history=[
        *[("store", 15), ("wait", 3600), ("poll", 0), ("store", 5)],
        *[("set clock while away", -7200), ("store", 5), ("wait", 86400)],
        *[("restart", 0)],
    ],
    remembers=False,
)
@settings(deadline=None)
def test_a_clock_that_is_set_while_nobody_looks_costs_nothing(
    history: list[tuple[str, int]], *, remembers: bool
) -> None:
    """Only what bears a time of the span in which it was set back may come twice.

    And that only where its id is not among those that came last.
    """
    with patch.object(feed, "MAX_RECENT", feed.MAX_RECENT if remembers else 0):
        site = Site(Manners(), runs_since=timedelta(days=100))
        for step in (*once_an_absence(history), *ENDING):
            site.apply(step)
    arrived = Counter(site.recipient.ids)
    assert arrived.keys() == {event.id for event in site.expected}
    for event in site.expected:
        assert arrived[event.id] == 1 or (
            not remembers
            and any(since <= event.time <= until for since, until in site.told_twice)
        )


@given(manners=MANNERS, history=st.lists(PUNCTUAL_STEPS, max_size=40))
@settings(deadline=None)
def test_nothing_is_repeated_when_more_happens_than_can_be_remembered(
    manners: Manners, history: list[tuple[str, int]]
) -> None:
    """A busy site fills the memory within minutes; its lights must not flash twice."""
    with patch.object(feed, "MAX_REMEMBERED", 12):
        site = Site(manners)
        for step in (*history, *ENDING):
            site.apply(step)
    assert max(Counter(site.recipient.ids).values(), default=1) == 1


@given(manners=MANNERS, history=st.lists(PUNCTUAL_STEPS, max_size=40))
@settings(deadline=None)
def test_a_small_memory_loses_nothing_that_is_stored_in_time(
    manners: Manners, history: list[tuple[str, int]]
) -> None:
    """The number of ids only limits how late an event may be stored."""
    with patch.object(feed, "MAX_REMEMBERED", 12):
        site = Site(manners)
        for step in (*history, *ENDING):
            site.apply(step)
    expected = Counter(event.id for event in site.expected)
    assert Counter(site.recipient.ids) == expected


@given(manners=MANNERS, history=st.lists(LATE_STEPS, max_size=40))
# The server tells its time anew, in whole seconds, between two events.
@example(
    manners=Manners(),
    history=[("store", 1), ("push", 1), ("tell time", 900), ("store", 1), ("push", 1)],
)
@settings(deadline=None)
def test_the_state_is_that_of_the_newest_event(
    manners: Manners, history: list[tuple[str, int]]
) -> None:
    """Pushed or polled, in any order: the last to arrive may be older."""
    site = Site(replace(manners, numbers_rows=False))
    for step in (*history, *ENDING):
        site.apply(step)
    newest = site.recipient.states.newest(STATE)
    # Of the same instant any.
    assert (newest and newest.order) == max(
        (event.order for event in site.expected), default=None
    )


@given(
    # Fewer than fill a session: behind a full one what is late comes within minutes.
    before=st.integers(1, SMALL - 3),
    behind=st.integers(30, 14 * 60),
    pauses=st.lists(st.sampled_from((1, 3, 27, 40)), min_size=1, max_size=2),
)
@settings(deadline=None)
def test_a_source_whose_clock_falls_behind_is_right_with_its_next_row(
    before: int, behind: int, pauses: list[int]
) -> None:
    """Its motion would go on until its clock is again where it was."""
    site = Site(Manners())
    site.apply(("store", before))
    for pause in pauses:
        site.apply(("poll", 0))
        site.apply(("wait", pause))
        last = site.server.store(ago=timedelta(seconds=behind))
        site.apply(("poll", 0))
        assert site.recipient.states.newest(STATE) == last
