"""Decides which of two events of one source and state group is newer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..api import Event

# Two simultaneous events of one source may be stored, and numbered, in reverse order.
# An event with a higher number that is older by more than this is from a clock that was
# set back. With more, states that end within this time would be wrong.
NUMBERED_OUT_OF_ORDER = timedelta(seconds=1)
# An event that is older by more than this was stored with a delay, for example after
# an outage of its recorder, so its number is no evidence. Polls do not look back more.
STORED_LATE = timedelta(minutes=15)


@dataclass(slots=True, init=False)
class Known:
    """The event that set a state, without tag and data.

    `time` is the event's own time, shifted when the server's clock is set back.
    `as_of` is the same, but not later than the arrival.
    """

    event: Event
    time: datetime
    as_of: datetime

    def __init__(self, event: Event, as_of: datetime) -> None:
        if event.tag is not None or event.data is not None:
            # Data may have a megabyte.
            event = event._replace(tag=None, data=None)
        self.event = event
        self.time = event.time
        self.as_of = as_of


def is_newer(
    event: Event, event_as_of: datetime, unknown_until: datetime, known: Known
) -> bool:
    """Whether an event is newer than the one that set the state.

    If both have numbers (the order of storage) and their times differ by seconds or
    minutes, the numbers decide, because a clock may have been set back. Otherwise the
    times decide, and also where a later event was stored later with a lower number:
    the server has a new database. An event of the future counts as of its
    arrival: an event that no answer contained until then is newer.
    """
    number, known_number = event.local_id, known.event.local_id
    if number is not None and known_number is not None:
        distance = abs(event.time - known.time)
        is_numbered_anew = number < known_number and known.as_of <= unknown_until
        if NUMBERED_OUT_OF_ORDER < distance < STORED_LATE and not (
            is_numbered_anew and event.time > known.time
        ):
            return number > known_number
    if event.time > known.time:
        return True
    if known.as_of < event_as_of and known.as_of <= unknown_until:
        return True
    return _follows(event, known.event)


def _follows(event: Event, known: Event) -> bool:
    """Whether an event follows another one of the same time.

    Pushed events have no numbers, and a state may end in the instant of its start.
    """
    if event.local_id is None or known.local_id is None:
        *moment, _ = event.order
        *known_moment, _ = known.order
        return moment >= known_moment and event.id != known.id
    return event.order > known.order
