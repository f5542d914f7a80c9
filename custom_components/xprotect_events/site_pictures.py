"""The pictures of one site: fetching them, and showing the last event."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .engine.keyed_listeners import KeyedListeners
from .engine.pictures import Pictures
from .engine.recent_events import PictureOf, RecentEvents
from .engine.recorder_ways import RecorderWays

# Seconds between two states of an entity with the last event. Less would write
# thousands of states per hour to the database; more would be out of date.
UPDATE_INTERVAL = 10.0

# Calls a function after events were passed on, and returns a function that stops it.
type Follow = Callable[[Callable[[object], None]], CALLBACK_TYPE]

PICTURE_URL = f"/api/{DOMAIN}/picture/{{entry_id}}/{{event_id}}"


class PictureDisplay(Protocol):
    """An event entity that shows the picture of its camera's image entity."""

    @property
    def entity_picture(self) -> str | None:
        """The address of the picture."""

    def follow_picture(self, address: str | None) -> None:
        """Show the picture at another address, or none any more."""


class SitePictures:
    """Fetches pictures, and calls entities when there is a new last event.

    While nobody views pictures, an event is only added to the last events.
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
        # The event entities that show one of these, by camera.
        self.displays: dict[str, PictureDisplay] = {}
        self._hass = hass
        self._last: dict[str | None, PictureOf] = {}
        self._listeners: KeyedListeners[str | None, CALLBACK_TYPE] = KeyedListeners()
        self._job = HassJob(self._look_again, cancel_on_shutdown=True)

    @callback
    def start(self, follow: Follow) -> None:
        """Show events from now on."""
        self._follow = follow
        self._wait()

    @callback
    def stop(self) -> None:
        """Stop updating entities and fetching pictures."""
        self._stop_waiting()
        self.fetch.close()

    def _wait(self) -> None:
        # Nothing is called for events while the interval runs.
        self._stop_waiting = self._follow(self._show_first)

    @callback
    def last_event(self, camera_id: str | None) -> PictureOf | None:
        """Return the last event of a camera, or of all cameras for `None`."""
        return self._last.get(camera_id)

    @callback
    def listen(self, camera_id: str | None, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener after new events, at most once in `UPDATE_INTERVAL`.

        `None` stands for all cameras. Return a function that stops it.
        """
        return self._listeners.add(camera_id, listener)

    @callback
    def _show_first(self, _: object) -> None:
        last = self.recent.last()
        if last != self._last.get(None):
            self._stop_waiting()
            self._show(last)

    @callback
    def _look_again(self, _: datetime) -> None:
        last = self.recent.last()
        if last == self._last.get(None):
            self._wait()
        else:
            self._show(last)

    def _show(self, last: PictureOf | None) -> None:
        self._stop_waiting = async_call_later(self._hass, UPDATE_INTERVAL, self._job)
        newest: dict[str | None, PictureOf | None] = {None: last}
        newest.update(self.recent.newest())
        news = {
            camera_id: event
            for camera_id, event in newest.items()
            if event is not None and self._last.get(camera_id) != event
        }
        # Events may name any number of cameras that do not exist.
        kept = {
            camera_id: event
            for camera_id, event in self._last.items()
            if camera_id in newest or camera_id in self._listeners
        }
        self._last = kept | news
        for camera_id in news:
            for listener in self._listeners.get(camera_id, ()):
                listener()
