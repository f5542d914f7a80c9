"""The last events of cameras, for finding the pictures of events."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from ..api import Event, Resource

# Events to keep, of 200 bytes each. Users open notifications minutes later; on busy
# sites the event is then read from the server.
KEPT = 1_000

_CAMERAS = Resource.CAMERAS.value


class PictureOf(NamedTuple):
    """The fields of a camera's event that its picture needs."""

    event_id: str
    camera_id: str
    time: datetime
    type_id: str


class RecentEvents:
    """Keeps the last events of cameras, the newest last."""

    def __init__(self) -> None:
        # Plain tuples: named ones are too slow for hundreds of events per second.
        self._events: deque[tuple[str, str, datetime, str]] = deque(maxlen=KEPT)
        self._next: Callable[[], None] | None = None

    def note(self, event: Event) -> None:
        """Keep an event, if its source is a camera."""
        source = event.source
        if source is None or source.resource != _CAMERAS:
            return
        self._events.append((event.id, source.id, event.time, event.type_id))
        if self._next is not None:
            listener, self._next = self._next, None
            listener()

    def call_at_next(self, listener: Callable[[], None] | None) -> None:
        """Call the listener once, at the next event; `None` cancels that."""
        self._next = listener

    def find(self, event_id: str) -> PictureOf | None:
        """Return an event by its id, or `None` if it is not among the last ones."""
        for event in reversed(self._events):
            if event[0] == event_id:
                return PictureOf(*event)
        return None

    def newest(self) -> Mapping[str | None, PictureOf]:
        """Return the last event by camera GUID, and that of all cameras as `None`."""
        found: dict[str | None, PictureOf] = {}
        for event in self._events:
            found[event[1]] = found[None] = PictureOf(*event)
        return found
