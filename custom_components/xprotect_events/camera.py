"""Camera entities: the picture of now, the live view, and recorded video."""

from collections.abc import Iterable
import logging
from typing import override

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.camera import (
    Camera,
    CameraEntityFeature,
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCError,
    WebRTCSendMessage,
)
from homeassistant.components.websocket_api import ActiveConnection, current_connection
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from webrtc_models import RTCIceCandidateInit

from .api import ApiError, Device, IceServer, Resource, Thing
from .engine.built_in import StateKind
from .engine.pictures import LIVE_FOR
from .engine.shot import BusyError, Shot
from .entity import (
    XProtectEntity,
    XProtectListedEntity,
    async_add_for_sources,
    async_change_disabled,
    async_remove_entities,
    unique_id,
    until_unloaded,
)
from .entity_budget import has_room_for_cameras
from .live_view import Footage, LiveViews
from .live_view_errors import Reason, ViewError
from .recorded_video import KEY, async_find_footage
from .runtime import XProtectConfigEntry, XProtectRuntime

# The fetching of pictures has its own limits.
PARALLEL_UPDATES = 0

# The code of Home Assistant's own errors of this kind.
ERROR_CODE = "webrtc_offer_failed"

CAMERA_KEY = "camera"

_LOGGER = logging.getLogger(__name__)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one entity per camera, and one of the site for recorded video."""
    async_add_entities = until_unloaded(entry, async_add_entities)
    runtime = entry.runtime_data
    views = runtime.views
    if views is not None and runtime.pictures is not None:
        async_add_entities([XProtectRecordedVideo(entry, runtime, views)])
    else:
        async_remove_entities(hass, entry, KEY)
    is_room = has_room_for_cameras(hass, entry)

    def build(item: Thing) -> Iterable[XProtectCamera]:
        if item.resource is not Resource.CAMERAS or not isinstance(item, Device):
            return
        if views is None:
            yield XProtectCamera(runtime, item)
        else:
            # With that setting it is Home Assistant that has disabled new cameras.
            if is_room and not entry.pref_disable_new_entities:
                _enable(hass, runtime, item)
            yield XProtectLiveCamera(runtime, item, views, is_enabled=is_room)

    await async_add_for_sources(entry, async_add_entities, build)


@callback
def _enable(hass: HomeAssistant, runtime: XProtectRuntime, camera: Device) -> None:
    """Enable a camera that was created, disabled, when only pictures were on."""
    known = unique_id(runtime.devices.site_id, camera.source, CAMERA_KEY)
    before = er.RegistryEntryDisabler.INTEGRATION
    async_change_disabled(hass, (Platform.CAMERA, known), before, None)


class XProtectCamera(XProtectListedEntity, Camera):
    """A camera of XProtect; pictures are fetched only when a user views them.

    The rights on this entity decide who may see the pictures of the camera's events,
    even while it is disabled.
    """

    _attr_name = None
    _attr_entity_registry_enabled_default = False
    # How often pages show a new picture.
    _attr_frame_interval = LIVE_FOR

    def __init__(self, runtime: XProtectRuntime, camera: Device) -> None:
        Camera.__init__(self)
        XProtectListedEntity.__init__(self, runtime, camera.source, CAMERA_KEY)
        self._pictures = runtime.pictures
        self._camera_id = camera.id
        self._shot: Shot | None = None

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the live picture, or the last one while too many are requested."""
        if self._pictures is None:
            return None
        try:
            self._shot = await self._pictures.fetch.live(self._camera_id)
        except ApiError as err:
            _LOGGER.debug("No picture of camera %s: %s", self._camera_id, err)
            if not isinstance(err, BusyError):
                self._shot = None
        return self._shot.picture.jpeg if self._shot else None


