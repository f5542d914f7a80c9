"""Clocks, and times with seven digits."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, strategies as st
import pytest

from xprotect_simulator import ManualClock, SystemClock
from xprotect_simulator.times import parse, to_datetime, to_text, to_ticks


async def test_a_manual_clock_wakes_sleepers_at_their_own_moments() -> None:
    """A night passes in milliseconds, and in order."""
    clock = ManualClock()
    start = clock.now()
    woken: list[tuple[str, timedelta]] = []

    async def sleeper(name: str, *pauses: float) -> None:
        for pause in pauses:
            await clock.sleep(pause)
            woken.append((name, clock.now() - start))

    tasks = [
        asyncio.create_task(sleeper("a", 2, 3)),
        asyncio.create_task(sleeper("b", 3, 3)),
    ]
    await clock.advance(5)
    assert woken == [
        ("a", timedelta(seconds=2)),
        ("b", timedelta(seconds=3)),
        ("a", timedelta(seconds=5)),
    ]
    assert clock.monotonic() == 5
    await clock.advance(timedelta(hours=8))
    await asyncio.gather(*tasks)
    assert clock.now() - start == timedelta(hours=8, seconds=5)


async def test_a_manual_clock_forgets_sleepers_that_were_cancelled() -> None:
    """Advancing past them has no effect."""
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await clock.advance(2)
    assert task.cancelled()


async def test_the_system_clock_is_that_of_the_machine() -> None:
    """Aware, in UTC, and running."""
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0)
    assert clock.monotonic() >= before
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@given(st.integers(min_value=-(10**17), max_value=10**18))
def test_written_times_are_read_back_to_the_last_digit(ticks: int) -> None:
    """100 ns are finer than any datetime."""
    assert parse(to_text(ticks)) == ticks
    assert to_ticks(to_datetime(ticks)) == ticks - ticks % 10


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-03-02T06:00:00Z", "2026-03-02T06:00:00.0000000Z"),
        ("2026-03-02T06:00:00.5+02:00", "2026-03-02T04:00:00.5000000Z"),
        ("0001-01-01T00:00:00.0000001Z", "0001-01-01T00:00:00.0000001Z"),
    ],
)
def test_times_are_written_in_utc_with_seven_digits(text: str, same: str) -> None:
    """In whatever form they were sent."""
    assert to_text(parse(text)) == same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-02",
        "2026-03-02T06:00:00",
        "2026-03-02T06:00:00.12345678Z",
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:59:59-02:00",
    ],
)
def test_times_without_a_zone_or_with_eight_digits_or_far_away_are_refused(
    text: str,
) -> None:
    """So a client that forgets the zone fails here, and not at a real site."""
    with pytest.raises(ValueError, match="is not an ISO 8601 date-time with a zone"):
        parse(text)


def test_ticks_do_not_depend_on_the_zone() -> None:
    """The same moment is the same number."""
    moment = datetime(2026, 3, 2, 6, tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=-5)))
    assert to_ticks(moment) == to_ticks(elsewhere)
