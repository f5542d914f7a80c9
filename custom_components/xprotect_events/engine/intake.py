"""Passes pushed and polled events through the feed, in small portions."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta

from ..api import Event, ServerClock, Step
from .arrival import NOW_MARGIN, Arrival, Origin
from .feed import Feed
from .pending_triggers import PendingTriggers

# Events in one turn of the event loop. More would block it for a tenth of a second
# where automations listen; fewer would be slower without a benefit.
EVENTS_AT_ONCE = 50
# As long as they are taken quickly: fewer turns of the event loop cost less.
MANY_AT_ONCE = 200
# In seconds, for `EVENTS_AT_ONCE`. Nobody notices four times as long.
QUICK = 0.01
# A catch-up must be faster than real time by this factor, or it would never end. With
# two, half of the time is left to wait for listeners.
LEAST_SPEED = 2

type Pace = Callable[[float], Awaitable[None]]


async def no_pace(patience: float) -> None:
    """Let the event loop run other tasks, without waiting."""
    await asyncio.sleep(0)


class Intake:
    """Delivers the events that the feed finds new.

    It is the only reader of the steps of the server's clock: `stepped` is called
    before events with the new times are delivered.
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
        # The start of the current poll, and the cursor then.
        self._began_at = self._began_with = clock.now()
        self._is_closed = False
        self._at_once = EVENTS_AT_ONCE
        # The number of polled events that were delivered.
        self.polled = 0

    def poll_begins(self) -> None:
        """Note the start of a poll, from which its pace is computed."""
        self._began_at = self._clock.now()
        self._began_with = self._feed.cursor

    async def take(
        self,
        events: Sequence[Event],
        *,
        since: datetime | None,
        is_settled: bool = False,
    ) -> None:
        """Deliver the new events of a poll that began at `since`, `None` for push.

        Events of a type that an action is triggering wait for its reply, unless
        `is_settled`.

        The feed takes each portion just before its delivery, so that after a shutdown
        in between the rest does not count as delivered.
        """
        origin = Origin.PUSH if since is None else Origin.POLL
        for portion in self._portions(events):
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
                self._hand_over(arrivals)
                self.polled += len(arrivals) if origin is Origin.POLL else 0
            if len(portion) < EVENTS_AT_ONCE:
                continue
            if arrivals and origin is Origin.POLL:
                await self._pace(self._patience(arrivals[-1].event.time))
            else:
                await asyncio.sleep(0)

    def _portions(self, events: Sequence[Event]) -> Iterator[Sequence[Event]]:
        """Yield events in the order of time; within a portion the feed orders."""
        if len(events) <= EVENTS_AT_ONCE:
            yield events
            return
        in_order = sorted(events, key=lambda event: event.order)
        start = 0
        while start < len(in_order):
            end = start + self._at_once
            yield in_order[start:end]
            start = end

    def _hand_over(self, arrivals: tuple[Arrival, ...]) -> None:
        """Deliver, and see how long whoever takes them takes for as many."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._deliver(arrivals)
        each = (loop.time() - began) / len(arrivals)
        is_quick = each * EVENTS_AT_ONCE < QUICK
        self._at_once = MANY_AT_ONCE if is_quick else EVENTS_AT_ONCE

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
        """Return the seconds that a poll may wait after it has reached this time."""
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
