"""Reading stored events in pages: after an outage, and without event sessions."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ..api import Condition, Events, Operator
from .feed import Feed
from .intake import Intake

# Servers compare times with 10 ms accuracy (protocol §4.4): ask for a little more.
ACCURACY = timedelta(milliseconds=20)


class PagePoll:
    """Reads `GET /events` from a time to the end."""

    def __init__(
        self,
        events: Events,
        feed: Feed,
        intake: Intake,
        *,
        page_size: int,
    ) -> None:
        self._events = events
        self._feed = feed
        self._intake = intake
        self._page_size = page_size

    async def read(
        self, since: datetime, *, answered: Callable[[], None] | None = None
    ) -> None:
        """Deliver what was stored after `since` and is new. Raises any `ApiError`.

        Calls `answered` before the first page is delivered.

        Goes on by time, not by page number: retention that deletes rows meanwhile
        would shift the pages. The cursor follows each page, so that a crash during
        a long catch-up does not repeat it.
        """
        start, page = since - ACCURACY, 0
        while True:
            found = await self._events.list(
                time=[Condition(Operator.GREATER_THAN, start)],
                page=page,
                size=self._page_size,
                include_data=True,
            )
            if answered is not None:
                answered()
                answered = None
            await self._intake.take(found.events, since=since)
            if self._intake.is_closed:
                return
            self._feed.advance()
            if found.is_last:
                return
            newest = max((event.time for event in found.events), default=start)
            if newest - ACCURACY > start:
                start, page = newest - ACCURACY, 0
            else:
                # A whole page within some milliseconds, or one that nobody can read.
                page += 1
