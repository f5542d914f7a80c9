"""The last events of cameras, by which their pictures are found."""

from collections import deque
from collections.abc import Callable, Mapping
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
        # Plain tuples: with hundreds of events a second the named ones are too dear.
        self._events: deque[tuple[str, str, datetime, str]] = deque(maxlen=KEPT)
        self._news: Callable[[], None] | None = None

    def note(self, event: Event) -> None:
        """Take in an event; one that is of no camera is left out."""
        source = event.source
        if source is None or source.resource != _CAMERAS:
            return
        self._events.append((event.id, source.id, event.time, event.type_id))
        if self._news is not None:
            news, self._news = self._news, None
            news()

    def wait_for_news(self, news: Callable[[], None] | None) -> None:
        """Call `news` at the next event, once."""
        self._news = news

    def find(self, event_id: str) -> PictureOf | None:
        """Return an event by its id, if it is one of the last."""
        for event in reversed(self._events):
            if event[0] == event_id:
                return PictureOf(*event)
        return None

    def newest(self) -> Mapping[str | None, PictureOf]:
        """Return the last event of each camera, and of all under `None`."""
        found: dict[str | None, PictureOf] = {}
        for event in self._events:
            found[event[1]] = found[None] = PictureOf(*event)
        return found
