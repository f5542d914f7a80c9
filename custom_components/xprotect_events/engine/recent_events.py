"""The last events of cameras, by which their pictures are found."""

from collections import deque
from datetime import datetime
from typing import NamedTuple

from ..api import Event, Resource

# Notifications are looked at minutes later: a site with 200 events a second is asked
# for what is not here any more. Each takes 200 bytes.
KEPT = 1_000

_CAMERAS = Resource.CAMERAS.value


class PictureOf(NamedTuple):
    """An event of a camera, as far as its picture is concerned."""

    event_id: str
    camera_id: str
    time: datetime
    type_id: str


class RecentEvents:
    """Notes events of cameras, newest last; noting asks nobody for anything."""

    def __init__(self) -> None:
        self._events: deque[PictureOf] = deque(maxlen=KEPT)

    def note(self, event: Event) -> None:
        """Take in an event; one that is of no camera is left out."""
        source = event.source
        if source is not None and source.resource == _CAMERAS:
            self._events.append(
                PictureOf(event.id, source.id, event.time, event.type_id)
            )

    def find(self, event_id: str) -> PictureOf | None:
        """Return an event by its id, if it is one of the last."""
        for event in reversed(self._events):
            if event.event_id == event_id:
                return event
        return None

    def newest(self, camera_id: str | None = None) -> PictureOf | None:
        """Return the last event of a camera, or of any."""
        for event in reversed(self._events):
            if camera_id in (None, event.camera_id):
                return event
        return None
