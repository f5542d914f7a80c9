"""States of missed events are withheld until the catch-up is over."""

import pytest

from custom_components.xprotect_events.engine import states as states_module
from custom_components.xprotect_events.engine.states import (
    MAX_ROUNDS,
)
from tests.engine.known_states import CAMERA, KEYS, MINUTE, NOON, SECOND, Known, event


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
