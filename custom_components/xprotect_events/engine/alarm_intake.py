"""Passes on new alarms in portions, so that the event loop is not blocked."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import NamedTuple

from ..api import Alarm, Event, ServerClock
from .alarm_list import AlarmRow
from .arrival import MISSED_AFTER
from .feed import Feed
from .intake import EVENTS_AT_ONCE, Pace, no_pace

# Seconds that automations may take for a portion of missed alarms.
PATIENCE = 2.0


class AlarmArrival(NamedTuple):
    """An alarm that was not delivered before; `is_missed` if it is not live."""

    alarm: Alarm
    delay: timedelta
    is_missed: bool


class AlarmIntake:
    """Passes on the alarms that the feed has not seen before, in order of time."""

    def __init__(
        self,
        feed: Feed,
        clock: ServerClock,
        deliver: Callable[[tuple[AlarmArrival, ...]], None],
        *,
        read: Callable[[Alarm], None],
        pace: Pace = no_pace,
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._deliver = deliver
        self._read = read
        self._pace = pace
        self.polled = 0
        self.is_closed = False
        # The age up to which an alarm is live; it depends on the poll interval.
        self.missed_after = MISSED_AFTER

    async def take(self, events: Sequence[Event], *, since: datetime) -> None:
        """Take a page of a reading that began at `since`."""
        await self._take(events, since)

    async def take_stored_late(self, events: Sequence[Event]) -> None:
        """Take alarms that were stored long after their time, which may be any."""
        await self._take(events, None)

    def close(self) -> None:
        """Deliver nothing more."""
        self.is_closed = True

    async def _take(self, events: Sequence[Event], since: datetime | None) -> None:
        in_order = sorted(events, key=lambda event: event.order)
        for portion in batched(in_order, EVENTS_AT_ONCE, strict=False):
            if self.is_closed:
                return
            rows = [row for row in portion if isinstance(row, AlarmRow)]
            for row in rows:
                self._read(row.alarm)
            news = self._feed.accept(rows, now=self._clock.now(), polled_since=since)
            if news:
                self.polled += len(news)
                self._deliver(
                    tuple(
                        AlarmArrival(
                            event.alarm, one.delay, one.delay > self.missed_after
                        )
                        for one in news
                        if isinstance(event := one.event, AlarmRow)
                    )
                )
            if len(portion) == EVENTS_AT_ONCE:
                if news:
                    await self._pace(PATIENCE)
                await asyncio.sleep(0)
