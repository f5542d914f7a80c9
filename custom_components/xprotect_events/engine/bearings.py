"""Which events were there before the first one that is news."""

from functools import partial

from ..api import Condition, Direction, Event, Events, Operator
from .feed import CLOCK_TOLERANCE, Feed
from .pages import ACCURACY, Pages

# Pages of stored events that are noted. More would be a site with hundreds of events a
# second, where a shorter span does.
MAX_PAGES = 10


async def take_bearings(events: Events, feed: Feed, page_size: int) -> None:
    """Note what was stored shortly before the feed takes events for news.

    Raises any `ApiError`.
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
    while pages.read < MAX_PAGES:
        page = await pages.next()
        found += page.events
        if page.is_last:
            break
    else:
        since = min((event.time for event in found), default=until)
    feed.take_bearings(found, since)
