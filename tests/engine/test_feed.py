"""Which events count as new while the server's clock is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.xprotect_events.api import Event
from custom_components.xprotect_events.engine import feed as feed_module
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.feed import Feed
from tests.engine.feed_events import event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

SECOND = timedelta(seconds=1)

MINUTE = timedelta(minutes=1)

HOUR = timedelta(hours=1)

EVENTS = 100


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the feed forget most ids of delivered events."""
    monkeypatch.setattr(feed_module, "MAX_REMEMBERED", EVENTS // 10)


def polled(feed: Feed, events: list[Event], now: datetime) -> list[str]:
    """Return the ids of the new events among polled ones."""
    found = feed.accept(events, now=now, polled_since=feed.window_start)
    return [delivery.event.id for delivery in found]


def busy_feed() -> tuple[Feed, list[Event]]:
    """Return a feed and its delivered events, one a second since noon."""
    feed = Feed(Checkpoint.beginning(NOON))
    delivered = [event(f"{n}", NOON + n * SECOND) for n in range(1, EVENTS)]
    for one in delivered:
        assert polled(feed, [one], one.time) == [one.id]
        feed.complete(now=one.time)
    return feed, delivered


def test_polled_events_from_before_the_start_of_the_poll_are_not_new() -> None:
    """Servers may return more than requested; pushed events are always taken."""
    feed = Feed(Checkpoint.beginning(NOON - HOUR))
    asked = NOON - 10 * SECOND
    events = [event(f"{n}", asked + n * SECOND) for n in (-1, 0, 1)]
    found = feed.accept(events, now=NOON, polled_since=asked)
    assert [delivery.event.id for delivery in found] == ["1"]
    pushed = feed.accept(events, now=NOON, polled_since=None)
    assert [delivery.event.id for delivery in pushed] == ["-1", "0"]


@pytest.mark.usefixtures("short_memory")
@pytest.mark.parametrize("polls", ["complete", "broken off", "none"])
def test_a_clock_that_is_set_back_and_corrected_repeats_nothing(polls: str) -> None:
    """Even without a complete poll in between, after which all ids are known."""
    feed, delivered = busy_feed()
    noon = NOON + EVENTS * SECOND
    wrong = noon - 2 * HOUR
    feed.set_back(wrong)
    early = event("early", wrong + SECOND)
    new = event("new", noon + 9 * SECOND)
    found = [early, *delivered, new]
    if polls == "complete":
        assert polled(feed, [early, *delivered], wrong + 2 * SECOND) == ["early"]
        feed.complete(now=wrong + 2 * SECOND)
    elif polls == "broken off":
        assert polled(feed, [early], wrong + 2 * SECOND) == ["early"]
    else:
        found.remove(early)
    assert polled(feed, found, noon + 10 * SECOND) == ["new"]


@pytest.mark.usefixtures("short_memory")
def test_no_event_is_lost_while_the_clock_stays_set_back() -> None:
    """New events have times at which there were others before."""
    feed, delivered = busy_feed()
    feed.set_back(NOON)
    for number in range(1, EVENTS // 2):
        now = NOON + number * SECOND
        # The server sends its time in whole seconds.
        new = event(f"again {number}", now + 0.9 * SECOND)
        assert polled(feed, [new, delivered[-1]], now) == [new.id]


@pytest.mark.usefixtures("short_memory")
def test_an_event_of_the_future_is_new_once_all_ids_are_known_again() -> None:
    """A camera whose clock is ahead is independent of the server's clock."""
    feed, delivered = busy_feed()
    now = NOON - HOUR
    feed.set_back(now)
    assert polled(feed, delivered, now) == []
    feed.complete(now=now)
    ahead = event("ahead", NOON + 30 * SECOND)
    assert polled(feed, [*delivered, ahead], now + SECOND) == ["ahead"]


def test_an_event_stored_late_after_a_small_correction_is_new() -> None:
    """A recorder that was offline is independent of the server's clock."""
    feed = Feed(Checkpoint.beginning(NOON - HOUR))
    feed.complete(now=NOON)
    feed.set_back(NOON - MINUTE)
    late = event("late", NOON - 10 * MINUTE)
    assert polled(feed, [late], NOON) == ["late"]


@pytest.mark.usefixtures("short_memory")
def test_a_clock_that_is_set_back_twice_hides_nothing() -> None:
    """The second time all ids since the first are known."""
    feed, delivered = busy_feed()
    feed.set_back(NOON - HOUR)
    assert polled(feed, delivered, NOON - HOUR) == []
    feed.complete(now=NOON - HOUR)
    feed.set_back(NOON - 30 * MINUTE)
    late = event("late", NOON - 35 * MINUTE)
    assert polled(feed, [late], NOON - 29 * MINUTE) == ["late"]


def test_no_delivered_event_is_new_after_a_restart_and_a_step_back() -> None:
    """The ids are forgotten, but not the delivered span."""
    feed = Feed(Checkpoint.beginning(NOON))
    delivered = [event("delivered", NOON + 2 * MINUTE), event("newest", NOON + HOUR)]
    assert polled(feed, delivered, NOON + HOUR) == ["delivered", "newest"]
    feed.complete(now=NOON + HOUR)
    restarted = Feed(feed.checkpoint().trimmed())
    restarted.set_back(NOON)
    assert polled(restarted, delivered, NOON + SECOND) == []


def test_events_from_before_the_first_start_stay_old_after_a_step_back() -> None:
    """They were never delivered, and must not be."""
    feed = Feed(Checkpoint.beginning(NOON))
    feed.complete(now=NOON + 10 * MINUTE)
    feed.set_back(NOON + 8 * MINUTE)
    history = event("history", NOON - 5 * MINUTE)
    assert polled(feed, [history], NOON + 9 * MINUTE) == []


def test_skipped_events_stay_skipped_after_a_step_back() -> None:
    """Users who do not want old events do not want them after a step, either."""
    feed = Feed(Checkpoint.beginning(NOON))
    feed.skip_to(NOON + 2 * HOUR)
    now = NOON + HOUR
    feed.set_back(now)
    given_up = event("given up", now + 30 * MINUTE)
    assert polled(feed, [given_up], now + SECOND) == []


@pytest.mark.parametrize("ago", [HOUR, timedelta(), -HOUR])
def test_a_step_of_the_clock_skips_no_event(ago: timedelta) -> None:
    """The position only covers events that were polled."""
    feed, _ = busy_feed()
    before = feed.checkpoint().trimmed()
    feed.set_back(NOON - ago)
    after = feed.checkpoint().trimmed()
    assert after.cursor <= before.cursor
    assert after.low_watermark <= before.low_watermark
    assert after.complete_at <= before.complete_at


def test_a_feed_goes_back_only_once() -> None:
    """The second time it would not know the delivered events."""
    feed, _ = busy_feed()
    assert feed.is_ahead_of(NOON)
    feed.set_back(NOON)
    assert not feed.is_ahead_of(NOON)


@pytest.mark.parametrize("move", [Feed.set_back, Feed.skip_to])
def test_a_position_that_was_moved_is_out_of_date(
    move: Callable[[Feed, datetime], None],
) -> None:
    """The position is written to disk only if its revision has changed."""
    feed = Feed(Checkpoint.beginning(NOON))
    saved = feed.revision
    move(feed, NOON)
    assert feed.revision > saved


def taken(feed: Feed, events: list[Event], now: datetime) -> int:
    """Complete a poll with these events; return the number of new ones."""
    found = feed.accept(events, now=now, polled_since=feed.window_start)
    feed.advance()
    feed.complete(now=now)
    return len(found)


@pytest.mark.parametrize("ahead", [2 * HOUR, timedelta(days=60_000)])
def test_a_hundred_thousand_events_of_the_future_affect_no_others(
    ahead: timedelta,
) -> None:
    """With 25,000 of them, delayed events were lost; with 100,000, all others."""
    feed, now = Feed(Checkpoint.beginning(NOON)), NOON
    for second in range(1, 603):
        now += SECOND
        fast = [event(f"{second} {n}", now + ahead) for n in range(200)]
        assert taken(feed, fast, now) == 200
        assert taken(feed, [event(f"{second}", now)], now) == 1
        if second == 400:
            feed = Feed(feed.checkpoint().trimmed())
    for minutes in (1, 5, 9):
        late = event(f"late {minutes}", now - minutes * MINUTE)
        assert taken(feed, [late], now) == 1
    assert feed.low_watermark <= feed.cursor <= now
    # As after they were deleted, and a restart.
    again = Feed(feed.checkpoint().trimmed())
    assert taken(again, [event("new", now + SECOND)], now + SECOND) == 1
    assert taken(again, [event("602", now)], now + SECOND) == 0
