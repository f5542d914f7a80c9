"""Fills and empties the disks of a recorder, with the events that follow."""

from ..site import event_ids
from ..site.items import Item
from ..site.storages import STORAGE_MB, StorageState
from .world import World


def fill(world: World, recorder: Item) -> None:
    """Fill the disks of a recorder.

    As reported from a site of 2,659 cameras, the recorder can still be reached, but all
    of its cameras lose their communication in the same second.
    """
    full = StorageState(is_available=False, used_mb=STORAGE_MB)
    for storage in _storages(world, recorder):
        world.storage_states[storage.id] = full
    world.emit(event_ids.DATABASE_DISK_FULL, recorder)
    world.emit(event_ids.DATABASE_DISK_UNAVAILABLE, recorder)
    for camera in _cameras(world, recorder):
        world.emit(event_ids.COMMUNICATION_STOPPED, camera)


def empty(world: World, recorder: Item) -> None:
    """Empty the disks of a recorder; its cameras communicate again."""
    for storage in _storages(world, recorder):
        world.storage_states.pop(storage.id, None)
    world.emit(event_ids.DATABASE_DISK_AVAILABLE, recorder)
    for camera in _cameras(world, recorder):
        world.emit(event_ids.COMMUNICATION_STARTED, camera)


def _storages(world: World, recorder: Item) -> list[Item]:
    return [one for one in world.items("storages") if one.parent == recorder.path]


def _cameras(world: World, recorder: Item) -> list[Item]:
    units = {
        unit.path for unit in world.items("hardware") if unit.parent == recorder.path
    }
    return [camera for camera in world.cameras if camera.parent in units]
