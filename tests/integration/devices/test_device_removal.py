"""Devices stay as long as it is uncertain whether they still exist."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import DeviceOf, Poll, StateOf
from tests.integration.devices.conftest import A_GUID, DeviceNames, ReadInventory
from xprotect_simulator import Item, Simulator, event_ids

type CheckCamera = Callable[[Item], Awaitable[None]]


@pytest.fixture
def assert_motion_is_shown(
    simulator: Simulator, poll: Poll, binary_state: StateOf
) -> CheckCamera:
    """Return a function that emits motion and asserts that a sensor shows it."""

    async def check(camera: Item) -> None:
        simulator.world.emit(event_ids.MOTION_STARTED, camera)
        await poll()
        assert binary_state(camera, "motion") == "on"

    return check


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("unreadable", ["cameras", "hardware", "eventTypes"])
async def test_unreadable_lists_remove_nothing(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_names: DeviceNames,
    unreadable: str,
) -> None:
    """A right that is lost for a day must not delete names, areas and history."""
    before = device_names()
    simulator.identity.forbid(unreadable)
    await read_inventory()
    assert device_names() == before


@pytest.mark.usefixtures("loaded")
async def test_an_unreachable_server_removes_nothing(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_names: DeviceNames,
) -> None:
    """A server that restarts is not empty."""
    before = device_names()
    simulator.faults.enable("server_error:503")
    await read_inventory()
    assert device_names() == before


async def test_another_site_at_the_address_removes_nothing(
    simulator: Simulator,
    loaded: MockConfigEntry,
    read_inventory: ReadInventory,
    device_names: DeviceNames,
) -> None:
    """A host name that points to a test system must not delete names and areas."""
    before = device_names()
    site = simulator.world.site
    simulator.world.inventory.drop(site)
    simulator.world.inventory.put(replace(site, id=A_GUID))
    await read_inventory()
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    assert loaded.error_reason_translation_key == "another_site"
    assert device_names() == before


async def test_events_of_another_site_at_the_address_are_not_delivered(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    read_inventory: ReadInventory,
) -> None:
    """Nothing is delivered until the site is back; then its stored events are."""
    seen = async_capture_events(hass, EVENT_LIVE)
    site = simulator.world.site
    other = replace(site, id=A_GUID)
    simulator.world.inventory.drop(site)
    simulator.world.inventory.put(other)
    await read_inventory()
    event = simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    assert not seen
    simulator.world.inventory.drop(other)
    simulator.world.inventory.put(site)
    await poll(20)
    assert loaded.state is ConfigEntryState.LOADED
    assert [one.data["event_id"] for one in seen] == [event.id]


@pytest.mark.usefixtures("loaded")
async def test_a_disabled_camera_stays_and_comes_back(
    simulator: Simulator,
    read_inventory: ReadInventory,
    assert_motion_is_shown: CheckCamera,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Cameras may be disabled for some months."""
    camera = simulator.world.cameras[0]
    simulator.world.disable(camera)
    await read_inventory()
    simulator.world.enable(camera)
    await read_inventory()
    await assert_motion_is_shown(camera)
    assert "does not generate unique IDs" not in caplog.text


@pytest.mark.usefixtures("loaded")
async def test_a_disabled_camera_stays_if_the_server_does_not_list_it(
    simulator: Simulator, read_inventory: ReadInventory, device_names: DeviceNames
) -> None:
    """Some builds refuse to list disabled items, which then seem to be deleted."""
    before = device_names()
    simulator.faults.enable("server_error:400:count=1:path=/api/rest/v1/cameras")
    simulator.world.disable(simulator.world.cameras[0])
    await read_inventory()
    assert device_names() == before


