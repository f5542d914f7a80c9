"""The pictures of one site: of which events, and who wants to hear of new ones."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .engine.pictures import Pictures
from .engine.recent_events import PictureOf, RecentEvents
from .engine.recorder_ways import RecorderWays

# Seconds between two states of an entity that shows the last event. Less would write
# thousands of states an hour to the database; more would show what is long over.
UPDATE_INTERVAL = 10.0

PICTURE_URL = f"/api/{DOMAIN}/picture/{{entry_id}}/{{event_id}}"


class SitePictures:
    """Fetches pictures, and tells entities which event is the last.

    Until somebody looks, an event costs one call and one tuple.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        fetch: Pictures,
        ways: RecorderWays | None,
    ) -> None:
        self.fetch = fetch
        # `None` where the recording servers are not to be asked.
        self.ways = ways
        self.recent = RecentEvents()
        # Where the picture of an event is found, but for its id.
        self.root = PICTURE_URL.format(entry_id=entry_id, event_id="")
        # What the image entities of cameras show, while they are enabled.
        self.entity_pictures: dict[str, str] = {}
        self._hass = hass
        self._last: dict[str | None, PictureOf] = {}
        self._listeners: dict[str | None, list[Callable[[], None]]] = {}
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._job = HassJob(self._look_again, cancel_on_shutdown=True)

    @callback
    def start(self) -> None:
        """Show events from now on."""
        self.recent.wait_for_news(self._show)

    @callback
    def stop(self) -> None:
        """Let nothing run any more."""
        self.recent.wait_for_news(None)
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

    @callback
    def last_event(self, camera_id: str | None) -> PictureOf | None:
        """Return the last event of a camera, `None`: of any, as entities show it."""
        return self._last.get(camera_id)

    @callback
    def listen(self, camera_id: str | None, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener for new events of a camera, at most every some seconds.

        Returns the way to stop it.
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
            self.recent.wait_for_news(self._show)
        else:
            self._show()
