"""The sensor that counts the cameras without connection to their recorder."""

from typing import override

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.const import EntityCategory
from homeassistant.core import Context, callback

from .api import Resource, Source
from .engine.built_in import StateKind
from .entity import XProtectSourceEntity
from .runtime import XProtectRuntime

ATTR_CAMERAS = "cameras"
# Names in the attribute. Longer lists are not readable.
MAX_NAMES = 20


class XProtectLostCameras(XProtectSourceEntity, SensorEntity):
    """Counts the cameras whose communication is known to be off.

    When the disk of a recorder fills, hundreds change within a second.
    """

    _unrecorded_attributes = frozenset({ATTR_CAMERAS})
    _attr_translation_key = "cameras_without_connection"
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, runtime: XProtectRuntime) -> None:
        super().__init__(runtime, None, "cameras_without_connection")
        self._followed: set[Source] = set()
        self._is_counting = False

    @override
    async def async_added_to_hass(self) -> None:
        """Follow every camera that is listed."""
        self.async_on_remove(self._forget)
        self.async_on_remove(
            self._runtime.inventory.async_add_listener(self._follow_site)
        )
        self._follow_cameras()
        await super().async_added_to_hass()

    @override
    def _note_mode(self) -> None:
        """Count again: changes of states in the meantime were not announced."""
        super()._note_mode()
        self._count()

    @callback
    def _follow_site(self) -> None:
        self._follow_cameras()
        self.mode_changed()

    @callback
    def _follow_cameras(self) -> None:
        states, before = self._runtime.source_states, self._followed
        # One object for thousands of cameras.
        changed = self._state_changed
        self._followed = self._listed()
        for gone in before - self._followed:
            states.forget((gone, StateKind.COMMUNICATION), changed)
        for camera in self._followed - before:
            states.listen((camera, StateKind.COMMUNICATION), changed)

    def _listed(self) -> set[Source]:
        inventory = self._runtime.inventory.data
        return {
            one.source
            for one in inventory.devices
            if one.resource is Resource.CAMERAS and inventory.has(one.source)
        }

    @callback
    def _state_changed(self, context: Context | None) -> None:
        """Count once for all changes in this turn of the event loop."""
        if not self._is_counting:
            self._is_counting = True
            self.hass.loop.call_soon(self._counted)

    @callback
    def _counted(self) -> None:
        self._is_counting = False
        # The entity may have been removed in this turn.
        if self._followed:
            self._count()
            self.async_write_ha_state()

    def _count(self) -> None:
        state = self._runtime.states.state
        known = {
            camera: found.is_on
            for camera in self._followed
            if (found := state((camera, StateKind.COMMUNICATION)))
        }
        lost = [camera for camera, is_on in known.items() if is_on is False]
        names = self._runtime.inventory.data.source_names
        # If no camera has this state, the number is unknown.
        self._attr_native_value = len(lost) if known else None
        named = sorted(names.get(camera, str(camera)) for camera in lost)
        self._attr_extra_state_attributes = {ATTR_CAMERAS: named[:MAX_NAMES]}

    @callback
    def _forget(self) -> None:
        for camera in self._followed:
            key = (camera, StateKind.COMMUNICATION)
            self._runtime.source_states.forget(key, self._state_changed)
        self._followed = set()
