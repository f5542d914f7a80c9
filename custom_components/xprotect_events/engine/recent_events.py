"""The last events of cameras, for finding the pictures of events."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from ..api import Event

# Events to keep, of 400 bytes each. Users open notifications minutes later; on busy
# sites the event is then read from the server.
KEPT = 1_000


class PictureOf(NamedTuple):
    """The fields of a camera's event that its picture needs."""

    event_id: str
    camera_id: str
    time: datetime
    type_id: str


class RecentEvents:
    """Keeps the last live events of cameras."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=KEPT)
        # Keeps an event of a camera, which should have no `data`, as the newest. It is
        # the method of the deque: one of our own would take several times as long.
        self.keep = self._events.append

    def find(self, event_id: str) -> PictureOf | None:
        """Return an event by its id, or `None` if it is not among the last ones."""
        return next(
            (one for one in self._newest_first() if one.event_id == event_id), None
        )

    def last(self) -> PictureOf | None:
        """Return the last event of all cameras."""
        return next(self._newest_first(), None)

    def newest(self) -> Mapping[str, PictureOf]:
        """Return the last event of each camera by the camera's GUID."""
        newest: dict[str, PictureOf] = {}
        for event in self._newest_first():
            newest.setdefault(event.camera_id, event)
        return newest

    def _newest_first(self) -> Iterator[PictureOf]:
        for event in reversed(self._events):
            if event.source is not None:
                yield PictureOf(event.id, event.source.id, event.time, event.type_id)
