"""What a feed remembers of a site where more happens than can be remembered."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.xprotect_events.engine import feed as feed_module
from custom_components.xprotect_events.engine.feed import Checkpoint, Feed
from tests.engine.test_feed import event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(hours=1)
MOST, MOST_UNCONFIRMED = 100, 300
ALWAYS = 80


@pytest.fixture(autouse=True)
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the feed remember little."""
    monkeypatch.setattr(feed_module, "MAX_REMEMBERED", MOST)
    monkeypatch.setattr(feed_module, "MAX_UNCONFIRMED", MOST_UNCONFIRMED)


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
    """Let a complete poll find them."""
    events = [event(str(number), NOON + number * SECOND) for number in numbers]
    found = feed.accept(events, now=LATER, polled_since=feed.window_start)
    feed.complete(now=LATER)
    return [int(delivery.event.id) for delivery in found]


def test_the_last_are_always_known(feed: Feed) -> None:
    """However many there were, the newest four fifths are told from news."""
    for number in range(1, 1000):
        assert poll(feed, number) == [number]
        known = range(max(1, number - ALWAYS + 1), number + 1)
        assert push(feed, *known) == []
        assert len(feed.checkpoint().remembered) <= MOST


def test_what_is_forgotten_is_never_taken_from_a_poll(feed: Feed) -> None:
    """It may have been delivered; who knows its id no more must leave it out."""
    everything = range(1, 1000)
    assert poll(feed, *everything) == [*everything]
    assert poll(feed, *everything) == []
    assert feed.window_start > NOON


def test_the_oldest_are_forgotten_whatever_their_order(feed: Feed) -> None:
    """Recorders that were away bring old events in between."""
    shuffled = [number * 37 % 101 for number in range(1, 101)]
    assert push(feed, *shuffled) == sorted(shuffled)
    assert poll(feed, 101, 102) == [101, 102]
    assert push(feed, *range(103, 123)) == [*range(103, 123)]
    assert push(feed, *range(123 - ALWAYS, 123)) == []
    assert push(feed, 1) == [1]


def test_what_no_poll_has_confirmed_is_remembered_longer(feed: Feed) -> None:
    """Polls fail for hours while push works; what push missed must still be found."""
    pushed = [number for number in range(1, 291) if number % 10]
    for number in pushed:
        assert push(feed, number) == [number]
    assert push(feed, *pushed) == []
    assert poll(feed, *range(1, 291)) == [*range(10, 291, 10)]


def test_there_is_an_end_to_what_is_unconfirmed(feed: Feed) -> None:
    """A poll that fails for days must not fill the memory."""
    for number in range(1, 5000):
        assert push(feed, number) == [number]
    remembered = feed.checkpoint().remembered
    assert MOST_UNCONFIRMED <= len(remembered) <= MOST_UNCONFIRMED + MOST // 5
    assert feed.window_start >= NOON + (5000 - 1 - MOST_UNCONFIRMED - MOST) * SECOND
