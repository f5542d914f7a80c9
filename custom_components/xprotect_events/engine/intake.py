"""Passes pushed and polled events through the feed, in small portions."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta

from ..api import Event, ServerClock, Step
from .arrival import NOW_MARGIN, Arrival
from .feed import Feed
from .pending_triggers import PendingTriggers

# Events in one turn of the event loop. More would block it for a tenth of a second
# where automations listen; fewer would be slower without a benefit.
EVENTS_AT_ONCE = 50
# The same while delivering is quick: fewer turns of the event loop cost less.
MANY_AT_ONCE = 200
# Seconds in which `EVENTS_AT_ONCE` are delivered if that is quick. `MANY_AT_ONCE` then
# take four times as long, which nobody notices.
QUICK = 0.01
# A catch-up must be faster than real time by this factor, or it would never end. With
# two, half of the time is left to wait for listeners.
LEAST_SPEED = 2
# Seconds that the rows of one pushed message may wait for listeners, all together. The
# recorder writes thousands of events meanwhile; with more, lights would react late.
PUSH_PATIENCE = 5.0

# Takes all events that were found, delivered before or not, and the server's time.
type Found = Callable[[Sequence[Event], datetime], None]
type Pace = Callable[[float], Awaitable[None]]


async def no_pace(patience: float) -> None:
    """Let the event loop run other tasks, without waiting."""
    await asyncio.sleep(0)


def ignore_found(events: Sequence[Event], now: datetime) -> None:
    """Ignore the events that were found."""


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
        pushed: Found = ignore_found,
        polled: Found = ignore_found,
        pace: Pace = no_pace,
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._deliver = deliver
        self._stepped = stepped
        self._found_by_push = pushed
        self._found_by_poll = polled
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
        is_pushed = since is None
        began_at: datetime | None = None
        found = self._found_by_push if is_pushed else self._found_by_poll
        is_short = len(events) <= EVENTS_AT_ONCE
        for portion in [events] if is_short else self._portions(events):
            if not is_settled and not self._pending.is_idle:
                await self._pending.settle(event.type_id for event in portion)
            if self._is_closed:
                return
            if self._clock.step is not None:
                self._follow_clock()
            now = self._clock.now()
            began_at = began_at or now
            found(portion, now)
            arrivals = self._feed.accept(portion, now=now, polled_since=since)
            if arrivals:
                deliver = self._deliver if is_short else self._deliver_measured
                deliver(arrivals)
                if not is_pushed:
                    self.polled += len(arrivals)
            if len(portion) < EVENTS_AT_ONCE:
                continue
            if not arrivals:
                await asyncio.sleep(0)
            elif is_pushed:
                waited = (self._clock.now() - began_at).total_seconds()
                # A step of the clock is not waiting.
                await self._pace(PUSH_PATIENCE - min(max(0.0, waited), PUSH_PATIENCE))
            else:
                await self._pace(self._patience(arrivals[-1].event.time))

    def _portions(self, events: Sequence[Event]) -> Iterator[Sequence[Event]]:
        """Yield many events in the order of time; within a portion the feed orders."""
        in_order = sorted(events, key=lambda event: event.order)
        start = 0
        while start < len(in_order):
            end = start + self._at_once
            yield in_order[start:end]
            start = end

    def _deliver_measured(self, arrivals: tuple[Arrival, ...]) -> None:
        """Deliver, and measure the time to adjust the size of the next portion."""
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

    def note_pushed(self, event: Event) -> None:
        """Report a pushed event that is delivered later."""
        self._found_by_push((event,), self._clock.now())

    def _follow_clock(self) -> None:
        step = self._clock.take_step()
        if step is None:
            return
        # The clock may have been set back and then forward again.
        if step.by < timedelta() or step.since < self._feed.window_start:
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
