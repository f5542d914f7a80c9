"""Buttons that send a PTZ camera to a preset, if the option is on.

Buttons, because XProtect does not report the position of a camera: a select entity
would show a preset that the camera may have left.
"""

from collections.abc import Mapping
import logging
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import REFUSED_REQUESTS, Device, Preset, Source, Task
from .background_listing import BackgroundListing
from .const import CONF_PTZ_PRESETS, DOMAIN
from .engine.absence import GONE_AFTER
from .engine.series import Series
from .entity import XProtectListedEntity, async_remove_entities, unique_id
from .entity_budget import room_for_more
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
    listing.follow(runtime.devices, presets.forget_gone)


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
        self._buttons: dict[Source, dict[str, XProtectPresetButton]] = {}
        self._listed_at: dict[Source, float] = {}
        # By the entity: since when the list of its camera has lacked the preset.
        self._missing_since: dict[str, float] = {}
        self._series = Series()

    @callback
    def forget_gone(self) -> None:
        """Forget the buttons that were removed with the device of their camera."""
        has_device = self._entry.runtime_data.devices.has_device
        for camera in self._buttons.keys() | self._listed_at.keys():
            if not has_device(camera):
                self._buttons.pop(camera, None)
                self._listed_at.pop(camera, None)

    async def list_all(self) -> float | None:
        """List the presets of the cameras that are due.

        Returns the seconds until the next one is due, if one was not yet. Raises any
        `ApiError` that is no refusal; another attempt is for those that failed.
        """
        cameras = {
            item.source
            for item in self._entry.runtime_data.devices.shown()
            if isinstance(item, Device) and item.is_ptz
        }
        for camera in self._listed_at.keys() - cameras:
            del self._listed_at[camera]
            # Its PTZ may have been switched off.
            self._show(camera, {})
        due_in = {camera: self._due_in(camera) for camera in cameras}
        due = [camera for camera, seconds in due_in.items() if seconds <= 0]
        if failure := await self._series.run(due, self._list):
            raise failure
        return min((one for one in due_in.values() if one > 0), default=None)

    def _due_in(self, camera: Source) -> float:
        now = self._hass.loop.time()
        return self._listed_at.get(camera, now - PAUSE) + PAUSE - now

    async def _list(self, camera: Source) -> None:
        configuration = self._entry.runtime_data.client.configuration
        try:
            found = await configuration.presets(camera.id)
        except REFUSED_REQUESTS as err:
            _LOGGER.debug("The presets of a camera cannot be listed: %s", err)
        else:
            presets = {one.id: one for one in found[:MAX_PRESETS]}
            self._show(camera, presets)
            self._remove_gone(camera, presets)
        self._listed_at[camera] = self._hass.loop.time()

    @callback
    def _show(self, camera: Source, presets: Mapping[str, Preset]) -> None:
        if not self._entry.runtime_data.devices.has_device(camera):
            return
        buttons = self._buttons.setdefault(camera, {})
        for preset_id, button in buttons.items():
            button.take(presets.get(preset_id))
        fresh = [one for one in presets if one not in buttons]
        room = room_for_more(self._hass, self._entry)
        new = {
            one: XProtectPresetButton(
                self._entry, camera, presets[one], is_enabled=number < room
            )
            for number, one in enumerate(fresh)
        }
        buttons |= new
        self._add(new.values())

    @callback
    def _remove_gone(self, camera: Source, presets: Mapping[str, Preset]) -> None:
        """Remove the buttons of presets that the list has lacked for a day."""
        devices = self._entry.runtime_data.devices
        if not presets or not devices.has_device(camera):
            # A role that has lost a right gets an empty list.
            return
        registry = er.async_get(self._hass)
        now = self._hass.loop.time()
        of_camera = er.async_entries_for_device(
            registry, devices.device_id(camera), include_disabled_entities=True
        )
        prefix = unique_id(devices.site_id, camera, "")
        for registered in of_camera:
            key = registered.unique_id.removeprefix(prefix)
            preset_id = key.removesuffix(f"_{KEY}")
            if registered.platform != DOMAIN or key == preset_id:
                continue
            if preset_id in presets:
                self._missing_since.pop(registered.id, None)
                continue
            since = self._missing_since.setdefault(registered.id, now)
            if now - since >= GONE_AFTER.total_seconds():
                del self._missing_since[registered.id]
                registry.async_remove(registered.entity_id)
                self._buttons.get(camera, {}).pop(preset_id, None)


class XProtectPresetButton(XProtectListedEntity, ButtonEntity):
    """Sends a camera to a preset."""

    _attr_translation_key = "ptz_preset"

    def __init__(
        self,
        entry: XProtectConfigEntry,
        camera: Source,
        preset: Preset,
        *,
        is_enabled: bool,
    ) -> None:
        super().__init__(entry.runtime_data, camera, f"{preset.id}_{KEY}")
        self._entry = entry
        self._path = f"{camera}/ptzPresets/{preset.id}"
        self._is_listed = True
        # A user may disable the entity, which removes it.
        self._is_added = False
        self._attr_translation_placeholders = {"preset": preset.name}
        # A site of hundreds of such cameras has more than Home Assistant loads.
        self._attr_entity_registry_enabled_default = is_enabled

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
        if self._is_added:
            self.async_write_ha_state()

    @override
    async def async_added_to_hass(self) -> None:
        """Write each change from now on."""
        await super().async_added_to_hass()
        self._is_added = True

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Write no more changes."""
        await super().async_will_remove_from_hass()
        self._is_added = False

    @override
    async def async_press(self) -> None:
        """Send the camera there."""
        with action_errors(self.hass, self._entry):
            await self._runtime.client.tasks.run(self._path, Task.GO_TO)
