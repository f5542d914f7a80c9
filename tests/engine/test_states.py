"""The current state: the newest event wins, whenever it arrives."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import Event, Source
from custom_components.xprotect_events.engine import states as states_module
from custom_components.xprotect_events.engine.arrival import Arrival
from custom_components.xprotect_events.engine.states import StateKey, States

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

CAMERA: StateKey = (Source("cameras", "a"), "motion")
OTHER_GROUP: StateKey = (Source("cameras", "a"), "recording")
OTHER_CAMERA: StateKey = (Source("cameras", "b"), "motion")


def event(name: str, time: datetime = NOON, *, digit: int = 0) -> Event:
    """Return an event of this time; `digit` is the seventh, which times cannot hold."""
    return Event.from_wire(
        {
            "id": name,
            "type": "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77",
            "time": f"{time:%Y-%m-%dT%H:%M:%S.%f}{digit}Z",
        },
        "event",
    )


def test_a_state_is_unknown_until_an_event_tells_it() -> None:
    """A camera that has said nothing has not said that all is quiet."""
    assert States().newest(CAMERA) is None


def test_an_event_sets_its_own_source_and_group_and_no_other() -> None:
    """The terrace is not the front door."""
    states = States()
    moved = event("moved")
    assert states.fold(CAMERA, moved, as_of=NOON)
    assert states.newest(CAMERA) is moved
    assert states.newest(OTHER_GROUP) is None
    assert states.newest(OTHER_CAMERA) is None


def test_a_newer_event_replaces_an_older_one() -> None:
    """Motion ends some time."""
    states = States()
    states.fold(CAMERA, event("moved"), as_of=NOON)
    rested = event("rested", NOON + SECOND)
    assert states.fold(CAMERA, rested, as_of=NOON + SECOND)
    assert states.newest(CAMERA) is rested


def test_an_older_event_that_comes_later_changes_nothing() -> None:
    """A recorder that was offline tells what is long over."""
    states = States()
    rested = event("rested", NOON)
    states.fold(CAMERA, rested, as_of=NOON)
    assert not states.fold(CAMERA, event("moved", NOON - SECOND), as_of=NOON - SECOND)
    assert states.newest(CAMERA) is rested


def test_the_same_event_again_is_nothing_new() -> None:
    """A baseline shows what an event has told already."""
    states = States()
    moved = event("moved")
    assert states.fold(CAMERA, moved, as_of=NOON)
    assert not states.fold(CAMERA, moved, as_of=NOON)


def test_the_seventh_digit_of_a_time_decides() -> None:
    """Motion can start and stop within a microsecond, or a server writes it so."""
    states = States()
    later = event("later", digit=7)
    states.fold(CAMERA, later, as_of=NOON)
    assert not states.fold(CAMERA, event("earlier", digit=3), as_of=NOON)
    assert states.newest(CAMERA) is later


def test_a_time_may_end_where_only_zeros_follow() -> None:
    """Some servers write six digits where the seventh is a zero."""
    states = States()
    later = event("later", digit=1)
    earlier = later._replace(
        id="earlier", time_text=later.time_text.replace("1Z", "Z"), local_id=2
    )
    assert states.fold(CAMERA, earlier, as_of=NOON)
    assert states.fold(CAMERA, later, as_of=NOON)
    assert not states.fold(CAMERA, earlier, as_of=NOON)


def test_of_the_same_instant_the_number_decides_or_what_comes_last() -> None:
    """Stored events have numbers, pushed ones have none."""
    states = States()
    first, second = event("first"), event("second")
    assert states.fold(CAMERA, first, as_of=NOON)
    assert states.fold(CAMERA, second, as_of=NOON)
    numbered = event("third")._replace(local_id=7)
    assert states.fold(CAMERA, numbered, as_of=NOON)
    assert not states.fold(CAMERA, first._replace(local_id=6), as_of=NOON)
    assert states.fold(CAMERA, second._replace(local_id=8), as_of=NOON)


def test_what_was_perhaps_told_before_is_not_the_newest_because_of_a_wrong_clock() -> (
    None
):
    """A poll finds what push has missed: its camera is ahead, and was all the time."""
    states = States()
    ahead = timedelta(seconds=10)
    states.fold(CAMERA, event("rested", NOON + ahead), as_of=NOON)
    moved = event("moved", NOON - SECOND + ahead)
    known = NOON - 20 * SECOND
    assert not states.fold(CAMERA, moved, as_of=moved.time, unknown_until=known)
    assert states.fold(CAMERA, moved, as_of=moved.time, unknown_until=NOON)


def test_an_event_of_the_future_counts_as_of_now() -> None:
    """A camera with a wrong clock would keep its state until the future has come."""
    states = States()
    ahead = event("ahead", NOON + timedelta(hours=1))
    states.fold(CAMERA, ahead, as_of=NOON)
    rested = event("rested", NOON + SECOND)
    assert states.fold(CAMERA, rested, as_of=NOON + SECOND)
    assert states.newest(CAMERA) is rested


@given(st.lists(st.integers(0, 20), min_size=1, unique=True))
def test_whatever_the_order_the_newest_wins(seconds: list[int]) -> None:
    """Push, poll and catch-up bring the same events in any order."""
    states = States()
    for second in seconds:
        time = NOON + second * SECOND
        states.fold(CAMERA, event(str(second), time), as_of=time)
    newest = states.newest(CAMERA)
    assert newest is not None
    assert newest.id == str(max(seconds))


@given(
    st.sampled_from([-7200, -5, -1, 0, 1, 5, 7200]),
    st.lists(st.tuples(st.integers(1, 3_000_000), st.integers(0, 1_000_000))),
)
def test_of_two_events_of_a_source_the_second_counts(
    ahead: int, happening: list[tuple[int, int]]
) -> None:
    """Whether its clock is right or not, and however slow our idea of now is."""
    states = States()
    now = NOON
    for number, (gap, slow) in enumerate(happening):
        now += timedelta(microseconds=gap)
        told = event(str(number), now + ahead * SECOND)
        known_now = now - timedelta(microseconds=slow)
        arrival = Arrival.of(told, known_now)
        assert states.fold(CAMERA, told, as_of=arrival.as_of)


def test_what_is_forgotten_is_unknown_and_named() -> None:
    """Whoever shows it has to be told that it is known no longer."""
    states = States()
    for key in (CAMERA, OTHER_GROUP, OTHER_CAMERA):
        states.fold(key, event("some"), as_of=NOON)
    assert set(states.forget_all_but({CAMERA})) == {OTHER_GROUP, OTHER_CAMERA}
    assert states.newest(CAMERA) is not None
    assert states.newest(OTHER_GROUP) is None
    assert states.forget_all_but(()) == (CAMERA,)
    assert states.forget_all_but(()) == ()


def test_after_forgetting_an_older_event_is_news_again() -> None:
    """The server's word counts, and it may be of yesterday."""
    states = States()
    states.fold(CAMERA, event("moved"), as_of=NOON)
    states.forget_all_but(())
    rested = event("rested", NOON - SECOND)
    assert states.fold(CAMERA, rested, as_of=NOON - SECOND)


