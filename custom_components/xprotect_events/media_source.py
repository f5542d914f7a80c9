"""The media browser: the pictures of events, by camera and day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import override

from homeassistant.auth.models import User
from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .api import ApiError, Device, Direction, Event, Resource, Source
from .const import DOMAIN
from .engine.search import Search, search
from .media_rows import event_title, folder, leaf, video
from .picture_access import async_find_event, async_picture, may_see, pictures_of
from .picture_errors import PictureError, picture_error
from .recorded_video import recorded_entity_id
from .runtime import XProtectConfigEntry, XProtectRuntime
from .service_fields import aware

# Events per page; the browser requests a thumbnail of each.
PAGE = 200
# Days that are looked for, newest first: each costs a request. Hardly any server keeps
# events for longer.
MAX_DAYS = 31

_EVENT = "event"
_MIME_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventImage:
    """A picture in Home Assistant's form for assistants, from 2026.11 on."""

    content: bytes
    mime_type: str


async def async_get_media_source(hass: HomeAssistant) -> EventPictureSource:
    """Set up the source."""
    return EventPictureSource(hass)


class EventPictureSource(MediaSource):
    """The levels are site, camera, day and event; users only see permitted cameras."""

    name = "XProtect"

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(DOMAIN)
        self._hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return a level with its children."""
        # Home Assistant passes no identifier at the root, contrary to its type.
        parts = [part for part in (item.identifier or "").split("/") if part]
        entries = self._entries()
        if not parts and len(entries) == 1:
            parts = [entries[0].entry_id]
        try:
            match parts:
                case []:
                    children = [folder((one.entry_id,), one.title) for one in entries]
                    return folder((), self.name, children)
                case [entry_id, kind, event_id] if kind == _EVENT:
                    return await self._browse_event(self._entry(entry_id), event_id)
                case [entry_id]:
                    return self._browse_site(self._entry(entry_id))
                case [entry_id, camera_id]:
                    return await self._browse_camera(self._entry(entry_id), camera_id)
                case [entry_id, camera_id, day, *before] if len(before) <= 1:
                    entry = self._entry(entry_id)
                    return await self._browse_day(entry, camera_id, day, *before)
        except (PictureError, Unauthorized) as err:
            raise BrowseError(_reason(err)) from err
        except ApiError as err:
            raise BrowseError(str(picture_error(err))) from err
        raise BrowseError(f"There is nothing at {item.identifier}")

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return the address of an event's picture."""
        entry, event_id = self._event_of(item)
        try:
            event = await async_find_event(self._hass, entry, event_id, _user())
            return PlayMedia(pictures_of(entry).root + event.event_id, _MIME_TYPE)
        except (PictureError, Unauthorized) as err:
            raise Unresolvable(_reason(err)) from err

    async def async_get_media_image(self, item: MediaSourceItem) -> EventImage | None:
        """Return the picture of an event for an assistant."""
        entry, event_id = self._event_of(item)
        try:
            event = await async_find_event(self._hass, entry, event_id, _user())
            shot = await async_picture(self._hass, entry, event)
        except (PictureError, Unauthorized) as err:
            raise Unresolvable(_reason(err)) from err
        return EventImage(content=shot.picture.jpeg, mime_type=_MIME_TYPE)

    def _entries(self) -> list[XProtectConfigEntry]:
        """Return the entries that have pictures."""
        loaded: list[XProtectConfigEntry] = (
            self._hass.config_entries.async_loaded_entries(DOMAIN)
        )
        return [one for one in loaded if one.runtime_data.pictures is not None]

    def _entry(self, entry_id: str) -> XProtectConfigEntry:
        for entry in self._entries():
            if entry.entry_id == entry_id:
                return entry
        raise BrowseError("This site has no pictures, or is not loaded")

    def _event_of(self, item: MediaSourceItem) -> tuple[XProtectConfigEntry, str]:
        match (item.identifier or "").split("/"):
            case [entry_id, kind, event_id] if kind == _EVENT:
                try:
                    return self._entry(entry_id), event_id
                except BrowseError as err:
                    raise Unresolvable(str(err)) from err
        raise Unresolvable(f"There is no picture at {item.identifier}")

    def _browse_site(self, entry: XProtectConfigEntry) -> BrowseMediaSource:
        user, runtime = _user(), entry.runtime_data
        cameras = [
            one
            for one in runtime.inventory.data.devices
            if one.resource is Resource.CAMERAS
            and one.enabled
            and may_see(self._hass, runtime, one.id, user)
        ]
        cameras.sort(key=lambda one: one.name.casefold())
        children = [folder((entry.entry_id, one.id), one.name) for one in cameras]
        return folder((entry.entry_id,), entry.title, children)

    async def _browse_camera(
        self, entry: XProtectConfigEntry, camera_id: str
    ) -> BrowseMediaSource:
        camera = self._camera(entry.runtime_data, camera_id)
        parts = (entry.entry_id, camera_id)
        children = [
            folder((*parts, day), day)
            for day in await _days_with_events(entry.runtime_data, camera.source)
        ]
        return folder(parts, camera.name, children)

    async def _browse_day(
        self, entry: XProtectConfigEntry, camera_id: str, day: str, before: str = ""
    ) -> BrowseMediaSource:
        runtime = entry.runtime_data
        camera = self._camera(runtime, camera_id)
        start, end = _span(day, before)
        wanted = Search(
            start=start,
            end=end,
            sources=frozenset({camera.source}),
            direction=Direction.DESCENDING,
            limit=PAGE + 1,
        )
        found = (await search(runtime.client.events, wanted)).events
        parts = (entry.entry_id, camera_id, day)
        children = list(self._leaves(entry, runtime, found[:PAGE]))
        if len(found) > PAGE:
            oldest = found[PAGE].time.astimezone(UTC)
            older = await self._text("older")
            children.append(folder((*parts, f"{oldest:%Y%m%dT%H%M%S.%f}"), older))
        title = f"{camera.name}, {day}"
        return folder(parts, title, children, holds_pictures=True)

    async def _browse_event(
        self, entry: XProtectConfigEntry, event_id: str
    ) -> BrowseMediaSource:
        """Return the picture of an event, and the video that was recorded then."""
        page, runtime = current_connection.get(), entry.runtime_data
        event = await async_find_event(self._hass, entry, event_id, _user())
        thumbnail = pictures_of(entry).root + event.event_id
        identifier = f"{entry.entry_id}/{_EVENT}/{event.event_id}"
        picture = leaf(identifier, await self._text("picture"), thumbnail)
        children = [picture]
        if page is not None and (recorded := recorded_entity_id(self._hass, runtime)):
            runtime.chosen.choose(page, event)
            title = await self._text("recorded_video")
            children.append(video(recorded, title, thumbnail))
        names = runtime.inventory.data.source_names
        place = names.get(Source(Resource.CAMERAS, event.camera_id), "")
        day = dt_util.as_local(event.time).date()
        title = f"{place}, {day} {event_title(runtime, event.time, event.type_id)}"
        parts = (entry.entry_id, _EVENT, event.event_id)
        return folder(parts, title, children, holds_pictures=True)

    def _leaves(
        self,
        entry: XProtectConfigEntry,
        runtime: XProtectRuntime,
        events: Iterable[Event],
    ) -> Iterable[BrowseMediaSource]:
        root = pictures_of(entry).root
        has_video = recorded_entity_id(self._hass, runtime) is not None
        for event in events:
            identifier = f"{entry.entry_id}/{_EVENT}/{event.id}"
            title = event_title(runtime, event.time, event.type_id)
            yield leaf(identifier, title, root + event.id, is_folder=has_video)

    def _camera(self, runtime: XProtectRuntime, camera_id: str) -> Device:
        """Return a camera that the caller may see."""
        for one in runtime.inventory.data.devices:
            if one.id == camera_id and one.resource is Resource.CAMERAS:
                if may_see(self._hass, runtime, camera_id, _user()):
                    return one
                break
        raise BrowseError("There is no such camera")

    async def _text(self, key: str) -> str:
        texts = await async_get_translations(
            self._hass, self._hass.config.language, "common", [DOMAIN]
        )
        return texts.get(f"component.{DOMAIN}.common.{key}", key)


