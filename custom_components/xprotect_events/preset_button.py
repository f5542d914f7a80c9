"""Buttons that send a PTZ camera to a preset, if the option is on.

Buttons, because XProtect does not report the position of a camera: a select entity
would show a preset that the camera may have left.
"""

from collections.abc import Mapping
import logging
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import REFUSED_REQUESTS, Device, Preset, Source, Task
from .background_listing import BackgroundListing
from .const import CONF_PTZ_PRESETS
from .entity import XProtectListedEntity, async_remove_entities
from .errors import action_errors
from .runtime import XProtectConfigEntry

_LOGGER = logging.getLogger(__name__)

KEY = "preset"
# Presets of one camera. Real ones have a dozen; more could fill the registries.
MAX_PRESETS = 100
# Seconds between two lists of a camera's presets. Each is a request, and the lists of
# the site may be read every few seconds.
PAUSE = 300.0


async def async_add_preset_buttons(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for each preset after the set-up, or remove all of them."""
    if not entry.options.get(CONF_PTZ_PRESETS):
        async_remove_entities(hass, entry, KEY)
        return
    presets = _Presets(hass, entry, async_add_entities)
    runtime = entry.runtime_data
    confirmed = runtime.storages.confirmed
    listing = BackgroundListing(hass, entry, "presets", confirmed, presets.list_all)
    listing.follow(runtime.devices)


class _Presets:
    """Lists the presets of the cameras that can be turned, one camera at a time."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: XProtectConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._add = async_add_entities
        self._buttons: dict[tuple[Source, str], XProtectPresetButton] = {}
        self._listed_at: dict[Source, float] = {}

    async def list_all(self) -> None:
        """List the presets of the cameras that are due.

        Raises any `ApiError` that is no refusal; another attempt goes on there.
        """
        runtime = self._entry.runtime_data
        now = self._hass.loop.time()
        cameras = {
            item.source
            for item in runtime.devices.shown()
            if isinstance(item, Device) and item.is_ptz
        }
        for camera in sorted(self._listed_at.keys() - cameras):
            del self._listed_at[camera]
            # Its PTZ may have been switched off.
            self._show(camera, {})
        # Buttons are removed with the device of their camera.
        self._buttons = {
            key: button
            for key, button in self._buttons.items()
            if runtime.devices.has_device(key[0])
        }
        for camera in sorted(cameras):
            if now - self._listed_at.get(camera, -PAUSE) >= PAUSE:
                await self._list(camera)
                self._listed_at[camera] = now

    async def _list(self, camera: Source) -> None:
        configuration = self._entry.runtime_data.client.configuration
        try:
            found = await configuration.presets(camera.id)
        except REFUSED_REQUESTS as err:
            _LOGGER.debug("The presets of a camera cannot be listed: %s", err)
            return
        self._show(camera, {one.id: one for one in found[:MAX_PRESETS]})

    @callback
    def _show(self, camera: Source, presets: Mapping[str, Preset]) -> None:
        for (source, preset_id), button in self._buttons.items():
            if source == camera:
                button.take(presets.get(preset_id))
        fresh = [one for one in presets if (camera, one) not in self._buttons]
        new = {
            (camera, one): XProtectPresetButton(self._entry, camera, presets[one])
            for one in fresh
        }
        self._buttons |= new
        self._add(new.values())


class XProtectPresetButton(XProtectListedEntity, ButtonEntity):
    """Sends a camera to a preset."""

    _attr_translation_key = "ptz_preset"

    def __init__(
        self, entry: XProtectConfigEntry, camera: Source, preset: Preset
    ) -> None:
        super().__init__(entry.runtime_data, camera, f"{preset.id}_{KEY}")
        self._entry = entry
        self._path = f"{camera}/ptzPresets/{preset.id}"
        self._is_listed = True
        self._attr_translation_placeholders = {"preset": preset.name}

    @property
    @override
    def available(self) -> bool:
        """Whether camera and preset exist."""
        return self._is_listed and super().available

    @callback
    def take(self, preset: Preset | None) -> None:
        """Set the preset as it is listed now; `None` if it is not."""
        self._is_listed = preset is not None
        if preset is not None:
            self._rename(preset=preset.name)
        if self.hass is not None:
            self.async_write_ha_state()

    @override
    async def async_press(self) -> None:
        """Send the camera there."""
        with action_errors(self.hass, self._entry):
            await self._runtime.client.tasks.run(self._path, Task.GO_TO)
