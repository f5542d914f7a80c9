"""Finds wrong clocks: all events of a source, or of the site, arrive with old times.

Pure: the server's time is an argument, and nothing here waits or reads a clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ..api import Source
from .arrival import Arrival

# How long all events must have old times. With less, the events that a recorder sends
# after an outage would look like a wrong clock.
LASTS = timedelta(minutes=5)
# How many events of a source there must be.
MIN_EVENTS = 3
# The greatest difference between delays. A wrong clock has a constant error; the delay
# of events that wait somewhere grows or shrinks.
SPREAD = timedelta(seconds=10)
# A polled event was stored since the last complete poll. After a longer time than this,
# which is more than the longest poll interval, its delay says nothing about clocks.
MAX_UNSEEN = timedelta(seconds=25)
# The most sources to watch. A server that invents them must not fill the memory.
MAX_WATCHED = 1000


class WrongClocks(NamedTuple):
    """How much the clocks of the event server or of sources are behind the gateway."""

    server: timedelta | None
    sources: Mapping[Source, timedelta]


@dataclass(slots=True)
class _Suspect:
    """A source whose events all count as missed.

    The delay of a polled event lies between two values. `least` is the smallest of the
    larger ones, `most` the largest of the smaller ones.
    """

    since: datetime
    last: datetime
    least: timedelta
    most: timedelta
    count: int = 1


class ClockWitness:
    """Watches the delay between the time of events and when they were stored."""

    def __init__(self, now: datetime) -> None:
        self._live_at = now
        self._suspects: dict[Source | None, _Suspect] = {}

    def clear(self, now: datetime) -> None:
        """Start again after the server's clock was set."""
        self._live_at = now
        self._suspects.clear()

    def arrived(self, arrivals: Sequence[Arrival]) -> None:
        """Note events in the order of their arrival, pushed or polled."""
        for arrival in arrivals:
            if arrival.is_missed:
                self._suspect(arrival.event.source, arrival)
            else:
                self._live_at = arrival.arrived_at
                if self._suspects:
                    self._suspects.pop(arrival.event.source, None)

    def judge(self, now: datetime) -> WrongClocks:
        """Return which clocks are behind, and by how much."""
        behind = {
            source: one.least
            for source, one in self._suspects.items()
            if one.count >= MIN_EVENTS
            and one.last - one.since >= LASTS
            and one.most - one.least < SPREAD
        }
        if behind and now - self._live_at >= LASTS:
            return WrongClocks(min(behind.values()), {})
        return WrongClocks(
            None, {source: by for source, by in behind.items() if source is not None}
        )

    def _suspect(self, source: Source | None, arrival: Arrival) -> None:
        unseen = arrival.arrived_at - arrival.unknown_until
        if unseen > MAX_UNSEEN:
            return
        now, delay = arrival.arrived_at, arrival.delay
        known = self._suspects.get(source)
        if known is not None:
            known.last = now
            known.least = min(known.least, delay)
            known.most = max(known.most, delay - unseen)
            known.count += 1
        elif len(self._suspects) < MAX_WATCHED:
            self._suspects[source] = _Suspect(now, now, delay, delay - unseen)
