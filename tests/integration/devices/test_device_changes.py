"""Devices follow the changes that are made in XProtect."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
)

from custom_components.xprotect_events.const import EVENT_LIVE
from tests.integration.conftest import DeviceOf, Poll, StateOf
from tests.integration.devices.conftest import A_GUID, ReadInventory, readings
from xprotect_simulator import Simulator, event_ids


@pytest.mark.usefixtures("loaded")
async def test_a_new_camera_appears_without_a_reload(
    simulator: Simulator,
    poll: Poll,
    read_inventory: ReadInventory,
    device_of: DeviceOf,
    binary_state: StateOf,
) -> None:
    """A user who installs a camera wants to use it at once."""
    camera = simulator.world.add_camera("Pool")
    await read_inventory()
    assert device_of(camera).name == "Pool"
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(camera, "motion") == "on"
    assert binary_state(camera, "communication") == "unknown"


@pytest.mark.usefixtures("loaded")
async def test_a_change_that_the_server_pushes_shows_at_once(
    simulator: Simulator, poll: Poll, device_of: DeviceOf
) -> None:
    """An hour is too long for a user who installs a camera."""
    camera = simulator.world.add_camera("Pool")
    await poll()
    await poll()
    assert device_of(camera).name == "Pool"


@pytest.mark.usefixtures("loaded")
async def test_an_event_of_a_new_camera_adds_it(
    simulator: Simulator, poll: Poll, device_of: DeviceOf
) -> None:
    """Not every server pushes changes."""
    camera = replace(simulator.world.cameras[0], id=A_GUID, name="Pool")
    simulator.world.inventory.put(camera)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    await poll()
    assert device_of(camera).name == "Pool"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("type_id", "source"),
    [(event_ids.MOTION_STARTED, f"cameras/{A_GUID}"), (A_GUID, None)],
    ids=["source", "type"],
)
async def test_an_unknown_source_is_looked_up_once(
    simulator: Simulator, poll: Poll, type_id: str, source: str | None
) -> None:
    """Otherwise each event of a plug-in would cause a reading of the site."""
    before = readings(simulator)
    for _ in range(3):
        simulator.world.emit(type_id, source)
        await poll()
        await poll()
    assert readings(simulator) == before + 1


@pytest.mark.usefixtures("loaded")
async def test_many_changes_at_once_are_read_once(
    simulator: Simulator, poll: Poll, device_of: DeviceOf
) -> None:
    """A hundred new cameras must not keep the server busy."""
    before = readings(simulator)
    cameras = [simulator.world.add_camera(name) for name in ("Pool", "Shed", "Roof")]
    for _ in range(3):
        await poll()
    assert [device_of(camera).name for camera in cameras] == ["Pool", "Shed", "Roof"]
    assert readings(simulator) == before + 1


@pytest.mark.usefixtures("loaded")
async def test_a_renamed_camera_renames_its_device(
    simulator: Simulator, read_inventory: ReadInventory, device_of: DeviceOf
) -> None:
    """A camera should have one name."""
    camera = simulator.world.cameras[0]
    before = device_of(camera)
    simulator.world.rename(camera, "Main entrance")
    await read_inventory()
    after = device_of(camera)
    assert after.name == "Main entrance"
    assert after.id == before.id


@pytest.mark.usefixtures("loaded")
async def test_the_next_event_contains_the_changes(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    read_inventory: ReadInventory,
    device_of: DeviceOf,
) -> None:
    """Cached data of a source is dropped when it changes."""
    world = simulator.world
    camera, gate = world.cameras[0], world.user_defined_events[0]
    seen = async_capture_events(hass, EVENT_LIVE)
    own = device_of(camera).id

    async def happen() -> tuple[str, str | None, str]:
        world.emit(gate.id, camera)
        await poll()
        data = next(one.data for one in seen if one.data["type_id"] == gate.id)
        seen.clear()
        return data["type"], data["source_name"], data["device_id"]

    assert await happen() == (gate.name, camera.name, own)
    world.rename(camera, "Main entrance")
    world.rename(gate, "Cat wants in")
    await read_inventory()
    assert await happen() == ("Cat wants in", "Main entrance", own)
    world.remove(camera)
    await read_inventory()
    # Its device is kept for a day, because it may return.
    assert await happen() == ("Cat wants in", None, own)


@pytest.mark.usefixtures("loaded")
async def test_a_name_that_the_user_gave_is_kept(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
) -> None:
    """A name that was entered in Home Assistant is kept."""
    camera = simulator.world.cameras[0]
    device_registry.async_update_device(device_of(camera).id, name_by_user="Anna")
    simulator.world.rename(camera, "Main entrance")
    await read_inventory()
    assert device_of(camera).name_by_user == "Anna"


@pytest.mark.usefixtures("loaded")
async def test_a_server_that_asks_for_a_pause_is_not_read_before(
    simulator: Simulator, poll: Poll, device_of: DeviceOf
) -> None:
    """Lists are the dearest requests of all."""
    simulator.faults.enable("too_many_requests:240:path=*/hardware?*")
    camera = simulator.world.add_camera("Pool")
    await poll()
    await poll()
    simulator.faults.clear()
    before = readings(simulator)
    for _ in range(3):
        await poll(60)
    assert readings(simulator) == before
    await poll(300)
    assert device_of(camera).name == "Pool"
