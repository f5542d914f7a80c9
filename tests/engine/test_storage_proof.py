"""Event types that are pushed and never found by a poll are not stored."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.xprotect_events.engine.arrival import Arrival
from custom_components.xprotect_events.engine.checkpoint import OVERLAP
from custom_components.xprotect_events.engine.storage_proof import ENOUGH, StorageProof
from tests.engine.feed_events import event

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
# The type of all events here.
MOTION = frozenset({"motion"})
# A moment at which polls must have found what was pushed at noon.
LATER = NOON + OVERLAP + timedelta(seconds=1)


def pushed(count: int, *, ago: timedelta = timedelta()) -> list[Arrival]:
    """Return events that arrive at noon, so long after they happened."""
    return [Arrival(event(f"{number}", NOON - ago), NOON) for number in range(count)]


def test_three_pushed_events_that_no_poll_finds_prove_it() -> None:
    """Not before a poll could have found the last one."""
    proof = StorageProof(MOTION)
    proof.pushed(pushed(ENOUGH))
    proof.polls_complete(now=NOON + OVERLAP)
    assert proof.unstored == frozenset()
    proof.polls_complete(now=LATER)
    assert proof.unstored == MOTION


@pytest.mark.parametrize(
    ("types", "count", "ago"),
    [
        (frozenset[str](), ENOUGH, timedelta()),
        (frozenset({"another"}), ENOUGH, timedelta()),
        (MOTION, ENOUGH - 1, timedelta()),
        (MOTION, ENOUGH, timedelta(minutes=2)),
    ],
    ids=["nothing is checked", "another type", "too few", "missed"],
)
def test_other_events_prove_nothing(
    types: frozenset[str], count: int, ago: timedelta
) -> None:
    """A repair that is wrong sends users to settings that are right."""
    proof = StorageProof(types)
    proof.pushed(pushed(count, ago=ago))
    proof.polled([])
    proof.polls_complete(now=LATER)
    assert proof.unstored == frozenset()


def test_a_type_that_a_poll_finds_is_stored() -> None:
    """One such event is enough."""
    proof = StorageProof(MOTION)
    proof.pushed(pushed(ENOUGH))
    proof.polled([event("0", NOON)])
    proof.polls_complete(now=LATER)
    assert proof.unstored == frozenset()


def test_an_outage_of_the_polls_begins_again() -> None:
    """A catch-up may skip what was pushed until then."""
    proof = StorageProof(MOTION)
    proof.pushed(pushed(ENOUGH))
    proof.polls_failed()
    proof.polls_complete(now=LATER)
    assert proof.unstored == frozenset()
