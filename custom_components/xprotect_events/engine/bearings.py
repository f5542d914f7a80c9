"""Reads the ids of events shortly before the first one that may be delivered."""

from functools import partial

from ..api import Condition, Direction, Event, Events, Operator
from .feed import CLOCK_TOLERANCE, Feed
from .pages import ACCURACY, Pages

# Pages of stored events to read. A site that needs more has hundreds of events per
# second; there a shorter span is enough.
PAGES_FOR_BEARINGS = 10


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
    while pages.read < PAGES_FOR_BEARINGS:
        page = await pages.next()
        found += page.events
        if page.is_last:
            break
    else:
        since = min((event.time for event in found), default=until)
    feed.take_bearings(found, since)
