"""What a feed takes for new when the server's clock is wrong for a while."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.xprotect_events.api import Event
from custom_components.xprotect_events.engine import feed as feed_module
from custom_components.xprotect_events.engine.feed import Checkpoint, Feed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
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


def busy_feed() -> tuple[Feed, list[Event]]:
    """Return a feed and what it has delivered, one event a second since noon."""
    feed = Feed(Checkpoint.beginning(NOON))
    told = [event(f"{n}", NOON + n * SECOND) for n in range(1, EVENTS)]
    for one in told:
        assert polled(feed, [one], one.time) == [one.id]
        feed.complete(now=one.time)
    return feed, told


def test_history_that_nobody_has_asked_for_is_no_news() -> None:
    """Servers may send more than a poll wanted; a push is taken as it comes."""
    feed = Feed(Checkpoint.beginning(NOON - HOUR))
    asked = NOON - 10 * SECOND
    events = [event(f"{n}", asked + n * SECOND) for n in (-1, 0, 1)]
    found = feed.accept(events, now=NOON, polled_since=asked)
    assert [delivery.event.id for delivery in found] == ["1"]
    pushed = feed.accept(events, now=NOON, polled_since=None)
    assert [delivery.event.id for delivery in pushed] == ["-1", "0"]


@pytest.mark.usefixtures("short_memory")
@pytest.mark.parametrize("polls", ["complete", "broken off", "none"])
def test_a_clock_that_is_set_back_and_right_again_repeats_nothing(polls: str) -> None:
    """Also when no poll has come to its end in between, which remembers all ids."""
    feed, told = busy_feed()
    noon = NOON + EVENTS * SECOND
    wrong = noon - 2 * HOUR
    feed.set_back(wrong)
    early = event("early", wrong + SECOND)
    new = event("new", noon + 9 * SECOND)
    found = [early, *told, new]
    if polls == "complete":
        assert polled(feed, [early, *told], wrong + 2 * SECOND) == ["early"]
        feed.complete(now=wrong + 2 * SECOND)
    elif polls == "broken off":
        assert polled(feed, [early], wrong + 2 * SECOND) == ["early"]
    else:
        found.remove(early)
    assert polled(feed, found, noon + 10 * SECOND) == ["new"]


@pytest.mark.usefixtures("short_memory")
def test_a_clock_that_stays_set_back_costs_nothing() -> None:
    """What happens after it bears times at which other things have happened."""
    feed, told = busy_feed()
    feed.set_back(NOON)
    for number in range(1, EVENTS // 2):
        now = NOON + number * SECOND
        # The server's now is told in whole seconds.
        new = event(f"again {number}", now + 0.9 * SECOND)
        assert polled(feed, [new, told[-1]], now) == [new.id]


@pytest.mark.usefixtures("short_memory")
def test_an_event_of_the_future_is_news_once_all_ids_are_known_again() -> None:
    """A camera whose clock is ahead is none of the server's troubles."""
    feed, told = busy_feed()
    now = NOON - HOUR
    feed.set_back(now)
    assert polled(feed, told, now) == []
    feed.complete(now=now)
    ahead = event("ahead", NOON + 30 * SECOND)
    assert polled(feed, [*told, ahead], now + SECOND) == ["ahead"]


def test_what_is_stored_late_after_a_small_correction_is_news() -> None:
    """A recorder that was offline does not mind the server's clock."""
    feed = Feed(Checkpoint.beginning(NOON - HOUR))
    feed.complete(now=NOON)
    feed.set_back(NOON - MINUTE)
    late = event("late", NOON - 10 * MINUTE)
    assert polled(feed, [late], NOON) == ["late"]


@pytest.mark.usefixtures("short_memory")
def test_a_clock_that_is_set_back_twice_hides_nothing() -> None:
    """The second time all ids are known, from the first time on."""
    feed, told = busy_feed()
    feed.set_back(NOON - HOUR)
    assert polled(feed, told, NOON - HOUR) == []
    feed.complete(now=NOON - HOUR)
    feed.set_back(NOON - 30 * MINUTE)
    late = event("late", NOON - 35 * MINUTE)
    assert polled(feed, [late], NOON - 29 * MINUTE) == ["late"]


def test_a_restart_makes_nothing_news_when_the_clock_is_set_back() -> None:
    """It forgets the ids of what happened long ago, not that it was delivered."""
    feed = Feed(Checkpoint.beginning(NOON))
    told = [event("told", NOON + 2 * MINUTE), event("newest", NOON + HOUR)]
    assert polled(feed, told, NOON + HOUR) == ["told", "newest"]
    feed.complete(now=NOON + HOUR)
    restarted = Feed(feed.checkpoint().trimmed())
    restarted.set_back(NOON)
    assert polled(restarted, told, NOON + SECOND) == []


def test_history_is_no_news_because_the_clock_was_set_back() -> None:
    """What happened before the first start was never delivered, nor will be."""
    feed = Feed(Checkpoint.beginning(NOON))
    feed.complete(now=NOON + 10 * MINUTE)
    feed.set_back(NOON + 8 * MINUTE)
    history = event("history", NOON - 5 * MINUTE)
    assert polled(feed, [history], NOON + 9 * MINUTE) == []


def test_what_was_given_up_is_no_news_because_the_clock_was_set_back() -> None:
    """Whoever does not want yesterday's events does not want them today either."""
    feed = Feed(Checkpoint.beginning(NOON))
    feed.skip_to(NOON + 2 * HOUR)
    now = NOON + HOUR
    feed.set_back(now)
    given_up = event("given up", now + 30 * MINUTE)
    assert polled(feed, [given_up], now + SECOND) == []


@pytest.mark.parametrize("ago", [HOUR, timedelta(), -HOUR])
def test_setting_the_clock_passes_nothing_over(ago: timedelta) -> None:
    """Only what was polled is done with, and that is what a position says."""
    feed, _ = busy_feed()
    before = feed.checkpoint().trimmed()
    feed.set_back(NOON - ago)
    after = feed.checkpoint().trimmed()
    assert after.cursor <= before.cursor
    assert after.low_watermark <= before.low_watermark
    assert after.complete_at <= before.complete_at


def test_whoever_has_gone_back_does_not_go_back_again() -> None:
    """The second time nobody would know any more what was delivered before."""
    feed, _ = busy_feed()
    assert feed.is_ahead_of(NOON)
    feed.set_back(NOON)
    assert not feed.is_ahead_of(NOON)


@pytest.mark.parametrize("move", [Feed.set_back, Feed.skip_to])
def test_a_position_that_was_moved_is_out_of_date(
    move: Callable[[Feed, datetime], None],
) -> None:
    """It is written to disk for a crash, and only when this says so."""
    feed = Feed(Checkpoint.beginning(NOON))
    saved = feed.revision
    move(feed, NOON)
    assert feed.revision > saved
