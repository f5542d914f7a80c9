"""A site whose delivered events are compared with its stored ones."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from unittest.mock import patch

from hypothesis import strategies as st

from custom_components.xprotect_events.api import ApiError, Event, Source
from custom_components.xprotect_events.engine import (
    feed,
    page_poll,
    session_poll,
    walk_back,
)
from custom_components.xprotect_events.engine.arrival import NOW_MARGIN, Arrival
from custom_components.xprotect_events.engine.catalog import State
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.event_poll import EventPoll
from custom_components.xprotect_events.engine.feed import Feed
from custom_components.xprotect_events.engine.intake import Intake
from custom_components.xprotect_events.engine.pending_triggers import PendingTriggers
from custom_components.xprotect_events.engine.states import StateKey, States
from tests.engine.model_server import (
    START,
    At,
    ModelServer,
    Quirks,
    lose_answer,
)

SECOND = timedelta(seconds=1)

# Of the one source that all events are of.
STATE = (Source("cameras", "a"), "motion")

# Pages and sessions of this size are full after a few events.
SMALL = 5


def _meaning(event: Event) -> tuple[StateKey, State]:
    return STATE, State(group="motion", group_name=None, name=event.id, is_on=None)


class Recipient:
    """Records the delivered events, and the state that they set."""

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
        """Ignore states."""

    def catch_up_started(self) -> None:
        """Ignore modes."""

    def note_unreachable(self, since: datetime, until: datetime) -> None:
        """Record a span of time whose events no request returns."""
        self.unreachable.append((since, until))


class Site:
    """A server, and a client that can be restarted."""

    def __init__(
        self, quirks: Quirks, *, runs_since: timedelta = timedelta(hours=1)
    ) -> None:
        self.server = ModelServer(quirks)
        self.recipient = Recipient()
        # Early enough for events that are stored with a delay right after the start.
        self.saved = Checkpoint.beginning(START - runs_since)
        self.delivered_when_saved = 0
        self.catch_up_limit = timedelta(days=365)
        self.may_repeat: list[tuple[datetime, datetime]] = []
        self.start()

    def start(self) -> None:
        """Start from the saved position."""
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
        """Crash; events that were delivered since the last save are repeated."""
        del self.recipient.ids[self.delivered_when_saved :]
        self.start()

    def apply(self, step: tuple[str, int]) -> None:  # noqa: C901, PLR0912, PLR0915 - a plain table
        """Carry out one step of a history."""
        action, number = step
        match action:
            case "store":
                for _ in range(number):
                    self.server.store_next()
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
            case "store meanwhile":
                self.poll_with(At(number, self.server.store_next))
            case "forget meanwhile":
                self.poll_with(At(number, self.server.forget_sessions))
            case "stop":
                self.poll_with(At(number, self.stop))
                if not self.intake.is_closed:
                    self.stop()
                self.start()
            case "push":
                # A resumed stream repeats at most the last seconds.
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
        """Record both possible times of an event: the moment of the step is unknown."""
        clock, last = self.server.clock, self.saved.complete_here
        passed = timedelta() if last is None else clock.own_now() - last
        since = clock.time - passed - feed.CLOCK_TOLERANCE - SECOND
        self.may_repeat.append((since, clock.time + NOW_MARGIN))

    @property
    def expected(self) -> list[Event]:
        """The stored events that can be read."""
        return self.server.readable(self.server.ledger)

    def poll_with(self, on_answer: At) -> None:
        """Poll, and do something at one of the answers."""
        self.server.on_answer = on_answer
        self.run_poll()
        self.server.on_answer = lambda: None

    def run_poll(self) -> None:
        """Poll once, and again after a failure."""
        with suppress(ApiError):
            asyncio.run(self.poll.poll())


QUIRKS = st.builds(
    Quirks,
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
    ends_sessions=st.sampled_from((False, False, False, True)),
)

# The first poll may meet the last fault; events stored with a delay are found within
# minutes. The waits are shorter than a catch-up needs, which would find everything.
ENDING = (("poll", 0), *((("wait", 20), ("poll", 0)) * 18))


@contextmanager
def blind_pages(limit: int) -> Iterator[None]:
    """Set the limit of pages without readable rows."""
    with ExitStack() as stack:
        for module in (page_poll, session_poll, walk_back):
            stack.enter_context(patch.object(module, "MAX_BLIND_PAGES", limit))
        yield