def test_a_clock_that_was_set_back_does_not_hold_states_fast() -> None:
    """What happens now would otherwise be older than what happened before."""
    states = States()
    states.fold(CAMERA, event("moved", NOON), as_of=NOON)
    an_hour_ago = NOON - timedelta(hours=1)
    states.set_back(an_hour_ago)
    rested = event("rested", an_hour_ago + SECOND)
    assert states.fold(CAMERA, rested, as_of=an_hour_ago + SECOND)
    assert states.newest(CAMERA) is rested


def test_a_clock_that_was_set_back_makes_no_state_newer() -> None:
    """What happened between the state and then is newer than the state."""
    states = States()
    states.fold(CAMERA, event("ahead", NOON + timedelta(hours=1)), as_of=NOON)
    states.set_back(NOON + 5 * SECOND)
    rested = event("rested", NOON + SECOND)
    assert states.fold(CAMERA, rested, as_of=NOON + SECOND)


def test_sources_without_end_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a server that makes them up has so many; those known go on."""
    monkeypatch.setattr(states_module, "MAX_STATES", 2)
    states = States()
    assert states.fold(CAMERA, event("one"), as_of=NOON)
    assert states.fold(OTHER_CAMERA, event("two"), as_of=NOON)
    assert not states.fold(OTHER_GROUP, event("three"), as_of=NOON)
    assert states.newest(OTHER_GROUP) is None
    later = NOON + SECOND
    assert states.fold(CAMERA, event("four", later), as_of=later)
