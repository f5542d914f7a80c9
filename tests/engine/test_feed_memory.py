"""The ids in memory at a site with more events than fit."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.xprotect_events.engine import feed as feed_module
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.feed import Feed
from tests.engine.feed_events import event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(hours=1)
MOST, MOST_UNCONFIRMED, MOST_AHEAD = 120, 300, 200
ALWAYS = 80


@pytest.fixture(autouse=True)
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the number of ids that the feed remembers."""
    monkeypatch.setattr(feed_module, "MAX_REMEMBERED", MOST)
    monkeypatch.setattr(feed_module, "MAX_UNCONFIRMED", MOST_UNCONFIRMED)
    monkeypatch.setattr(feed_module, "MAX_AHEAD", MOST_AHEAD)


@pytest.fixture
def feed() -> Feed:
    """Return a feed that has just begun."""
    return Feed(Checkpoint.beginning(NOON))


def push(feed: Feed, *numbers: int) -> list[int]:
    """Push the events of these seconds; return those that were new."""
    events = [event(str(number), NOON + number * SECOND) for number in numbers]
    found = feed.accept(events, now=LATER, polled_since=None)
    return [int(delivery.event.id) for delivery in found]


def poll(feed: Feed, *numbers: int) -> list[int]:
    """Complete a poll with these events."""
    events = [event(str(number), NOON + number * SECOND) for number in numbers]
    found = feed.accept(events, now=LATER, polled_since=feed.window_start)
    feed.complete(now=LATER)
    return [int(delivery.event.id) for delivery in found]


def test_the_last_are_always_known(feed: Feed) -> None:
    """The newest two thirds are always recognised as repeats."""
    for number in range(1, 1000):
        assert poll(feed, number) == [number]
        known = range(max(1, number - ALWAYS + 1), number + 1)
        assert push(feed, *known) == []
        assert len(feed.checkpoint().trimmed().remembered) <= MOST


def test_a_catch_up_writes_no_id_that_is_forgotten(feed: Feed) -> None:
    """A day of events may arrive between two lines of the journal."""
    for first in range(1, 1000, MOST):
        poll(feed, *range(first, first + MOST))
    assert feed.take_changes().remembered == feed.checkpoint().trimmed().remembered


def test_forgotten_events_are_not_delivered_from_a_poll(feed: Feed) -> None:
    """It may have been delivered, and its id is forgotten."""
    pages = [range(first, first + MOST) for first in range(1, 1000, MOST)]
    for page in pages:
        assert poll(feed, *page) == [*page]
    for page in pages:
        assert poll(feed, *page) == []
    assert feed.window_start > NOON


def test_the_oldest_are_forgotten_whatever_their_order(feed: Feed) -> None:
    """Recorders that were offline send old events in between."""
    shuffled = [number * 37 % 101 for number in range(1, 101)]
    assert push(feed, *shuffled) == sorted(shuffled)
    assert poll(feed, 101, 102) == [101, 102]
    assert push(feed, *range(103, 123)) == [*range(103, 123)]
    assert push(feed, *range(123 - ALWAYS, 123)) == []
    assert push(feed, 1) == [1]


def test_events_that_no_poll_has_confirmed_are_remembered_longer(feed: Feed) -> None:
    """Polls may fail for hours while push works; missing events must still be found."""
    pushed = [number for number in range(1, 291) if number % 10]
    for number in pushed:
        assert push(feed, number) == [number]
    assert push(feed, *pushed) == []
    assert poll(feed, *range(1, 291)) == [*range(10, 291, 10)]


def test_the_number_of_unconfirmed_events_is_limited(feed: Feed) -> None:
    """A poll that fails for days must not fill the memory."""
    for number in range(1, 3500):
        assert push(feed, number) == [number]
    remembered = feed.checkpoint().trimmed().remembered
    assert MOST_UNCONFIRMED <= len(remembered) <= MOST_UNCONFIRMED + MOST // 3
    # Events that were not pushed meanwhile are still found, with some repeats.
    assert feed.low_watermark == feed.cursor == NOON


TWO_HOURS = timedelta(hours=2)


def take(feed: Feed, moment: datetime, *times: datetime) -> int:
    """Complete a poll with events of these times; return the number of new ones."""
    events = [event(time.isoformat(), time) for time in times]
    found = feed.accept(events, now=moment, polled_since=feed.window_start)
    feed.complete(now=moment)
    return len(found)


@pytest.mark.parametrize("ahead", [TWO_HOURS, timedelta(days=60_000)])
def test_events_of_the_future_do_not_push_out_other_ids(
    feed: Feed, ahead: timedelta
) -> None:
    """Otherwise events that are stored late would be dropped."""
    for second in range(1, 1000):
        now = NOON + second * SECOND
        assert take(feed, now, now, now + ahead) == 2
        assert feed.low_watermark <= feed.cursor <= now
        late = now - 60 * SECOND - timedelta(milliseconds=5)
        assert take(feed, now, late) == (late > NOON)
        assert take(feed, now, now, max(now - 10 * SECOND, NOON)) == 0
    remembered = feed.checkpoint().trimmed().remembered
    assert len(remembered) <= MOST + MOST_AHEAD


def test_events_of_the_future_are_delivered_once_while_they_fit(feed: Feed) -> None:
    """They are remembered over restarts, and when their time comes."""
    future = [NOON + TWO_HOURS + number * SECOND for number in range(MOST_AHEAD // 2)]
    assert take(feed, NOON + SECOND, *future) == len(future)
    feed = Feed(feed.checkpoint().trimmed())
    assert take(feed, NOON + 2 * SECOND, *future) == 0
    for number in range(3 * MOST):
        now = NOON + 3 * SECOND + number * TWO_HOURS / (2 * MOST)
        take(feed, now, now)
    assert take(feed, NOON + 2 * TWO_HOURS, *future[-10:]) == 0


def test_beyond_the_limit_only_events_of_the_far_future_repeat(
    feed: Feed,
) -> None:
    """The nearest are kept, because their times come first."""
    future = [NOON + TWO_HOURS + number * SECOND for number in range(3 * MOST_AHEAD)]
    assert take(feed, NOON + SECOND, *future) == len(future)
    again = take(feed, NOON + 2 * SECOND, *future[: MOST_AHEAD // 2])
    assert again == 0
    assert take(feed, NOON + 3 * SECOND, NOON + 2 * SECOND) == 1
    assert Feed(feed.checkpoint().trimmed()).low_watermark == NOON
