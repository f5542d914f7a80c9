"""An event that has just arrived: how, when, and whether it counts as missed."""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple, Self

from ..api import Event

# The server gives its time in whole seconds, so an event of this moment may bear a
# later time. Less would take it for one of the future, more would hide a wrong clock.
NOW_MARGIN = timedelta(seconds=2)
# An event counts as missed from this delay on. Less would include what slow servers
# store and slow polls find; more would let automations act on what is over.
MISSED_AFTER = timedelta(seconds=60)


class Origin(Enum):
    """How an event was found."""

    POLL = auto()
    PUSH = auto()


class Arrival(NamedTuple):
    """An event that was not delivered before.

    `arrived_at` is the server's time at its arrival. An event that `is_missed` is too
    old for automations to take it for something that happens now. Until
    `unknown_until` no answer of the server contained it: the last complete poll for a
    polled event, the arrival for a pushed one.
    """

    event: Event
    origin: Origin
    arrived_at: datetime
    is_missed: bool
    unknown_until: datetime

    @classmethod
    def of(
        cls,
        event: Event,
        arrived_at: datetime,
        *,
        origin: Origin = Origin.PUSH,
        unknown_until: datetime | None = None,
    ) -> Self:
        """Judge an event that arrives at this time of the server."""
        is_missed = arrived_at - event.time > MISSED_AFTER
        return cls(event, origin, arrived_at, is_missed, unknown_until or arrived_at)

    @property
    def delay(self) -> timedelta:
        """How long after its own time it arrived; negative for one of the future."""
        return self.arrived_at - self.event.time

    @property
    def as_of(self) -> datetime:
        """The event's own time, or that of its arrival for an event of the future."""
        return as_of(self.event, self.arrived_at)


def as_of(event: Event, now: datetime) -> datetime:
    """Return the event's own time, or the server's now for an event of the future.

    A camera whose clock is fast would otherwise keep its state until that time.
    """
    return event.time if event.time <= now + NOW_MARGIN else now
