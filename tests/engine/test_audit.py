"""Detecting silent streams, and types and sources that are never pushed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import Event, Source
from custom_components.xprotect_events.engine.arrival import Arrival
from custom_components.xprotect_events.engine.audit import (
    MAX_AWAITED,
    MAX_SUSPECTS,
    PUSH_LAG,
    RENEWAL_HELPS_WITHIN,
    RENEWED_AT_LEAST_EVERY,
    Audit,
    Subject,
)

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
# Between two audits.
PACE = timedelta(seconds=30)
# Between two events.
STEP = timedelta(seconds=10)
GATE, YARD = Source("cameras", "gate"), Source("cameras", "yard")
MOTION, PLATE = "motion", "plate"


class Server:
    """A server that does not push everything, and the audit of its stream."""

    def __init__(self, *deaf_for: Subject, covers: bool = True) -> None:
        self.now = START
        self.deaf_for: set[Subject] = set(deaf_for)
        self.is_deaf = False
        self.renewals = 0
        self.audit = Audit(self.now, lambda _: covers)
        self.stored: list[Event] = []

    def happens(self, type_id: str, source: Source | None) -> None:
        """Create an event; if it is not pushed, the next audit finds it."""
        self.now += STEP
        event = Event(
            id=f"{self.now}",
            type_id=type_id,
            source=source,
            time=self.now,
            time_text=self.now.isoformat(),
            local_id=None,
            datatype=None,
            tag=None,
            data=None,
        )
        if self.is_deaf or self.deaf_for & {type_id, source}:
            self.stored.append(event)
        else:
            self.audit.pushed([event], self.now)

    def is_audited(self, after: timedelta = PACE) -> bool:
        """Poll after a while; return whether the stream is renewed."""
        self.now += after
        stored, self.stored = self.stored, []
        self.audit.polled([Arrival(event, self.now) for event in stored])
        is_renewed = self.audit.poll_ended(self.now)
        if is_renewed:
            self.renewals += 1
            self.audit.began(self.now)
        return is_renewed

    def usual(
        self, *happening: tuple[str, Source | None], audits: int = 1
    ) -> list[bool]:
        """Create the same events before each audit; return which of them renewed."""
        found = []
        for _ in range(audits):
            for type_id, source in happening:
                self.happens(type_id, source)
            found.append(self.is_audited())
        return found


EVERYTHING = [(PLATE, YARD), (PLATE, GATE), (MOTION, YARD), (MOTION, GATE)]


def test_a_stream_that_delivers_everything_is_not_renewed() -> None:
    """Otherwise it would be renewed all night."""
    server = Server()
    assert server.usual(*EVERYTHING, audits=20) == [False] * 20
    assert server.audit.not_pushed == ()


def test_a_silent_stream_is_renewed_at_once() -> None:
    """Only a new session receives events again."""
    server = Server()
    server.is_deaf = True
    assert server.usual(*EVERYTHING) == [True]
    server.is_deaf = False
    assert server.usual(*EVERYTHING, audits=20) == [False] * 20
    assert server.audit.not_pushed == ()


@pytest.mark.parametrize("subject", [PLATE, YARD], ids=str)
def test_a_type_missed_twice_renews_once_and_is_then_reported(subject: Subject) -> None:
    """Some types are never pushed; repeated renewals are useless."""
    server = Server(subject)
    assert server.usual(*EVERYTHING, audits=10) == [False, True, *[False] * 8]
    assert server.audit.not_pushed == (subject,)


def test_a_single_loss_renews_nothing() -> None:
    """Networks lose an event now and then, and the audit has found it."""
    server = Server(PLATE)
    assert server.usual(*EVERYTHING) == [False]
    server.deaf_for.clear()
    assert server.usual(*EVERYTHING, audits=5) == [False] * 5
    server.deaf_for.add(PLATE)
    assert server.usual(*EVERYTHING) == [False]


def test_a_rare_type_is_found_as_well() -> None:
    """Audits without such events are no evidence."""
    server = Server(PLATE)
    usual = [(MOTION, GATE), (MOTION, YARD)]
    for expected in (False, True, False):
        server.happens(PLATE, GATE)
        assert server.usual(*usual) == [expected]
        assert server.usual(*usual, audits=10) == [False] * 10
    assert server.audit.not_pushed == (PLATE,)


def test_a_renewal_that_has_helped_is_tried_again() -> None:
    """They may be two separate failures, and do not mean that it is never pushed."""
    server = Server(PLATE)
    assert server.usual(*EVERYTHING, audits=2) == [False, True]
    quiet = RENEWAL_HELPS_WITHIN // PACE
    assert server.usual((MOTION, GATE), (MOTION, YARD), audits=quiet) == [False] * quiet
    assert server.usual(*EVERYTHING) == [True]
    assert server.audit.not_pushed == ()


@pytest.mark.parametrize("subject", [PLATE, YARD], ids=str)
def test_a_type_that_is_pushed_again_is_not_reported(subject: Subject) -> None:
    """An update or a restart of the server may have fixed it."""
    server = Server(subject)
    server.usual(*EVERYTHING, audits=4)
    server.deaf_for.clear()
    assert server.usual(*EVERYTHING) == [False]
    assert server.audit.not_pushed == ()


def test_a_lone_type_does_not_renew_the_stream_all_night() -> None:
    """Nothing else is pushed meanwhile, so the stream seems to be silent."""
    server = Server(PLATE)
    hours = 8 * timedelta(hours=1) // (PACE + STEP)
    found = server.usual((PLATE, GATE), audits=hours)
    assert found[0]
    assert found.count(True) <= 5 + 4 * 8
    assert server.audit.is_silent
    assert server.audit.not_pushed == ()


def test_a_repaired_stream_is_soon_used_again() -> None:
    """A fault of some minutes must not end push for the day."""
    server = Server()
    server.is_deaf = True
    server.usual(*EVERYTHING, audits=4)
    seen = [server.audit.is_silent]
    # Only the next session receives events again; it begins within minutes.
    while server.usual(*EVERYTHING) != [True]:
        assert server.now < START + timedelta(minutes=10)
    server.is_deaf = False
    assert server.usual(*EVERYTHING, audits=4) == [False] * 4
    seen.append(server.audit.is_silent)
    assert seen == [True, False]


def test_a_silent_stream_is_renewed_again_and_again() -> None:
    """The cause may have been fixed meanwhile."""
    server = Server()
    server.is_deaf = True
    hours = 24 * timedelta(hours=1) // (PACE + 4 * STEP)
    found = server.usual(*EVERYTHING, audits=hours)
    longest = RENEWED_AT_LEAST_EVERY // (PACE + 4 * STEP) + 2
    for number in range(0, hours - longest, longest):
        assert any(found[number : number + longest])


def test_sources_are_not_reported_beside_their_type() -> None:
    """The repair names the cause, not every source that it affects."""
    server = Server(PLATE)
    server.usual((PLATE, GATE), (PLATE, YARD), (MOTION, None), audits=5)
    assert server.audit.not_pushed == (PLATE,)


def test_events_outside_the_subscription_are_not_missed_by_the_stream() -> None:
    """The options decide what the server pushes."""
    server = Server(PLATE, covers=False)
    assert server.usual(*EVERYTHING, audits=5) == [False] * 5


def test_events_that_may_still_be_pushed_are_not_missed_by_the_stream() -> None:
    """A poll at the same moment proves nothing."""
    server = Server(PLATE)
    server.happens(PLATE, GATE)
    assert not server.is_audited(PUSH_LAG)
    assert server.audit.finds == 0
    server.is_audited(timedelta(seconds=1))
    assert server.audit.finds == 1


def test_events_before_the_stream_are_not_missed_by_it() -> None:
    """There was no stream on which it could be pushed."""
    server = Server()
    server.is_deaf = True
    server.happens(MOTION, GATE)
    server.audit.began(server.now)
    assert not server.is_audited()


def test_a_push_that_is_slower_than_the_poll_is_a_push() -> None:
    """It is dropped as a repeat, but shows that the type is pushed."""
    server = Server(PLATE)
    for _ in range(10):
        server.happens(PLATE, GATE)
        server.happens(MOTION, YARD)
        late = server.stored.copy()
        assert not server.is_audited()
        server.audit.pushed(late, server.now)
    assert server.audit.not_pushed == ()


def test_the_number_of_remembered_types_is_limited() -> None:
    """A server may have a new one for each event."""
    server = Server()
    server.is_deaf = True
    for _ in range(2):
        for number in range(MAX_AWAITED + 10):
            server.happens(f"type {number}", Source("cameras", f"{number}"))
        server.is_audited()
    assert len(server.audit.not_pushed) <= MAX_SUSPECTS


SUBJECTS: tuple[Subject, ...] = (MOTION, PLATE, "input", GATE, YARD)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[list[tuple[str, Source | None]], int]]:
    """Draw the events before each audit, and the time of each."""
    happening = st.tuples(
        st.sampled_from([MOTION, PLATE, "input"]),
        st.sampled_from([GATE, YARD, None]),
    )
    return draw(
        st.lists(
            st.tuples(st.lists(happening, max_size=6), st.integers(2, 90)), max_size=40
        )
    )


def follow(
    server: Server, history: Iterable[tuple[list[tuple[str, Source | None]], int]]
) -> None:
    """Replay a history."""
    for happening, seconds in history:
        for type_id, source in happening:
            server.happens(type_id, source)
        server.is_audited(timedelta(seconds=seconds))


@given(histories())
def test_a_stream_that_delivers_everything_is_never_reported(
    history: list[tuple[list[tuple[str, Source | None]], int]],
) -> None:
    """With any events, and audits at any time."""
    server = Server()
    follow(server, history)
    assert (server.renewals, server.audit.not_pushed) == (0, ())


@given(st.sampled_from(SUBJECTS), histories())
def test_only_types_that_are_never_pushed_are_named(
    subject: Subject, history: list[tuple[list[tuple[str, Source | None]], int]]
) -> None:
    """A type that is pushed meanwhile is not named; few renewals are enough."""
    server = Server(subject)
    follow(server, history)
    minutes = (server.now - START) / timedelta(minutes=1)
    assert server.renewals <= 2 * len(SUBJECTS) + minutes / 10 * len(SUBJECTS)
    for named in server.audit.not_pushed:
        is_itself = named == subject
        # Nothing else of this type has been pushed since it was named.
        if isinstance(named, Source):
            server.happens(MOTION, named)
        else:
            server.happens(named, None)
        is_pushed = named not in server.audit.not_pushed
        assert is_itself or is_pushed


@given(histories(), st.sampled_from(SUBJECTS))
def test_a_report_ends_with_the_first_push(
    history: list[tuple[list[tuple[str, Source | None]], int]], subject: Subject
) -> None:
    """The repair disappears with its cause."""
    server = Server(subject)
    follow(server, history)
    server.deaf_for.clear()
    for type_id in (MOTION, PLATE, "input"):
        for source in (GATE, YARD):
            server.happens(type_id, source)
    assert server.audit.not_pushed == ()
