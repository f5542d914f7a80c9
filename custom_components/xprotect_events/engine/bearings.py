"""Reads the ids of events shortly before the first one that may be delivered."""

from datetime import timedelta
from functools import partial

from ..api import Condition, Direction, Event, Events, Operator, ServerClock
from .feed import CLOCK_TOLERANCE, Feed
from .page_poll import Stored
from .pages import ACCURACY, Pages, is_newest_first

# Stored events to read, in full pages. A site that needs more has hundreds of events a
# second; there a shorter span is enough.
PAGES_FOR_BEARINGS = 10
# Requests at most, as a server may send smaller pages than asked for.
MAX_REQUESTS = 100
# How far back to begin if all stored events are known, or there are none. With less,
# nothing would be delivered of an empty server whose clock is behind by more.
BEFORE_ALL = timedelta(days=1)


async def take_bearings(events: Events, feed: Feed, page_size: int) -> None:
    """Add the ids of events shortly before the low watermark to the feed.

    They are not new, even if a clock is set back by seconds. Raises any `ApiError`.
    """
    until = feed.low_watermark
    since = until - CLOCK_TOLERANCE
    time = (
        Condition(Operator.GREATER_THAN, since),
        Condition(Operator.LESS_THAN, until + ACCURACY),
    )
    ask = partial(events.list, time=time, direction=Direction.DESCENDING)
    pages = Pages(ask, size=page_size, include_data=False)
    found: list[Event] = []
    while len(found) < PAGES_FOR_BEARINGS * page_size and pages.read < MAX_REQUESTS:
        page = await pages.next()
        found += page.events
        if page.is_last:
            break
    else:
        since = min((event.time for event in found), default=until)
    feed.note_older(found, since)


async def begin_after_newest(
    stored: Stored, feed: Feed, clock: ServerClock, page_size: int
) -> None:
    """Let the feed begin after the newest stored events. Raises any `ApiError`.

    For a server that does not send its time. Its clock may be hours behind ours, so
    new events are those that are not stored yet, whatever their times are.
    """
    ask = partial(stored.list, time=(), direction=Direction.DESCENDING)
    page = await Pages(ask, size=page_size, include_data=False).next()
    now = clock.now()
    times = [event.time for event in page.events] or [now]
    feed.lacks_beginning = False
    feed.skip_to(max(now, *times))
    if page.is_last or is_newest_first(page):
        since = min(now, *times) - BEFORE_ALL if page.is_last else min(times)
        feed.note_older(page.events, since)
        feed.look_back(since)
    # Otherwise the newest events are on other pages, so these are not all that exist.
    feed.complete(now=now)
