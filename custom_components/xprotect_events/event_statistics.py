"""Statistics since the start, for diagnostics and sensors."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
import logging
from typing import NamedTuple

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.util import dt as dt_util

from .engine.arrival import Arrival
from .engine.audit import Subject
from .engine.guard import Guard
from .mode import Channels, Mode

_LOGGER = logging.getLogger(__name__)

# Enough for a night with many lost connections.
MAX_MODE_CHANGES = 50
MAX_LAST = 25


class ModeChange(NamedTuple):
    """A change of the mode, with its time."""

    at: datetime
    mode: Mode
    is_delivering: bool


@dataclass(slots=True, kw_only=True)
class Statistics:
    """Counters, and the last mode changes and events, the newest last."""

    live: int = 0
    missed: int = 0
    audit_finds: int = 0
    sessions_opened: int = 0
    streams_opened: int = 0
    streams_resumed: int = 0
    not_pushed: tuple[Subject, ...] = ()
    mode_changes: deque[ModeChange] = field(
        default_factory=lambda: deque(maxlen=MAX_MODE_CHANGES)
    )
    last: deque[Arrival] = field(default_factory=lambda: deque(maxlen=MAX_LAST))
    _listeners: dict[Callable[[Arrival], None], None] = field(default_factory=dict)
    _guard: Guard = field(default_factory=lambda: Guard(_LOGGER))

    @callback
    def follow_mode(self, channels: Channels) -> None:
        """Note the mode, now and at each change."""

        @callback
        def changed() -> None:
            now = dt_util.utcnow()
            change = ModeChange(now, channels.mode, channels.is_delivering)
            self.mode_changes.append(change)

        channels.listen(changed)
        changed()

    @callback
    def count(self, arrivals: Sequence[Arrival]) -> None:
        """Count events that have just been delivered."""
        missed = len([one for one in arrivals if one.is_missed])
        self.missed += missed
        self.live += len(arrivals) - missed
        self.last.extend(map(_without_data, arrivals[-MAX_LAST:]))
        if self._listeners:
            self._guard.call(tuple(self._listeners), self.last[-1])

    @callback
    def listen(self, listener: Callable[[Arrival], None]) -> CALLBACK_TYPE:
        """Call the listener with the last event; return a function that stops it."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener)


def _without_data(arrival: Arrival) -> Arrival:
    """Return the arrival without data, which may have a megabyte."""
    if arrival.event.data is None:
        return arrival
    return replace(arrival, event=arrival.event._replace(data=None))
