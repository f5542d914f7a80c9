"""What a feed takes for new when the server's clock is wrong for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.xprotect_events.api import Event
from custom_components.xprotect_events.engine import feed as feed_module
from custom_components.xprotect_events.engine.feed import Feed, Position

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EVENTS = 100


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the feed forget most ids of what it has delivered."""
    monkeypatch.setattr(feed_module, "MAX_REMEMBERED", EVENTS // 10)


def event(name: str, time: datetime) -> Event:
    """Make an event."""
    return Event(
        id=name,
        type_id="motion",
        source=None,
        time=time,
        time_text=time.isoformat(),
        local_id=None,
        datatype=None,
        tag=None,
        data=None,
    )


def polled(feed: Feed, events: list[Event], now: datetime) -> list[str]:
    """Return the ids of what is new among polled events."""
    found = feed.accept(events, now=now, polled_since=feed.window_start)
    return [delivery.event.id for delivery in found]


def test_history_that_nobody_has_asked_for_is_no_news() -> None:
    """Servers may send more than a poll wanted; a push is taken as it comes."""
    feed = Feed(Position.beginning(NOON - timedelta(hours=1)))
    asked = NOON - 10 * SECOND
    events = [event(f"{n}", asked + n * SECOND) for n in (-1, 0, 1)]
    found = feed.accept(events, now=NOON, polled_since=asked)
    assert [delivery.event.id for delivery in found] == ["1"]
    pushed = feed.accept(events, now=NOON, polled_since=None)
    assert [delivery.event.id for delivery in pushed] == ["-1", "0"]


@pytest.mark.usefixtures("short_memory")
@pytest.mark.parametrize("is_complete", [True, False])
def test_a_clock_that_is_set_back_and_right_again_repeats_nothing(
    *, is_complete: bool
) -> None:
    """Also when no poll has come to its end in between, which remembers all ids."""
    feed = Feed(Position.beginning(NOON))
    told = [event(f"{n}", NOON + n * SECOND) for n in range(1, EVENTS)]
    for one in told:
        assert polled(feed, [one], one.time) == [one.id]
        feed.complete(now=one.time)
    noon = NOON + EVENTS * SECOND
    wrong = noon - timedelta(hours=2)
    feed.set_back(wrong)
    early = event("early", wrong + SECOND)
    if is_complete:
        assert polled(feed, [early, *told], wrong + 2 * SECOND) == ["early"]
        feed.complete(now=wrong + 2 * SECOND)
    else:
        assert polled(feed, [early], wrong + 2 * SECOND) == ["early"]
    new = event("new", noon + 9 * SECOND)
    assert polled(feed, [early, *told, new], noon + 10 * SECOND) == ["new"]


@pytest.mark.usefixtures("short_memory")
def test_a_clock_that_stays_set_back_costs_nothing() -> None:
    """What happens after it bears times at which other things have happened."""
    feed = Feed(Position.beginning(NOON))
    told = [event(f"{n}", NOON + n * SECOND) for n in range(1, EVENTS)]
    for one in told:
        assert polled(feed, [one], one.time) == [one.id]
        feed.complete(now=one.time)
    feed.set_back(NOON)
    for number in range(1, EVENTS // 2):
        now = NOON + number * SECOND
        new = event(f"again {number}", now)
        assert polled(feed, [new, told[-1]], now) == [new.id]
