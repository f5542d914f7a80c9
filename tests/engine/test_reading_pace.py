"""How often the lists of the site are read while its configuration changes."""

from itertools import pairwise

from hypothesis import given, strategies as st

from custom_components.xprotect_events.engine.reading_pace import (
    CHANGE_DELAY,
    LONGEST_PAUSE,
    STORM_OVER_AFTER,
    ReadingPace,
)

A_DAY = 86_400.0


def readings(changes: list[float]) -> list[float]:
    """Return when the lists are read if the configuration changes at these times."""
    pace = ReadingPace()
    read: list[float] = []
    due: float | None = None
    for change in sorted(changes):
        if due is not None and due <= change:
            pace.read(due)
            read.append(due)
            due = None
        wanted = pace.changed(change)
        due = wanted if due is None else min(due, wanted)
    return [*read, *([due] if due is not None else [])]


def test_a_single_change_is_shown_at_once() -> None:
    """A user who has just added a camera looks for it."""
    assert readings([1000.0]) == [1000.0 + CHANGE_DELAY]


def test_two_changes_in_ten_seconds_are_both_shown_within_fifteen() -> None:
    """Adding a camera and giving it its name are two changes."""
    first, second = readings([0.0, 10.0])
    assert first <= 15
    assert second - 10 <= 15


def test_a_storm_of_changes_costs_few_readings() -> None:
    """Every two seconds for ten minutes: without a pause these were 300 readings."""
    storm = [2.0 * number for number in range(300)]
    assert len([at for at in readings(storm) if at <= 600]) <= 10


def test_a_quiet_minute_ends_a_storm() -> None:
    """The next user who adds a camera need not wait because of the last import."""
    storm = [2.0 * number for number in range(300)]
    alone = storm[-1] + STORM_OVER_AFTER + 1
    assert (
        min(at for at in readings([*storm, alone]) if at > alone)
        == alone + CHANGE_DELAY
    )


@given(st.lists(st.floats(min_value=0, max_value=A_DAY), min_size=1, max_size=200))
def test_every_change_is_read_eventually(changes: list[float]) -> None:
    """A camera that is never shown is worse than a delay."""
    read = readings(changes)
    for change in changes:
        assert any(change < at <= change + LONGEST_PAUSE for at in read)


@given(st.lists(st.floats(min_value=0, max_value=A_DAY), min_size=1, max_size=200))
def test_readings_are_never_closer_than_a_burst(changes: list[float]) -> None:
    """Each reading requests twelve lists."""
    read = readings(changes)
    assert all(after - before >= CHANGE_DELAY for before, after in pairwise(read))
