"""Image entities with the picture of the last event."""

from collections import deque
from collections.abc import Iterable
import logging
from typing import override

from homeassistant.components.image import ImageEntity
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import ApiError, Resource, Source, Thing
from .engine.recent_events import PictureOf
from .entity import XProtectSourceEntity, async_add_for_sources, until_unloaded
from .runtime import XProtectConfigEntry
from .site_pictures import PictureDisplay, SitePictures

# The fetching of pictures has its own limits.
PARALLEL_UPDATES = 0

# Tokens of the last hour; a new one is created every five minutes. Event entities show
# the same picture, but are not updated with each new token; one that is still shown is
# kept for longer.
TOKENS_KEPT = 13

_LOGGER = logging.getLogger(__name__)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one entity for the site and one for each camera."""
    async_add_entities = until_unloaded(entry, async_add_entities)
    pictures = entry.runtime_data.pictures
    if pictures is None:
        return
    async_add_entities([XProtectLastPicture(hass, entry, pictures, None)])

    def build(item: Thing) -> Iterable[XProtectLastPicture]:
        if item.resource is Resource.CAMERAS:
            yield XProtectLastPicture(hass, entry, pictures, item.source)

    await async_add_for_sources(entry, async_add_entities, build)


class XProtectLastPicture(XProtectSourceEntity, ImageEntity):
    """The picture of the last event of a camera, or of all cameras.

    The picture is fetched only when a user views it.
    """

    _attr_translation_key = "last_event_picture"
    _attr_content_type = "image/jpeg"

    def __init__(
        self,
        hass: HomeAssistant,
        entry: XProtectConfigEntry,
        pictures: SitePictures,
        camera: Source | None,
    ) -> None:
        self._is_added = False
        self._entry = entry
        self._pictures = pictures
        self._camera_id = camera.id if camera else None
        ImageEntity.__init__(self, hass)
        key = "last_event_picture"
        XProtectSourceEntity.__init__(self, entry.runtime_data, camera, key)
        self.access_tokens = deque(self.access_tokens, maxlen=TOKENS_KEPT)
        # Only the entity of the site is enabled by default, not one for each camera.
        self._attr_entity_registry_enabled_default = camera is None
        self._event: PictureOf | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Show the last event, now and after each new one."""
        await super().async_added_to_hass()
        self.async_on_remove(self._pictures.listen(self._camera_id, self._follow))
        self._is_added = True
        self._show_at_event_entity()
        # The same entity is added again when its id, and so its address, changes.
        self._move_display(self.entity_picture)
        self._note()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Remove the picture from the camera's event entity."""
        await super().async_will_remove_from_hass()
        self._is_added = False
        if self._camera_id is not None:
            self._pictures.entity_pictures.pop(self._camera_id, None)
        if self._entry.state is ConfigEntryState.LOADED:
            # It was disabled or renamed. Home Assistant counts requests for the picture
            # of an entity that is gone as wrong logins.
            self._move_display(None)

    @callback
    @override
    def async_update_token(self) -> None:
        """Change the token in the picture's address."""
        super().async_update_token()
        if self._is_added:
            self._keep_displayed()
            self._show_at_event_entity()

    def _keep_displayed(self) -> None:
        """Keep the token that the event entity shows, until its next event."""
        display = self._display
        address = display.entity_picture if display is not None else None
        if address is None:
            return
        _, _, token = address.partition("?token=")
        if token not in self.access_tokens:
            self.access_tokens[0] = token

    @property
    def _display(self) -> PictureDisplay | None:
        return self._pictures.displays.get(self._camera_id or "")

    def _move_display(self, address: str | None) -> None:
        """Let the event entity show the picture at another address."""
        if (display := self._display) is not None:
            display.follow_picture(address)

    def _show_at_event_entity(self) -> None:
        """Show the same picture at the camera's event entity."""
        if self._camera_id is not None and self.entity_picture is not None:
            self._pictures.entity_pictures[self._camera_id] = self.entity_picture

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture of the event in the state."""
        event = self._event
        if event is None:
            return None
        try:
            shot = await self._pictures.fetch.of_event(event.camera_id, event.time)
        except ApiError as err:
            _LOGGER.debug("No picture of event %s: %s", event.event_id, err)
            return None
        return shot.picture.jpeg

    @callback
    def _follow(self) -> None:
        self._note()
        self.async_write_ha_state()

    def _note(self) -> None:
        event = self._pictures.last_event(self._camera_id)
        self._event = event
        if event is not None:
            self._attr_image_last_updated = event.time
            self._attr_extra_state_attributes = self._describe(event)

    def _describe(self, event: PictureOf) -> dict[str, str | None]:
        inventory = self._runtime.inventory
        source = Source(Resource.CAMERAS, event.camera_id)
        return {
            "event_id": event.event_id,
            "type": inventory.catalog.type_name(event.type_id),
            "source_name": inventory.data.source_names.get(source),
            "picture": self._pictures.root + event.event_id,
        }
