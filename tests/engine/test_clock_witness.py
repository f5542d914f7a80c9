"""A wrong clock makes events seem missed; the repair must name the right clock."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import Event, Source
from custom_components.xprotect_events.engine import clock_witness
from custom_components.xprotect_events.engine.arrival import Arrival
from custom_components.xprotect_events.engine.clock_witness import ClockWitness

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GATE, YARD = Source("cameras", "gate"), Source("cameras", "yard")


def push(
    witness: ClockWitness,
    source: Source,
    minute: float,
    seconds_old: float,
    unseen: float = 0,
) -> None:
    """Deliver an event of a source so many minutes after noon.

    It was stored within the last `unseen` seconds, the time between two polls.
    """
    now = NOON + minute * MINUTE
    time = now - timedelta(seconds=seconds_old)
    row = {"id": f"{minute}", "type": "t", "source": str(source)}
    event = Event.from_wire({**row, "time": f"{time:%FT%TZ}"}, "event")
    unknown_until = now - timedelta(seconds=unseen)
    witness.arrived([Arrival(event, now, unknown_until=unknown_until)])


def test_if_all_events_are_old_the_servers_clocks_differ() -> None:
    """The gateway sends the current time, the event server the times of the events."""
    witness = ClockWitness(NOON)
    for minute in range(7):
        push(witness, GATE, minute, 70)
        push(witness, YARD, minute, 71)
    found = witness.judge(NOON + 6 * MINUTE)
    assert found.server == timedelta(seconds=70)
    assert not found.sources


def test_if_the_events_of_one_source_are_old_its_clock_is_wrong() -> None:
    """The others are pushed at once."""
    witness = ClockWitness(NOON)
    for minute in range(7):
        push(witness, GATE, minute, 120)
        push(witness, YARD, minute, 1)
    assert witness.judge(NOON + 6 * MINUTE) == (None, {GATE: timedelta(minutes=2)})
    push(witness, GATE, 7, 0)
    assert witness.judge(NOON + 7 * MINUTE) == (None, {})


@pytest.mark.parametrize(
    "history",
    [
        [(minute, 600 - 60 * minute) for minute in range(7)],
        [(0, 90), (1, 90), (4, 90)],
        [(0, 90), (6, 90)],
    ],
    ids=["caught up", "not for five minutes", "too few"],
)
def test_events_of_a_recorder_after_an_outage_are_not_a_wrong_clock(
    history: list[tuple[int, int]],
) -> None:
    """Its delay becomes shorter and then ends."""
    witness = ClockWitness(NOON)
    for minute, seconds in history:
        push(witness, GATE, minute, seconds)
    assert witness.judge(NOON + 7 * MINUTE) == (None, {})


def test_a_step_of_the_servers_clock_restarts_the_observation() -> None:
    """Delays by the former clock are not comparable with new ones."""
    witness = ClockWitness(NOON)
    for minute in range(7):
        push(witness, GATE, minute, 70)
    witness.clear(NOON)
    assert witness.judge(NOON + 7 * MINUTE) == (None, {})


def test_the_number_of_sources_in_memory_is_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a hostile server has so many."""
    monkeypatch.setattr(clock_witness, "MAX_WATCHED", 1)
    witness = ClockWitness(NOON)
    for minute in range(7):
        push(witness, GATE, minute, 70)
        push(witness, YARD, minute, 70)
        push(witness, Source("cameras", "shed"), minute, 0)
    assert set(witness.judge(NOON + 6 * MINUTE).sources) == {GATE}


def test_the_poll_interval_adds_to_the_delay_of_polled_events() -> None:
    """Each was stored since the last poll; that delay is not a wrong clock."""
    witness = ClockWitness(NOON)
    for minute in range(7):
        push(witness, GATE, minute, 75 + 20 * (minute % 2), unseen=20)
        push(witness, YARD, minute, 75 + 40 * (minute % 2), unseen=20)
    found = witness.judge(NOON + 6 * MINUTE)
    assert found.server == timedelta(seconds=75)
    push(witness, GATE, 7, 1, unseen=20)
    # The delays of the yard differ by more than the interval.
    assert witness.judge(NOON + 7 * MINUTE) == (None, {})


@given(
    error=st.floats(61, 86_400),
    interval=st.floats(0, 20),
    shares=st.lists(st.floats(0, 1), min_size=7, max_size=20),
)
def test_a_constant_error_is_found_at_any_poll_interval(
    error: float, interval: float, shares: list[float]
) -> None:
    """An event is stored at any moment between two polls."""
    witness = ClockWitness(NOON)
    for minute, share in enumerate(shares):
        push(witness, GATE, minute, error + share * interval, unseen=interval)
    found = witness.judge(NOON + (len(shares) - 1) * MINUTE)
    assert found.server is not None
    # The times of events have whole seconds here.
    assert error - 1 <= found.server.total_seconds() <= error + interval + 1


def test_events_of_an_outage_are_not_evidence_about_clocks() -> None:
    """It may have been stored at any time of the outage."""
    witness = ClockWitness(NOON)
    for minute in range(7):
        push(witness, GATE, minute, 70, unseen=30)
    assert witness.judge(NOON + 6 * MINUTE) == (None, {})
