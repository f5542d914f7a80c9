"""A newly arrived event: by push or poll, when, and whether it counts as missed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from ..api import Event

# The server's time has whole seconds, so a new event may have a slightly later time.
# With less, it would count as an event of the future; with more, a wrong clock would go
# unnoticed.
NOW_MARGIN = timedelta(seconds=2)
# The delay of an event of the future is less. A constant, because each event needs it.
_LEAST_DELAY = -NOW_MARGIN
# An event counts as missed from this delay on. Less would include ordinary events of
# slow servers and slow polls; with more, automations would act on what is over.
MISSED_AFTER = timedelta(seconds=60)


class Origin(Enum):
    """How an event was found."""

    POLL = auto()
    PUSH = auto()


# Not frozen, and with its own `__init__`: each event creates one, and the generated
# methods take several times as long.
@dataclass(slots=True, init=False)
class Arrival:
    """An event that was not delivered before.

    `arrived_at` is the server's time at its arrival. `is_missed` means that it is too
    old for automations that act on what happens now. Before `unknown_until` no answer
    of the server contained it: this is the last complete poll for a polled event, and
    the arrival for a pushed one. `as_of` is the event's own time, or that of the
    arrival for an event of the future.
    """

    event: Event
    arrived_at: datetime
    origin: Origin
    unknown_until: datetime
    is_missed: bool = field(init=False)
    as_of: datetime = field(init=False)

    def __init__(
        self,
        event: Event,
        arrived_at: datetime,
        origin: Origin = Origin.PUSH,
        unknown_until: datetime | None = None,
    ) -> None:
        delay = arrived_at - event.time
        self.event = event
        self.arrived_at = arrived_at
        self.origin = origin
        self.unknown_until = unknown_until or arrived_at
        self.is_missed = delay > MISSED_AFTER
        self.as_of = event.time if delay >= _LEAST_DELAY else arrived_at

    @property
    def delay(self) -> timedelta:
        """The time from the event to its arrival; negative for one of the future."""
        return self.arrived_at - self.event.time
