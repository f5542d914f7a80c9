"""Plays scenes on cameras, gates and sirens, with consistent states."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from ..happening.world import World
from ..site import event_ids
from ..site.items import Item
from .script import Actor

# Seconds. Recording begins a little after motion and ends a little after it.
_RECORDING_DELAY = 0.5
_RECORDING_TAIL = 2.0

# Seconds between two checks whether a camera is free.
_WAIT = 0.5

_AT_REST = (
    event_ids.COMMUNICATION_STARTED,
    event_ids.MOTION_STOPPED,
    event_ids.RECORDING_STOPPED,
)

# The names of other states at rest.
_RESTING_STATES = ("Stopped", "Terminated", "Normal", "Enabled", "Available")

# The age of old states: more than the 15 minutes that a new client reads again.
_LONG_AGO = timedelta(hours=1)


class Stage:
    """Plays scenes on the items of a world, at most one at a time on each camera."""

    def __init__(self, world: World, random: Random) -> None:
        """Start with all cameras at rest."""
        self.world = world
        self.random = random
        self._busy: set[str] = set()

    def opening(self) -> Actor:
        """Emit an event for each state, so that none is unknown."""
        world = self.world
        of_recorders = self._resting_types("RecordingServer")
        for recorder in world.items("recordingServers"):
            for type_id in of_recorders:
                world.emit(type_id, recorder)
        for unit in world.items("hardware"):
            world.emit(event_ids.HARDWARE_COMMUNICATION_STARTED, unit)
        for camera in world.cameras:
            for type_id in _AT_REST:
                world.emit(type_id, camera)
        for gate in world.items("inputEvents"):
            world.emit(event_ids.INPUT_DEACTIVATED, gate)
        for siren in world.items("outputs"):
            world.emit(event_ids.OUTPUT_DEACTIVATED, siren)
        yield 0

    def old_states(self, groups: int) -> Actor:
        """Emit an old event for so many states of each camera, and for its hardware."""
        types = self._resting_types("Camera")[:groups]
        before = self.world.clock.now() - _LONG_AGO
        for unit in self.world.items("hardware"):
            type_id = event_ids.HARDWARE_COMMUNICATION_STARTED
            self.world.emit(type_id, unit, time=before)
        for camera in self.world.cameras:
            for type_id in types:
                self.world.emit(type_id, camera, time=before)
        yield 0

    def _resting_types(self, kind: str) -> list[str]:
        """Return one type of each state group that items of a kind have."""
        known = self.world.event_types
        found = {
            known[type_id].state_group: type_id
            for type_id in _AT_REST
            if kind in known[type_id].sources
        }
        for one in known.values():
            if kind in one.sources and one.state in _RESTING_STATES:
                found.setdefault(one.state_group, one.id)
        return list(found.values())

    def resting_cameras(self) -> list[Item]:
        """Return the enabled cameras without a scene."""
        return [
            camera
            for camera in self.world.cameras
            if camera.is_enabled and camera.path not in self._busy
        ]

    def visit(
        self, camera: Item, seconds: float, act: Callable[[], object] | None = None
    ) -> Actor:
        """Play motion at a camera when it is free, and call `act` in the middle."""
        while camera.path in self._busy:
            yield _WAIT
        self._busy.add(camera.path)
        self.world.emit(event_ids.MOTION_STARTED, camera)
        yield _RECORDING_DELAY
        self.world.emit(event_ids.RECORDING_STARTED, camera)
        yield seconds / 2
        if act is not None:
            act()
        yield seconds / 2
        self.world.emit(event_ids.MOTION_STOPPED, camera)
        yield _RECORDING_TAIL
        self.world.emit(event_ids.RECORDING_STOPPED, camera)
        self._busy.discard(camera.path)

    def lose(self, unit: Item, seconds: float) -> Actor:
        """Play the loss of a hardware and its cameras for some seconds."""
        cameras = [one for one in self.world.cameras if one.parent == unit.path]
        while any(camera.path in self._busy for camera in cameras):
            yield _WAIT
        self._busy.update(camera.path for camera in cameras)
        self.world.emit(event_ids.HARDWARE_COMMUNICATION_ERROR, unit)
        for camera in cameras:
            self.world.emit(event_ids.COMMUNICATION_ERROR, camera)
        yield seconds
        self.world.emit(event_ids.HARDWARE_COMMUNICATION_STARTED, unit)
        for camera in cameras:
            self.world.emit(event_ids.COMMUNICATION_STARTED, camera)
        self._busy.difference_update(camera.path for camera in cameras)

    def switch(self, item: Item, seconds: float) -> Actor:
        """Activate an input or output for some seconds."""
        if item.path in self._busy:
            return
        is_input = item.kind == "inputEvents"
        on = event_ids.INPUT_ACTIVATED if is_input else event_ids.OUTPUT_ACTIVATED
        off = event_ids.INPUT_DEACTIVATED if is_input else event_ids.OUTPUT_DEACTIVATED
        self._busy.add(item.path)
        self.world.emit(on, item)
        yield seconds
        self.world.emit(off, item)
        self._busy.discard(item.path)
