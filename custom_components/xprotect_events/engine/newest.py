"""Which of two events of a source and a state group is the newer one."""

from datetime import datetime, timedelta
from typing import NamedTuple, Self

from ..api import Event

# Two rows of one source that happen at once may be stored, and numbered, in the other
# order. A row that is older by more than this, but has a higher number, comes from a
# clock that was set back. More would leave states wrong that end within this time.
NUMBERED_OUT_OF_ORDER = timedelta(seconds=1)
# A row that is older by more than this is one that was stored late: it may be from
# before the newest. The polls do not look back further either.
STORED_LATE = timedelta(minutes=15)


class Known(NamedTuple):
    """The event that set a state, without tag and data.

    `time` is the event's own, moved along when the server's clock is set back.
    `as_of` is the same, but no later than its arrival.
    """

    event: Event
    time: datetime
    as_of: datetime

    @classmethod
    def of(cls, event: Event, as_of: datetime) -> Self:
        """Keep of an event what states need: data may hold a picture of a megabyte."""
        if event.tag is not None or event.data is not None:
            event = event._replace(tag=None, data=None)
        return cls(event, event.time, as_of)


def is_newer(
    event: Event, event_as_of: datetime, unknown_until: datetime, known: Known
) -> bool:
    """Whether an event is newer than the one that set the state.

    By its time. An event of the future is as old as its arrival: what no answer
    contained until then is newer. Rows have numbers, too, in the order in which the
    server has stored them.
    """
    number, known_number = event.local_id, known.event.local_id
    if number is not None and known_number is not None:
        distance = abs(event.time - known.time)
        if NUMBERED_OUT_OF_ORDER < distance < STORED_LATE:
            return number > known_number
    if event.time > known.time:
        return True
    if known.as_of < event_as_of and known.as_of <= unknown_until:
        return True
    return _follows(event, known.event)


def _follows(event: Event, known: Event) -> bool:
    """Whether the second of two events is the newer one, by more than its time.

    The stream numbers no events, and a state may be over in the same instant.
    """
    if event.local_id is None or known.local_id is None:
        *moment, _ = event.order
        *known_moment, _ = known.order
        return moment >= known_moment and event.id != known.id
    return event.order > known.order
