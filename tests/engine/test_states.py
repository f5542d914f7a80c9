"""The current state: the newest event wins, and the server's own answer."""

from datetime import timedelta
import tracemalloc

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import Source
from custom_components.xprotect_events.engine import states as states_module
from tests.engine.known_states import (
    CAMERA,
    MINUTE,
    NOON,
    OTHER_CAMERA,
    OTHER_GROUP,
    SECOND,
    Known,
    event,
)


def test_a_state_is_unknown_until_an_event_shows_it() -> None:
    """A camera without events may still see motion."""
    assert Known().motion is None


def test_an_event_sets_its_own_source_and_group_and_no_other() -> None:
    """Other sources keep their states."""
    known = Known()
    moved = event("moved")
    known.push(moved)
    assert known.states.newest(CAMERA) is moved
    assert known.states.newest(OTHER_GROUP) is None
    assert known.states.newest(OTHER_CAMERA) is None
    assert known.changes == [(CAMERA, "moved")]
    assert len(known.states) == 1


def test_a_newer_event_replaces_an_older_one() -> None:
    """Motion ends at some time."""
    known = Known()
    known.push(event("moved"))
    known.push(event("rested", NOON + SECOND))
    assert known.motion == "rested"


def test_an_older_event_that_comes_later_changes_nothing() -> None:
    """A recorder that was offline stores old events afterwards."""
    known = Known()
    known.push(event("rested"))
    known.push(event("moved", NOON - SECOND), NOON)
    assert known.motion == "rested"
    assert known.changes == [(CAMERA, "rested")]


def test_a_pushed_event_that_is_older_causes_a_request_for_the_time() -> None:
    """Pushed events may be out of order, or the clock was set back."""
    known = Known()
    assert not known.push(event("rested"))
    assert known.push(event("moved", NOON - SECOND), NOON)
    assert not known.push(event("rested"), NOON)
    assert known.push(event("missed", NOON - 5 * MINUTE), NOON)
    # Polls receive the server's time anyway.
    assert not known.poll(event("polled", NOON - SECOND), NOON)


def test_the_same_event_again_is_nothing_new() -> None:
    """An answer may contain an event that was pushed before."""
    known = Known()
    known.push(event("moved"))
    known.push(event("moved"))
    known.answer(event("moved"), at=NOON)
    assert len(known.changes) == 1


def test_the_seventh_digit_of_a_time_decides() -> None:
    """Motion may start and stop within a microsecond."""
    known = Known()
    known.push(event("later", digit=7))
    known.push(event("earlier", digit=3))
    assert known.motion == "later"


def test_a_time_may_end_where_only_zeros_follow() -> None:
    """Some servers write six digits if the seventh is a zero."""
    known = Known()
    later = event("later", digit=1)
    earlier = later._replace(
        id="earlier", time_text=later.time_text.replace("1Z", "Z"), local_id=2
    )
    for one, shown in ((earlier, "earlier"), (later, "later"), (earlier, "later")):
        known.push(one)
        assert known.motion == shown


def test_of_one_instant_the_number_decides_or_the_last_to_arrive() -> None:
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
    """A poll finds an event that was not pushed, of a camera whose clock is ahead."""
    known = Known()
    ahead = timedelta(seconds=10)
    known.push(event("rested", NOON + ahead), NOON)
    moved = event("moved", NOON - SECOND + ahead)
    known.poll(moved, NOON + ahead, NOON - 20 * SECOND)
    assert known.motion == "rested"
    known.poll(moved, NOON + ahead, NOON)
    assert known.motion == "moved"


def test_an_event_of_the_future_counts_as_of_its_arrival() -> None:
    """Otherwise a camera with a wrong clock would keep its state until that time."""
    known = Known()
    known.push(event("ahead", NOON + timedelta(hours=1)), NOON)
    known.push(event("rested", NOON + SECOND))
    assert known.motion == "rested"


@given(st.lists(st.integers(0, 20), min_size=1, unique=True))
def test_whatever_the_order_the_newest_wins(seconds: list[int]) -> None:
    """Push, poll and catch-up deliver the same events in any order."""
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
    """Whether its clock is right or not, and however slow our estimate of now is."""
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
    """Otherwise a recorder whose clock was set back would keep its states until then.

    This does not apply to events at the same time, or stored with a delay by an offline
    recorder.
    """
    known = Known()
    known.poll(event("moved", number=7), NOON)
    rested = event("rested", NOON - behind * SECOND, number=8)
    known.poll(rested, NOON + SECOND)
    known.states.release()
    assert known.motion == shown


@pytest.mark.parametrize("set_back", [3, 30, 3600])
def test_events_after_the_clock_was_set_back_are_newer(set_back: int) -> None:
    """Its time is before that of the last event."""
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


def test_events_that_were_being_sent_during_a_step_forward_are_newer() -> None:
    """It was pushed before the step, and arrives after it."""
    known = Known()
    known.push(event("moved"))
    known.states.shift(timedelta(hours=1))
    known.push(event("rested", NOON + SECOND))
    assert known.motion == "rested"


def test_the_number_of_sources_in_memory_is_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a hostile server has so many; known sources are still updated."""
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
    """Plate readers attach pictures, which a state does not need."""
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
    """Most events have no source, or no state group."""
    known = Known()
    stateless = event("gate")._replace(source=None)
    known.push(stateless)
    known.answer(stateless, at=NOON)
    assert known.changes == []
    assert not known.states.is_newer_state(stateless)


def test_an_event_is_news_if_it_is_newer_than_the_known_state() -> None:
    """A stream that has not pushed such an event is silent."""
    known = Known()
    assert known.states.is_newer_state(event("moved"))
    known.push(event("moved"))
    assert not known.states.is_newer_state(event("moved"))
    assert known.states.is_newer_state(event("rested", NOON + SECOND))
