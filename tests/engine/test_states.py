"""The current state: the newest event wins, and the server's own answer."""

import asyncio
from datetime import UTC, datetime, timedelta
import tracemalloc

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import Event, Source
from custom_components.xprotect_events.engine import states as states_module
from custom_components.xprotect_events.engine.arrival import Arrival, Origin
from custom_components.xprotect_events.engine.catalog import State
from custom_components.xprotect_events.engine.states import (
    MAX_ROUNDS,
    StateKey,
    States,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

CAMERA: StateKey = (Source("cameras", "a"), "motion")
OTHER_GROUP: StateKey = (Source("cameras", "a"), "recording")
OTHER_CAMERA: StateKey = (Source("cameras", "b"), "motion")
KEYS = (CAMERA, OTHER_GROUP, OTHER_CAMERA)


def event(
    name: str,
    time: datetime = NOON,
    *,
    key: StateKey = CAMERA,
    number: int | None = None,
    digit: int = 0,
) -> Event:
    """Return an event of this time; `digit` is the seventh, which times cannot hold.

    Its type is the name of the state group.
    """
    source, group = key
    return Event.from_wire(
        {
            "id": name,
            "type": group,
            "source": str(source),
            "time": f"{time:%Y-%m-%dT%H:%M:%S.%f}{digit}Z",
            "localId": number,
        },
        "event",
    )


def meaning(happened: Event) -> tuple[StateKey, State] | None:
    """Make every event set the state of its group, which has the name of the event."""
    if happened.source is None:
        return None
    group = happened.type_id
    state = State(group=group, group_name=None, name=happened.id, is_on=None)
    return (happened.source, group), state


class Known:
    """States, and what was shown of them."""

    def __init__(self, *shown: StateKey) -> None:
        self.changes: list[tuple[StateKey, str | None]] = []
        self.states = States[str](
            meaning, lambda key, cause: self.changes.append((key, cause)), lambda: shown
        )

    @property
    def motion(self) -> str | None:
        """The name of the event that has set what is shown of the camera."""
        state = self.states.state(CAMERA)
        return state.name if state else None

    def needs_stored(self) -> bool:
        """Whether stored events are to be read for states."""
        return self.states.needs_stored_events

    def push(self, happened: Event, now: datetime | None = None) -> bool:
        """Take in a pushed event that arrives at the server's now, else at once."""
        return self._fold(Arrival.of(happened, now or happened.time))

    def poll(
        self, happened: Event, now: datetime, unknown_until: datetime | None = None
    ) -> bool:
        """Take in a polled event that no answer contained until then."""
        arrival = Arrival.of(
            happened, now, origin=Origin.POLL, unknown_until=unknown_until
        )
        return self._fold(arrival)

    def _fold(self, arrival: Arrival) -> bool:
        """Take in an event; return whether it contradicts what is known."""
        before = self.states.contradictions
        self.states.fold(arrival, arrival.event.id)
        return self.states.contradictions > before

    def answer(
        self, *events: Event, at: datetime, meanwhile: tuple[Event, ...] = ()
    ) -> None:
        """Take the answer to a question, and pushed events that come before it."""

        async def take() -> None:
            with self.states.asking(at) as question:
                for one in meanwhile:
                    self.push(one)
                await self.states.take_answer(question, events)

        asyncio.run(take())

    def stored(self, *events: Event, at: datetime) -> None:
        """Take stored events."""

        async def take() -> None:
            with self.states.asking(at) as question:
                await self.states.take_stored(question, events)

        asyncio.run(take())


def test_a_state_is_unknown_until_an_event_shows_it() -> None:
    """A camera without events is not a camera without motion."""
    assert Known().motion is None


def test_an_event_sets_its_own_source_and_group_and_no_other() -> None:
    """The terrace is not the front door."""
    known = Known()
    moved = event("moved")
    known.push(moved)
    assert known.states.newest(CAMERA) is moved
    assert known.states.newest(OTHER_GROUP) is None
    assert known.states.newest(OTHER_CAMERA) is None
    assert known.changes == [(CAMERA, "moved")]
    assert len(known.states) == 1


def test_a_newer_event_replaces_an_older_one() -> None:
    """Motion ends some time."""
    known = Known()
    known.push(event("moved"))
    known.push(event("rested", NOON + SECOND))
    assert known.motion == "rested"


def test_an_older_event_that_comes_later_changes_nothing() -> None:
    """A recorder that was offline stores afterwards what is long over."""
    known = Known()
    known.push(event("rested"))
    known.push(event("moved", NOON - SECOND), NOON)
    assert known.motion == "rested"
    assert known.changes == [(CAMERA, "rested")]


def test_a_pushed_event_that_is_older_is_a_reason_to_ask_for_the_time() -> None:
    """Events of the stream may change places; or the clock was set back."""
    known = Known()
    assert not known.push(event("rested"))
    assert known.push(event("moved", NOON - SECOND), NOON)
    assert not known.push(event("rested"), NOON)
    assert known.push(event("missed", NOON - 5 * MINUTE), NOON)
    # Polls bring the server's time anyway.
    assert not known.poll(event("polled", NOON - SECOND), NOON)


def test_the_same_event_again_is_nothing_new() -> None:
    """An answer shows what an event has shown already."""
    known = Known()
    known.push(event("moved"))
    known.push(event("moved"))
    known.answer(event("moved"), at=NOON)
    assert len(known.changes) == 1


def test_the_seventh_digit_of_a_time_decides() -> None:
    """Motion can start and stop within a microsecond, or a server writes it so."""
    known = Known()
    known.push(event("later", digit=7))
    known.push(event("earlier", digit=3))
    assert known.motion == "later"


def test_a_time_may_end_where_only_zeros_follow() -> None:
    """Some servers write six digits where the seventh is a zero."""
    known = Known()
    later = event("later", digit=1)
    earlier = later._replace(
        id="earlier", time_text=later.time_text.replace("1Z", "Z"), local_id=2
    )
    for one, shown in ((earlier, "earlier"), (later, "later"), (earlier, "later")):
        known.push(one)
        assert known.motion == shown


def test_of_the_same_instant_the_number_decides_or_what_comes_last() -> None:
    """Stored events have numbers, pushed ones have none."""
    known = Known()
    for one, shown in (
        (event("first"), "first"),
        (event("second"), "second"),
        (event("third", number=7), "third"),
        (event("first", number=6), "third"),
        (event("second", number=8), "second"),
    ):
        known.push(one)
        assert known.motion == shown


def test_an_event_that_an_earlier_answer_may_have_contained_is_not_the_newest() -> None:
    """A poll finds what push has not brought; its camera was ahead all the time."""
    known = Known()
    ahead = timedelta(seconds=10)
    known.push(event("rested", NOON + ahead), NOON)
    moved = event("moved", NOON - SECOND + ahead)
    known.poll(moved, NOON + ahead, NOON - 20 * SECOND)
    assert known.motion == "rested"
    known.poll(moved, NOON + ahead, NOON)
    assert known.motion == "moved"


def test_an_event_of_the_future_counts_as_of_its_arrival() -> None:
    """A camera with a wrong clock would keep its state until the future has come."""
    known = Known()
    known.push(event("ahead", NOON + timedelta(hours=1)), NOON)
    known.push(event("rested", NOON + SECOND))
    assert known.motion == "rested"


@given(st.lists(st.integers(0, 20), min_size=1, unique=True))
def test_whatever_the_order_the_newest_wins(seconds: list[int]) -> None:
    """Push, poll and catch-up bring the same events in any order."""
    known = Known()
    for second in seconds:
        known.push(event(str(second), NOON + second * SECOND))
    assert known.motion == str(max(seconds))


@given(
    st.sampled_from([-7200, -5, -1, 0, 1, 5, 7200]),
    st.lists(st.tuples(st.integers(1, 3_000_000), st.integers(0, 1_000_000))),
)
def test_of_two_events_of_a_source_the_second_counts(
    ahead: int, happening: list[tuple[int, int]]
) -> None:
    """Whether its clock is right or not, and however slow our idea of now is."""
    known = Known()
    now = NOON
    for number, (gap, slow) in enumerate(happening):
        now += timedelta(microseconds=gap)
        known.push(
            event(str(number), now + ahead * SECOND),
            now - timedelta(microseconds=slow),
        )
        known.states.release()
        assert known.motion == str(number)


@pytest.mark.parametrize(
    ("behind", "shown"),
    [
        (0.5, "moved"),
        (3, "rested"),
        (30, "rested"),
        (14 * 60, "rested"),
        (16 * 60, "moved"),
    ],
)
def test_of_two_stored_events_the_number_decides_when_a_clock_has_fallen_behind(
    behind: float, shown: str
) -> None:
    """A recorder whose clock was set back would hold its states fast until then.

    Not for what happens at once, and not where an event was stored late because its
    recorder was offline.
    """
    known = Known()
    known.poll(event("moved", number=7), NOON)
    rested = event("rested", NOON - behind * SECOND, number=8)
    known.poll(rested, NOON + SECOND)
    known.states.release()
    assert known.motion == shown


@pytest.mark.parametrize("set_back", [3, 30, 3600])
def test_what_happens_after_the_clock_was_set_back_is_newer(set_back: int) -> None:
    """Its time is earlier than that of the event before."""
    known = Known()
    known.push(event("moved"))
    known.push(event("ahead", NOON + MINUTE, key=OTHER_CAMERA), NOON)
    known.states.shift(-set_back * SECOND)
    now = NOON + SECOND - set_back * SECOND
    known.push(event("rested", now))
    known.push(event("corrected", now, key=OTHER_CAMERA))
    assert known.motion == "rested"
    newest = known.states.newest(OTHER_CAMERA)
    assert newest is not None
    assert newest.id == "corrected"


def test_after_a_step_forward_what_was_on_its_way_is_still_newer() -> None:
    """It was pushed before the step, and comes after it."""
    known = Known()
    known.push(event("moved"))
    known.states.shift(timedelta(hours=1))
    known.push(event("rested", NOON + SECOND))
    assert known.motion == "rested"


def test_what_the_server_says_holds_against_all_that_was_known_before() -> None:
    """A recorder's clock is behind, and so the end of its motion seems older."""
    known = Known()
    known.push(event("moved"))
    rested = event("rested", NOON - 30 * SECOND)
    known.push(rested, NOON + SECOND)
    assert known.motion == "moved"
    known.answer(rested, at=NOON + MINUTE)
    assert known.motion == "rested"
    assert known.changes[-1] == (CAMERA, None)


@pytest.mark.parametrize(
    ("time", "shown"),
    [(NOON + MINUTE, "pushed"), (NOON + 2 * SECOND, "pushed"), (NOON, "answered")],
)
def test_what_comes_before_the_answer_is_newer_unless_its_time_is_older(
    time: datetime, shown: str
) -> None:
    """A large server takes a minute or two to answer."""
    known = Known()
    known.answer(
        event("answered", NOON + SECOND),
        at=NOON + 2 * SECOND,
        meanwhile=(event("pushed", time),),
    )
    assert known.motion == shown


def test_a_missed_event_that_comes_before_the_answer_is_older() -> None:
    """It is a state of the past, with any state since."""
    known = Known()

    async def take() -> None:
        with known.states.asking(NOON) as question:
            known.push(event("missed", NOON - 2 * MINUTE), NOON)
            await known.states.take_answer(question, [event("a", NOON - 3 * MINUTE)])

    asyncio.run(take())
    assert known.motion == "a"
    assert not known.states.withholds


def test_what_an_answer_lacks_is_kept_and_looked_for_in_stored_events() -> None:
    """A server that has just been started has few states, or none."""
    known = Known(*KEYS)
    known.stored(event("moved"), at=NOON)
    known.answer(at=NOON)
    assert known.motion == "moved"
    assert not known.states.needs_snapshot
    # Once: what is stored from now on is polled.
    assert not known.needs_stored()
    known.states.forget()
    known.answer(event("moved"), at=NOON)
    assert known.needs_stored()
    known.stored(event("recorded", NOON - MINUTE, key=OTHER_GROUP), at=NOON)
    assert known.states.newest(OTHER_GROUP) is not None
    assert not known.needs_stored()


def test_a_whole_answer_makes_stored_events_needless() -> None:
    """Ten pages of a thousand events are a burden for a large server."""
    known = Known(CAMERA)
    assert known.needs_stored()
    with known.states.asking(NOON):
        assert not known.needs_stored()
    assert known.needs_stored()
    known.answer(event("moved"), at=NOON)
    assert not known.needs_stored()


def test_stored_events_do_not_answer_for_the_server() -> None:
    """Some events are never stored."""
    known = Known()
    known.stored(event("moved"), at=NOON)
    assert known.states.needs_snapshot


def test_of_stored_events_the_newest_counts() -> None:
    """Also when what was pushed meanwhile is newer."""
    known = Known()
    known.push(event("rested", NOON + SECOND))
    known.stored(event("moved"), event("before", NOON - SECOND), at=NOON)
    assert known.motion == "rested"


def test_what_is_forgotten_is_unknown_and_asked_for_again() -> None:
    """The connection was gone, and anything may have happened."""
    known = Known()
    known.answer(event("moved"), at=NOON)
    known.states.forget()
    assert known.motion is None
    assert known.states.needs_snapshot
    assert known.needs_stored()
    known.push(event("rested", NOON - SECOND))
    assert known.motion == "rested"


def test_a_source_that_is_gone_takes_its_states_along_and_no_others() -> None:
    """It may return in a week, and its states are unknown until then."""
    known = Known()
    for key in KEYS:
        known.push(event("before", key=key))
    known.push(event("missed", NOON + SECOND), NOON + 5 * MINUTE)
    known.states.forget_sources({CAMERA[0]})
    assert known.motion is None
    assert known.states.state(OTHER_GROUP) is None
    assert known.states.state(OTHER_CAMERA) is not None
    assert not known.states.withholds
    known.push(event("after", NOON - SECOND))
    assert known.motion == "after"


@pytest.mark.parametrize("how", ["take_answer", "take_stored"])
async def test_what_is_forgotten_does_not_come_back_in_the_same_answer(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The newest states are forgotten, too: older ones would take their place."""
    monkeypatch.setattr(states_module, "STATES_AT_ONCE", 1)
    known = Known()
    rows = [event("newest", key=OTHER_CAMERA), event("older"), event("oldest")]
    with known.states.asking(NOON) as question:
        taking = asyncio.create_task(getattr(known.states, how)(question, rows))
        await asyncio.sleep(0)
        known.states.forget()
        await taking
    assert len(known.states) == 0
    assert known.states.needs_snapshot
    assert known.needs_stored()


async def test_an_answer_that_comes_after_forgetting_counts() -> None:
    """It was asked for before, and is newer than everything that was known."""
    known = Known()
    with known.states.asking(NOON) as question:
        known.states.forget()
        await known.states.take_stored(question, [event("moved")])
    assert known.motion == "moved"


def test_missed_events_change_a_state_once_and_at_their_end() -> None:
    """Motion that is long over must not run an automation six times."""
    known = Known()
    known.push(event("now", NOON - 15 * MINUTE))
    for minute in range(10, 2, -1):
        known.push(event(f"{minute}", NOON - minute * MINUTE), NOON)
        known.states.settle()
        assert known.motion == "now"
    assert known.states.withholds
    known.states.settle()
    known.states.settle()
    assert known.changes == [(CAMERA, "now"), (CAMERA, "3")]
    assert known.motion == "3"
    assert not known.states.withholds


def test_what_is_live_shows_at_once_what_missed_events_came_to() -> None:
    """They are over, and this is how it is."""
    known = Known()
    known.push(event("missed", NOON - 5 * MINUTE), NOON)
    known.push(event("live"))
    assert known.motion == "live"
    assert not known.states.withholds


def test_what_polls_have_missed_waits_for_the_end_of_the_poll() -> None:
    """A poll that fails may have read half of what has happened."""
    known = Known()
    known.poll(event("missed", NOON - 5 * MINUTE), NOON)
    known.states.settle()
    known.states.settle()
    assert known.motion is None
    known.states.poll_ended()
    known.states.settle()
    known.states.settle()
    assert known.motion == "missed"


def test_what_is_withheld_is_shown_at_the_end_of_a_catch_up() -> None:
    """Entities become available with it, and with nothing else before it."""
    known = Known()
    known.poll(event("missed", NOON - 5 * MINUTE), NOON)
    known.states.release()
    assert known.motion == "missed"


def test_a_source_that_has_missed_events_only_shows_them_all_the_same() -> None:
    """The clock of its recorder is some minutes slow."""
    known = Known()
    for number in range(MAX_ROUNDS + 2):
        known.push(event(f"{number}", NOON + number * SECOND), NOON + 5 * MINUTE)
        known.states.settle()
    assert known.motion == f"{MAX_ROUNDS}"


def test_an_answer_shows_what_missed_events_came_to() -> None:
    """The server confirms or corrects it."""
    known = Known()
    missed = event("missed", NOON - 5 * MINUTE)
    known.push(missed, NOON)
    known.answer(missed, at=NOON)
    assert known.motion == "missed"


def test_many_states_are_shown_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """16,000 sensors at once would hold up everything else."""
    monkeypatch.setattr(states_module, "STATES_AT_ONCE", 2)
    known = Known()
    for key in KEYS:
        known.push(event(f"{key}", NOON - 5 * MINUTE, key=key), NOON)
    assert not known.states.settle()
    assert known.states.settle()
    assert len(known.changes) == 2
    assert not known.states.settle()
    assert len(known.changes) == 3


def test_sources_without_end_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a hostile server has so many; known ones are still updated."""
    monkeypatch.setattr(states_module, "MAX_STATES", 2)
    known = Known()
    known.push(event("one"))
    known.push(event("two", key=OTHER_CAMERA))
    known.push(event("three", key=OTHER_GROUP))
    known.answer(event("three", key=OTHER_GROUP), at=NOON)
    assert known.states.newest(OTHER_GROUP) is None
    known.push(event("four", NOON + SECOND))
    assert known.motion == "four"


def test_pictures_in_events_do_not_stay_in_the_memory() -> None:
    """Plate readers attach them; a state is set for good, and needs none of it."""
    known = Known()
    now = NOON + 5 * MINUTE

    def take(number: int) -> None:
        key = (Source("cameras", f"{number}"), "motion")
        heavy = event(f"{number}", key=key)._replace(
            tag="t" * 4096, data={"picture": f"{number}" * 1_000_000}
        )
        # Live, missed, answered, and stored.
        match number % 4:
            case 0:
                known.push(heavy)
            case 1:
                known.push(heavy, now)
            case 2:
                known.answer(heavy, at=now)
            case _:
                known.stored(heavy, at=now)

    tracemalloc.start()
    try:
        for number in range(60):
            take(number)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(known.states) == 60
    assert kept < 1_000_000


def test_an_event_that_sets_no_state_changes_nothing() -> None:
    """Most have no source, or no state group."""
    known = Known()
    stateless = event("gate")._replace(source=None)
    known.push(stateless)
    known.answer(stateless, at=NOON)
    assert known.changes == []
    assert not known.states.is_newer_state(stateless)


def test_an_event_is_news_when_it_is_newer_than_what_is_known() -> None:
    """A stream that has not brought such an event is silent."""
    known = Known()
    assert known.states.is_newer_state(event("moved"))
    known.push(event("moved"))
    assert not known.states.is_newer_state(event("moved"))
    assert known.states.is_newer_state(event("rested", NOON + SECOND))
