"""Whose clock is wrong where everything that is pushed seems to be old.

Pure: the server's now is an argument, and nothing here waits or reads a clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ..api import Source
from .arrival import Arrival

# How long all events have to seem old. With less, what a recorder brings after an
# outage would look like a wrong clock.
LASTS = timedelta(minutes=5)
# And how many of a source at the least.
ENOUGH = 3
# A wrong clock is wrong by the same amount all the time; what is held up comes later
# and later, or sooner and sooner.
SPREAD = timedelta(seconds=10)
# Sources that are watched. A server that makes them up must not fill the memory.
MAX_SUSPECTS = 1000


class WrongClocks(NamedTuple):
    """By how much the event server's clock is behind the gateway's, or sources are."""

    server: timedelta | None
    sources: Mapping[Source, timedelta]


@dataclass(slots=True)
class _Suspect:
    """A source of which no event has been pushed that is not missed."""

    since: datetime
    last: datetime
    least: timedelta
    most: timedelta
    count: int = 1


class ClockWitness:
    """Notes by how much pushed events are older than the server's now."""

    def __init__(self, now: datetime) -> None:
        self._live_at = now
        self._suspects: dict[Source | None, _Suspect] = {}

    def clear(self, now: datetime) -> None:
        """Begin anew: the server's clock was set."""
        self._live_at = now
        self._suspects.clear()

    def pushed(self, arrivals: Iterable[Arrival]) -> None:
        """Note events that were pushed."""
        for arrival in arrivals:
            source = arrival.event.source
            if arrival.is_missed:
                self._suspect(source, arrival)
            else:
                self._live_at = arrival.arrived_at
                if self._suspects:
                    self._suspects.pop(source, None)

    def judge(self, now: datetime) -> WrongClocks:
        """Return whose clocks are behind, and by how much."""
        behind = {
            source: one.least
            for source, one in self._suspects.items()
            if one.count >= ENOUGH
            and one.last - one.since >= LASTS
            and one.most - one.least < SPREAD
        }
        if behind and now - self._live_at >= LASTS:
            return WrongClocks(min(behind.values()), {})
        return WrongClocks(
            None, {source: by for source, by in behind.items() if source is not None}
        )

    def _suspect(self, source: Source | None, arrival: Arrival) -> None:
        now, delay = arrival.arrived_at, arrival.delay
        known = self._suspects.get(source)
        if known is not None:
            known.last = now
            known.least = min(known.least, delay)
            known.most = max(known.most, delay)
            known.count += 1
        elif len(self._suspects) < MAX_SUSPECTS:
            self._suspects[source] = _Suspect(now, now, delay, delay)