async def test_a_disabled_camera_is_still_known_after_a_restart(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """Its device still exists, so the camera must stay known."""
    camera = simulator.world.cameras[0]
    unit = simulator.world.inventory.get(camera.parent or "")
    simulator.world.disable(unit)
    simulator.world.disable(camera)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    assert device_of(camera).via_device_id == device_of(unit).id
    await hass.services.async_call(
        DOMAIN,
        "trigger_event",
        {
            "config_entry_id": loaded.entry_id,
            "event": "Doorbell pressed",
            "device_id": device_of(camera).id,
        },
        blocking=True,
    )
    assert simulator.world.ledger.happened[-1].source == camera.path


async def test_a_camera_whose_hardware_is_disabled_stays_where_it_was(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """The tree of devices must not change at a restart."""
    camera = simulator.world.cameras[0]
    unit = simulator.world.inventory.get(camera.parent or "")
    simulator.world.disable(unit)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    assert device_of(camera).via_device_id == device_of(unit).id


async def test_a_camera_that_is_disabled_at_the_start_has_no_device(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    device_names: DeviceNames,
) -> None:
    """Sites have dozens of unused channels."""
    camera = simulator.world.cameras[0]
    simulator.world.disable(camera)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert camera.name not in device_names()


@pytest.mark.usefixtures("loaded")
async def test_a_camera_that_returns_has_its_settings_again(
    simulator: Simulator,
    read_inventory: ReadInventory,
    assert_motion_is_shown: CheckCamera,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A role that loses a camera by mistake gets it back with the same GUID."""
    camera = simulator.world.cameras[0]
    simulator.faults.enable(f"source_disappears:{camera.path}")
    await read_inventory()
    simulator.faults.clear()
    await read_inventory()
    await assert_motion_is_shown(camera)
    assert "does not generate unique IDs" not in caplog.text


class Removal:
    """Removes devices like the button on their page."""

    def __init__(self, hass: HomeAssistant, clients: WebSocketGenerator) -> None:
        self._hass = hass
        self._clients = clients

    async def __call__(self, device: dr.DeviceEntry) -> bool:
        """Return whether the integration allowed it."""
        assert await async_setup_component(self._hass, "config", {})
        client = await self._clients(self._hass)
        await client.send_json_auto_id(
            {"type": "config/device_registry/remove", "device_id": device.id}
        )
        reply = await client.receive_json()
        await self._hass.async_block_till_done(wait_background_tasks=True)
        return bool(reply["success"])


@pytest.fixture
def remove(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Removal:
    """Return a function that removes a device by hand."""
    return Removal(hass, hass_ws_client)


@pytest.mark.usefixtures("loaded")
async def test_an_unlisted_device_can_be_removed_by_hand(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
    remove: Removal,
    assert_motion_is_shown: CheckCamera,
) -> None:
    """Only the user knows whether it was deleted or the list is unreadable."""
    camera = simulator.world.cameras[0]
    device = device_of(camera)
    simulator.identity.forbid("microphones")
    simulator.faults.enable(f"source_disappears:{camera.path}")
    await read_inventory()
    assert device_registry.async_get(device.id) is not None
    assert await remove(device)
    assert device_registry.async_get(device.id) is None
    simulator.faults.clear()
    await read_inventory()
    await assert_motion_is_shown(camera)


@pytest.mark.usefixtures("loaded")
async def test_an_event_of_a_removed_device_belongs_to_the_server(
    hass: HomeAssistant,
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_of: DeviceOf,
    remove: Removal,
    poll: Poll,
) -> None:
    """An automation must not get the id of a deleted device."""
    seen = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[0]
    device = device_of(camera)
    simulator.identity.forbid("cameras")
    await read_inventory()
    assert await remove(device)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert seen[-1].data["source"] == camera.path
    assert seen[-1].data["device_id"] == device_of(simulator.world.site).id


@pytest.mark.usefixtures("loaded")
async def test_a_listed_device_cannot_be_removed(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
    remove: Removal,
) -> None:
    """It would return within the hour; the device can be disabled instead."""
    enabled, disabled = simulator.world.cameras[:2]
    simulator.world.disable(disabled)
    await read_inventory()
    unit = simulator.world.inventory.get(enabled.parent or "")
    for item in (enabled, disabled, unit, simulator.world.site):
        device = device_of(item)
        assert not await remove(device)
        assert device_registry.async_get(device.id) is not None


async def test_nothing_can_be_removed_while_the_lists_are_unknown(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    loaded: MockConfigEntry,
    device_of: DeviceOf,
    remove: Removal,
) -> None:
    """Removing a device that still exists would lose the user's changes."""
    await simulator.stop()
    del hass_storage[f"{DOMAIN}.{loaded.entry_id}.inventory"]
    await hass.config_entries.async_reload(loaded.entry_id)
    assert not await remove(device_of(simulator.world.cameras[0]))
