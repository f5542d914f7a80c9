"""From replies and frames to arrivals, in portions that leave the loop room."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import batched

from ..api import Event, ServerClock, Step
from .arrival import NOW_MARGIN, Arrival, Origin
from .feed import Feed
from .pending_triggers import PendingTriggers

# Events in one turn of the event loop. More would hold it up for a tenth of a second
# where an automation listens, fewer would take longer for nothing.
EVENTS_AT_ONCE = 50
# A catch-up goes through time so many times as fast as time goes by, or it would never
# end; twice leaves it half of the time to wait for who takes the events.
LEAST_SPEED = 2

type Pace = Callable[[float], Awaitable[None]]


async def no_pace(patience: float) -> None:
    """Give others a turn, and wait for nothing."""
    await asyncio.sleep(0)


class Intake:
    """Hands over what the feed has not seen before.

    The one reader of the steps of the server's clock: `stepped` is called before
    anything is handed over that bears the new times.
    """

    def __init__(
        self,
        feed: Feed,
        clock: ServerClock,
        pending: PendingTriggers,
        deliver: Callable[[tuple[Arrival, ...]], None],
        *,
        stepped: Callable[[Step], None],
        polled: Callable[[Sequence[Event]], None] | None = None,
        pace: Pace = no_pace,
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._deliver = deliver
        self._stepped = stepped
        self._polled = polled
        self._pending = pending
        self._pace = pace
        # Of the poll under way: when it began, and the time that it began with.
        self._began_at = self._began_with = clock.now()
        self._is_closed = False
        # Events of polls that were delivered; those of the push do not count.
        self.polled = 0

    def poll_begins(self) -> None:
        """Note where a poll begins: what it finds is paced by how far it comes."""
        self._began_at = self._clock.now()
        self._began_with = self._feed.cursor

    async def take(
        self,
        events: Sequence[Event],
        *,
        since: datetime | None,
        is_settled: bool = False,
    ) -> None:
        """Deliver the new ones of a poll that began at `since`, or of a push.

        Events of types that we are triggering wait for the reply, unless settled.

        The feed learns of each portion when it is delivered: what a shutdown cuts
        off in between is not taken for delivered after the restart.
        """
        origin = Origin.PUSH if since is None else Origin.POLL
        portions: Iterable[Sequence[Event]] = [events]
        if len(events) > EVENTS_AT_ONCE:
            # Within a portion the feed orders.
            in_order = sorted(events, key=lambda event: event.order)
            portions = batched(in_order, EVENTS_AT_ONCE, strict=False)
        for portion in portions:
            if not is_settled and not self._pending.is_idle:
                await self._pending.settle(event.type_id for event in portion)
            if self._is_closed:
                return
            self._follow_clock()
            if self._polled is not None and origin is Origin.POLL:
                self._polled(portion)
            arrivals = self._feed.accept(
                portion, now=self._clock.now(), polled_since=since
            )
            if arrivals:
                self._deliver(arrivals)
                self.polled += len(arrivals) if origin is Origin.POLL else 0
            if len(portion) < EVENTS_AT_ONCE:
                continue
            if arrivals and origin is Origin.POLL:
                await self._pace(self._patience(arrivals[-1].event.time))
            else:
                await asyncio.sleep(0)

    @property
    def server_now(self) -> datetime:
        """The server's time."""
        return self._clock.now()

    def _follow_clock(self) -> None:
        step = self._clock.take_step()
        if step is None:
            return
        if step.by < timedelta():
            self._feed.set_back(step.since - NOW_MARGIN)
        self._stepped(step)

    def _patience(self, reached: datetime) -> float:
        """Return the seconds that a poll may wait when it has come to this time."""
        now = self._clock.now()
        passed = min(reached, now) - self._began_with
        return (passed / LEAST_SPEED - (now - self._began_at)).total_seconds()

    def close(self) -> None:
        """Deliver nothing more."""
        self._is_closed = True

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is delivered."""
        return self._is_closed
