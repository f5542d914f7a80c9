"""The numbers on the demo's page are right, in whatever order events arrive."""

from hypothesis import given, strategies as st
import pytest

from demo.proof import MISSED_ROWS, PATIENCE, ROWS, Numbers, Proof

LATER = PATIENCE + 1


def event(number: int, *, missed: bool = False) -> dict[str, object]:
    """Return the data of a bus event."""
    return {
        "event_id": f"event {number}",
        "missed": missed,
        "time": f"2026-11-24T05:15:{number % 60:02}Z",
        "type": "Motion Started",
        "source_name": None,
    }


def ids(*numbers: int) -> list[str]:
    """Return the ids of events."""
    return [f"event {number}" for number in numbers]


@pytest.mark.parametrize("is_early", [False, True])
def test_an_event_is_counted_once_whichever_side_has_it_first(is_early: bool) -> None:
    """The bus is often ahead of the ledger, which is read once a second."""
    proof = Proof()
    if is_early:
        proof.arrive(event(1))
        proof.happen(ids(1), 0)
    else:
        proof.happen(ids(1), 0)
        proof.arrive(event(1))
    assert proof.numbers(0, is_delivering=True) == Numbers(
        happened=1, arrived=1, missed=0, on_the_way=0, lost=0
    )


def test_events_from_before_the_start_are_not_counted() -> None:
    """A catch-up after a restart of the demo delivers events of the run before."""
    proof = Proof()
    proof.arrive(event(1, missed=True))
    assert proof.numbers(0, is_delivering=True).missed == 0


def test_an_event_that_does_not_arrive_in_time_is_lost() -> None:
    """Otherwise the number of lost events would always be 0."""
    proof = Proof()
    proof.happen(ids(1, 2), 0)
    proof.arrive(event(2))
    assert proof.numbers(0, is_delivering=True).on_the_way == 1
    numbers = proof.numbers(LATER, is_delivering=True)
    assert (numbers.arrived, numbers.on_the_way, numbers.lost) == (1, 0, 1)


def test_nothing_counts_as_lost_during_an_outage() -> None:
    """What is lost is only known after the catch-up."""
    proof = Proof()
    proof.happen(ids(1), 0)
    assert proof.numbers(LATER, is_delivering=False).lost == 0
    assert proof.numbers(LATER, is_delivering=True).lost == 0
    assert proof.numbers(2 * LATER, is_delivering=True).lost == 1


def test_the_newest_are_listed_without_a_gap() -> None:
    """A list with gaps would look like a loss."""
    proof = Proof()
    for number in range(ROWS + 5):
        proof.arrive(event(number))
    for number in range(MISSED_ROWS + 5):
        proof.arrive(event(number, missed=True))
    times = [str(row["time"])[-3:-1] for row in proof.rows]
    assert times == [f"{number:02}" for number in range(ROWS + 4, 4, -1)]
    assert len(proof.missed_rows) == MISSED_ROWS


@given(
    happened=st.permutations(range(20)),
    arrived=st.lists(st.integers(0, 19), unique=True),
    missed=st.sets(st.integers(0, 19)),
)
def test_the_numbers_always_add_up(
    happened: list[int], arrived: list[int], missed: set[int]
) -> None:
    """Users who see a difference would trust none of the numbers."""
    proof = Proof()
    for number in happened[:10]:
        proof.happen(ids(number), 0)
    for number in arrived:
        proof.arrive(event(number, missed=number in missed))
    for number in happened[10:]:
        proof.happen(ids(number), 0)
    assert proof.numbers(0, is_delivering=True).lost == 0
    numbers = proof.numbers(LATER, is_delivering=True)
    assert numbers.happened == 20
    assert numbers.missed == len(missed & set(arrived))
    assert numbers.arrived + numbers.missed + numbers.lost == numbers.happened
    assert numbers.on_the_way == 0
