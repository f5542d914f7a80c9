"""From replies to deliveries, in portions that leave the event loop room."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import batched

from ..api import Event, ServerClock
from .feed import Delivery, Feed

# A portion takes about 20 ms in Home Assistant; its bus takes 10,000 at most.
PORTION = 200


class Intake:
    """Hands over what the feed has not seen before."""

    def __init__(
        self,
        feed: Feed,
        clock: ServerClock,
        deliver: Callable[[tuple[Delivery, ...]], None],
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._deliver = deliver
        self._is_closed = False
        self.delivered = 0

    async def take(self, events: Iterable[Event], *, since: datetime) -> None:
        """Deliver the new ones of a poll that began at `since`.

        The feed learns of each portion when it is delivered: what a shutdown cuts
        off in between is not taken for delivered after the restart.
        """
        ordered = sorted(events, key=lambda event: event.order)
        for portion in batched(ordered, PORTION, strict=False):
            if self._is_closed:
                return
            deliveries = self._feed.accept(
                portion, now=self._clock.now(), polled_since=since
            )
            if deliveries:
                self._deliver(deliveries)
                self.delivered += len(deliveries)
            if len(portion) == PORTION:
                await asyncio.sleep(0)

    def close(self) -> None:
        """Deliver nothing more."""
        self._is_closed = True

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is delivered."""
        return self._is_closed