class VideoCamera(XProtectEntity, Camera):
    """A camera with live video from XProtect to the viewer's browser."""

    _attr_supported_features = CameraEntityFeature.STREAM

    def __init__(self, views: LiveViews) -> None:
        self._views = views
        # Home Assistant's ids of the views whose video is still sought.
        self._sought: set[str] = set()

    async def _find_footage(self, page: ActiveConnection | None) -> Footage:
        """Return the video to show on a page. Raises `ViewError`."""
        raise NotImplementedError

    @override
    async def async_handle_async_webrtc_offer(
        self, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        """Connect a browser to the gateway."""
        dialog = CameraDialog(send_message)
        page = current_connection.get()
        self._sought.add(session_id)
        try:
            self._check(page)
            footage = await self._find_footage(page)
            if session_id not in self._sought:
                # The dialog was closed meanwhile.
                return
        except ViewError as err:
            await self._views.refuse(dialog, err)
            return
        finally:
            self._sought.discard(session_id)
        servers = self.async_get_webrtc_client_configuration().configuration.ice_servers
        await self._views.open(
            footage,
            session_id,
            offer_sdp,
            dialog,
            [
                IceServer(url=url, username=one.username, credential=one.credential)
                for one in servers
                for url in ([one.urls] if isinstance(one.urls, str) else one.urls)
            ],
        )

    def _check(self, page: ActiveConnection | None) -> None:
        """Check what Home Assistant itself does not. Raises `ViewError`."""
        if page is not None and not page.user.permissions.check_entity(
            self.entity_id, POLICY_READ
        ):
            raise ViewError(Reason.NOT_ALLOWED)

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        """Ignore the browser's candidates: the gateway detects its address."""

    @callback
    @override
    def close_webrtc_session(self, session_id: str) -> None:
        """Close a view after its viewer has left."""
        self._sought.discard(session_id)
        self._views.close(session_id)


class XProtectLiveCamera(VideoCamera, XProtectCamera):
    """The live view of a camera."""

    def __init__(
        self,
        runtime: XProtectRuntime,
        camera: Device,
        views: LiveViews,
        *,
        is_enabled: bool,
    ) -> None:
        VideoCamera.__init__(self, views)
        XProtectCamera.__init__(self, runtime, camera)
        self._attr_entity_registry_enabled_default = is_enabled
        self._communication = (camera.source, StateKind.COMMUNICATION)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the connection of the camera."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self._runtime.source_states.listen(self._communication, self._close_if_lost)
        )

    @callback
    @override
    def mode_changed(self) -> None:
        """Close live views when the server is lost, or the camera is disabled."""
        super().mode_changed()
        if not self._runtime.channels.is_delivering:
            self._views.end(Reason.SERVER_LOST, self._source)
        elif not self.available:
            self._views.end(Reason.CAMERA_LOST, self._source)

    @callback
    def _close_if_lost(self, _: Context | None) -> None:
        state = self._runtime.states.state(self._communication)
        if state is not None and state.is_on is False:
            self._views.end(Reason.CAMERA_LOST, self._source)

    @override
    async def _find_footage(self, page: ActiveConnection | None) -> Footage:
        return Footage(self._source)


class XProtectRecordedVideo(VideoCamera):
    """The recorded video of the event that a page has opened in the media browser.

    Hidden, because outside of the media browser there is no such event.
    """

    _attr_translation_key = "recorded_video"
    _attr_entity_registry_visible_default = False

    def __init__(
        self, entry: XProtectConfigEntry, runtime: XProtectRuntime, views: LiveViews
    ) -> None:
        VideoCamera.__init__(self, views)
        Camera.__init__(self)
        XProtectEntity.__init__(self, runtime, None, KEY)
        self._entry = entry

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return nothing, because a request for a still contains no event."""
        return None

    @callback
    @override
    def mode_changed(self) -> None:
        """Close the videos when the server is lost: they would freeze."""
        super().mode_changed()
        if not self._runtime.channels.is_delivering:
            self._views.end(Reason.SERVER_LOST)

    @override
    async def _find_footage(self, page: ActiveConnection | None) -> Footage:
        return await async_find_footage(self.hass, self._entry, page)


class CameraDialog:
    """The dialog of a camera on a viewer's page."""

    def __init__(self, send_message: WebRTCSendMessage) -> None:
        self._send = send_message

    def answer(self, sdp: str) -> None:
        """Take the answer to the page's offer."""
        self._send(WebRTCAnswer(sdp))

    def candidate(self, line: str, mid: str) -> None:
        """Take an address of the gateway."""
        self._send(WebRTCCandidate(RTCIceCandidateInit(line, sdp_mid=mid)))

    def fail(self, text: str) -> None:
        """Close the picture and show a sentence instead."""
        self._send(WebRTCError(ERROR_CODE, text))
