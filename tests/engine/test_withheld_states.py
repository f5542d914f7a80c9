"""States of missed events are withheld until the catch-up is over."""

from custom_components.xprotect_events.engine.states import (
    MAX_ROUNDS,
)
from tests.engine.known_states import CAMERA, KEYS, MINUTE, NOON, SECOND, Known, event


def test_missed_events_change_a_state_once_at_their_end() -> None:
    """Old motion must not run an automation six times."""
    known = Known()
    known.push(event("now", NOON - 15 * MINUTE))
    for minute in range(10, 2, -1):
        known.push(event(f"{minute}", NOON - minute * MINUTE), NOON)
        known.settle()
        assert known.motion == "now"
    assert known.states.withholds
    known.settle()
    known.settle()
    assert known.changes == [(CAMERA, "now"), (CAMERA, "3")]
    assert known.motion == "3"
    assert not known.states.withholds


def test_a_live_event_shows_the_withheld_state_at_once() -> None:
    """The missed events are over, and this is the current state."""
    known = Known()
    known.push(event("missed", NOON - 5 * MINUTE), NOON)
    known.push(event("live"))
    assert known.motion == "live"
    assert not known.states.withholds


def test_states_of_missed_polled_events_wait_for_the_end_of_the_poll() -> None:
    """A failed poll may have read only some of the events."""
    known = Known()
    known.poll(event("missed", NOON - 5 * MINUTE), NOON)
    known.settle()
    known.settle()
    assert known.motion is None
    known.states.poll_ended()
    known.settle()
    known.settle()
    assert known.motion == "missed"


def test_withheld_states_are_shown_at_the_end_of_a_catch_up() -> None:
    """Entities become available with this state, and not with an older one."""
    known = Known()
    known.poll(event("missed", NOON - 5 * MINUTE), NOON)
    known.states.release()
    assert known.motion == "missed"


def test_a_source_with_missed_events_only_still_shows_its_state() -> None:
    """For example, the clock of its recorder is some minutes slow."""
    known = Known()
    for number in range(MAX_ROUNDS + 2):
        known.push(event(f"{number}", NOON + number * SECOND), NOON + 5 * MINUTE)
        known.settle()
    assert known.motion == f"{MAX_ROUNDS}"


def test_an_answer_shows_the_withheld_state() -> None:
    """The server confirms or corrects it."""
    known = Known()
    missed = event("missed", NOON - 5 * MINUTE)
    known.push(missed, NOON)
    known.answer(missed, at=NOON)
    assert known.motion == "missed"


def test_a_new_missed_event_keeps_its_state_withheld() -> None:
    """Also between the end of its series and its turn to be shown."""
    known = Known()
    first, other, _ = KEYS
    for key in (first, other):
        known.push(event(f"{key}", NOON - 5 * MINUTE, key=key), NOON)
    assert known.states.settle() == ()
    settled = known.states.settle()
    assert settled == (first, other)
    known.push(event("next", NOON - 4 * MINUTE, key=other), NOON)
    known.states.show_settled(settled)
    assert [key for key, _ in known.changes] == [first]
    assert known.states.withholds
