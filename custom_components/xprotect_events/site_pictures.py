"""The pictures of one site: fetching them, and showing the last event."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .engine.pictures import Pictures
from .engine.recent_events import PictureOf, RecentEvents
from .engine.recorder_ways import RecorderWays

# Seconds between two states of an entity with the last event. Less would write
# thousands of states per hour to the database; more would be out of date.
UPDATE_INTERVAL = 10.0

PICTURE_URL = f"/api/{DOMAIN}/picture/{{entry_id}}/{{event_id}}"


class SitePictures:
    """Fetches pictures, and calls entities when there is a new last event.

    Without viewers, an event costs only one call and one tuple.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        fetch: Pictures,
        ways: RecorderWays | None,
    ) -> None:
        self.fetch = fetch
        # `None` if the options do not allow requests to recording servers.
        self.ways = ways
        self.recent = RecentEvents()
        # The path of a picture without the event's id at its end.
        self.root = PICTURE_URL.format(entry_id=entry_id, event_id="")
        # The pictures of the cameras' image entities that are enabled.
        self.entity_pictures: dict[str, str] = {}
        self._hass = hass
        self._last: dict[str | None, PictureOf] = {}
        self._listeners: dict[str | None, list[Callable[[], None]]] = {}
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._job = HassJob(self._look_again, cancel_on_shutdown=True)

    @callback
    def start(self) -> None:
        """Show events from now on."""
        self.recent.call_at_next(self._show)

    @callback
    def stop(self) -> None:
        """Stop updating entities."""
        self.recent.call_at_next(None)
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

    @callback
    def last_event(self, camera_id: str | None) -> PictureOf | None:
        """Return the last event of a camera, or of all cameras for `None`."""
        return self._last.get(camera_id)

    @callback
    def listen(self, camera_id: str | None, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener after new events, at most once in `UPDATE_INTERVAL`.

        `None` stands for all cameras. Return a function that stops it.
        """
        self._listeners.setdefault(camera_id, []).append(listener)
        return lambda: self._listeners[camera_id].remove(listener)

    @callback
    def _show(self) -> None:
        self._cancel_timer = async_call_later(self._hass, UPDATE_INTERVAL, self._job)
        news = {
            camera_id: event
            for camera_id, event in self.recent.newest().items()
            if self._last.get(camera_id) != event
        }
        self._last.update(news)
        for camera_id in news:
            for listener in tuple(self._listeners.get(camera_id, ())):
                listener()

    @callback
    def _look_again(self, _: datetime) -> None:
        self._cancel_timer = None
        if self.recent.newest().get(None) == self._last.get(None):
            self.recent.call_at_next(self._show)
        else:
            self._show()