def _user() -> User | None:
    """Return the user, `None` for Home Assistant itself on behalf of an assistant."""
    connection = current_connection.get()
    return connection.user if connection is not None else None


def _reason(err: PictureError | Unauthorized) -> str:
    return str(err) if isinstance(err, PictureError) else "You may not see this camera"


async def _days_with_events(runtime: XProtectRuntime, camera: Source) -> list[str]:
    """Return the days (in Home Assistant's zone) on which a camera has events.

    Raises any `ApiError`.
    """
    days: list[str] = []
    end: datetime | None = None
    while len(days) < MAX_DAYS:
        wanted = Search(
            end=end,
            sources=frozenset({camera}),
            direction=Direction.DESCENDING,
            limit=1,
        )
        found = (await search(runtime.client.events, wanted)).events
        if not found:
            break
        day = dt_util.as_local(found[0].time).date()
        days.append(day.isoformat())
        start = dt_util.start_of_local_day(day)
        end = dt_util.as_utc(start) - timedelta(microseconds=1)
    return days


def _span(day: str, before: str) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last moment of a day, or of the part before a time."""
    try:
        start = dt_util.start_of_local_day(datetime.fromisoformat(day))
        next_day = dt_util.start_of_local_day(start.date() + timedelta(days=1))
        end = dt_util.as_utc(next_day) - timedelta(microseconds=1)
        if before:
            end = datetime.fromisoformat(before).replace(tzinfo=UTC)
    except (ValueError, OverflowError) as err:
        raise BrowseError(f"{day} is no day") from err
    # The address may contain any day and time.
    return aware(start), aware(end)
