"""States that the server sends, and those that are forgotten."""

import asyncio
from datetime import datetime

import pytest

from custom_components.xprotect_events.engine import states as states_module
from tests.engine.known_states import (
    CAMERA,
    KEYS,
    MINUTE,
    NOON,
    OTHER_CAMERA,
    OTHER_GROUP,
    SECOND,
    Known,
    event,
)


def test_the_servers_answer_replaces_everything_known_before() -> None:
    """If a recorder's clock is behind, the end of its motion seems older."""
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
def test_events_before_the_answer_are_newer_unless_their_time_is_older(
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
    """Its state is of the past, and there may be a newer one."""
    known = Known()

    async def take() -> None:
        with known.states.asking(NOON) as question:
            known.push(event("missed", NOON - 2 * MINUTE), NOON)
            await known.states.take_answer(question, [event("a", NOON - 3 * MINUTE)])

    asyncio.run(take())
    assert known.motion == "a"
    assert not known.states.withholds


def test_states_that_an_answer_lacks_are_kept_and_read_from_stored_events() -> None:
    """A server that has just started has few states, or none."""
    known = Known(*KEYS)
    known.stored(event("moved"), at=NOON)
    known.answer(at=NOON)
    assert known.motion == "moved"
    assert not known.states.needs_snapshot
    # Only once: events that are stored from now on are polled.
    assert not known.needs_stored()
    known.states.forget()
    known.answer(event("moved"), at=NOON)
    assert known.needs_stored()
    known.stored(event("recorded", NOON - MINUTE, key=OTHER_GROUP), at=NOON)
    assert known.states.newest(OTHER_GROUP) is not None
    assert not known.needs_stored()


def test_with_a_complete_answer_no_stored_events_are_read() -> None:
    """Ten pages of a thousand events are a burden for a large server."""
    known = Known(CAMERA)
    assert known.needs_stored()
    with known.states.asking(NOON):
        assert not known.needs_stored()
    assert known.needs_stored()
    known.answer(event("moved"), at=NOON)
    assert not known.needs_stored()


def test_stored_events_do_not_replace_the_servers_answer() -> None:
    """Some events are never stored."""
    known = Known()
    known.stored(event("moved"), at=NOON)
    assert known.states.needs_snapshot


def test_of_stored_events_the_newest_counts() -> None:
    """Even if a pushed event is newer."""
    known = Known()
    known.push(event("rested", NOON + SECOND))
    known.stored(event("moved"), event("before", NOON - SECOND), at=NOON)
    assert known.motion == "rested"


def test_forgotten_states_are_unknown_and_requested_again() -> None:
    """While the connection was lost, anything may have happened."""
    known = Known()
    known.answer(event("moved"), at=NOON)
    known.states.forget()
    assert known.motion is None
    assert known.states.needs_snapshot
    assert known.needs_stored()
    known.push(event("rested", NOON - SECOND))
    assert known.motion == "rested"


def test_a_removed_source_loses_its_states_and_no_others() -> None:
    """It may return in a week; its states are unknown until then."""
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
async def test_forgotten_states_do_not_return_in_the_same_answer(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Otherwise older events of the answer would replace the forgotten states."""
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
    """It was requested before, but is newer than everything that was known."""
    known = Known()
    with known.states.asking(NOON) as question:
        known.states.forget()
        await known.states.take_stored(question, [event("moved")])
    assert known.motion == "moved"
