"""Camera entities: the picture of now, without a stream."""

from collections.abc import Iterable
import logging
from typing import override

from homeassistant.components.camera import Camera
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import ApiError, Device, Hardware, Resource
from .engine.pictures import LIVE_FOR
from .engine.shot import BusyError, Shot
from .entity import XProtectEntity, async_add_for_sources
from .runtime import XProtectConfigEntry, XProtectRuntime
from .site_pictures import SitePictures

# Pictures are limited where they are fetched.
PARALLEL_UPDATES = 0

_LOGGER = logging.getLogger(__name__)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one entity per camera."""
    runtime = entry.runtime_data
    pictures = runtime.pictures
    if pictures is None:
        return

    def build(source: Device | Hardware) -> Iterable[XProtectCamera]:
        if source.resource is Resource.CAMERAS and isinstance(source, Device):
            yield XProtectCamera(runtime, pictures, source)

    await async_add_for_sources(entry, async_add_entities, build)


class XProtectCamera(XProtectEntity, Camera):
    """A camera of XProtect; it is asked for a picture when somebody looks.

    Its rights decide who may see the pictures of its events, also while it is disabled.
    """

    _attr_name = None
    _attr_entity_registry_enabled_default = False
    # Pages show a new picture so often; it does not change faster.
    _attr_frame_interval = LIVE_FOR

    def __init__(
        self, runtime: XProtectRuntime, pictures: SitePictures, camera: Device
    ) -> None:
        Camera.__init__(self)
        XProtectEntity.__init__(self, runtime, camera.source, "camera")
        self._pictures = pictures
        self._camera_id = camera.id
        self._shot: Shot | None = None

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the picture of now; while too many ask, the one before."""
        try:
            self._shot = await self._pictures.fetch.live(self._camera_id)
        except ApiError as err:
            _LOGGER.debug("No picture of camera %s: %s", self._camera_id, err)
            if not isinstance(err, BusyError):
                self._shot = None
        return self._shot.picture.jpeg if self._shot else None
