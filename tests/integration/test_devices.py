"""The site as Home Assistant devices: what there is, what it is called, what goes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import DeviceOf, Poll, StateOf
from xprotect_simulator import Options, Simulator, event_ids

# The inventory is read every hour, whether or not the server tells of changes.
AN_HOUR = timedelta(hours=1, minutes=1)

A_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"

type DeviceNames = Callable[[], list[str]]


class ReadInventory(Protocol):
    """Lets the inventory be read again."""

    async def __call__(self) -> None:
        """Return when it was read and everything has followed it."""


def readings(simulator: Simulator) -> int:
    """Return how often the site was read."""
    return sum(request.path.endswith("/sites") for request in simulator.requests)


@pytest.fixture
def read_inventory(hass: HomeAssistant) -> ReadInventory:
    """Return a function that lets the hour pass after which the site is read again."""

    async def read() -> None:
        async_fire_time_changed(hass, dt_util.utcnow() + AN_HOUR)
        await hass.async_block_till_done(wait_background_tasks=True)

    return read


@pytest.fixture
def device_names(
    device_registry: dr.DeviceRegistry, entry: MockConfigEntry
) -> DeviceNames:
    """Return a function that lists the names of all devices of the entry."""

    def names() -> list[str]:
        return sorted(
            str(device.name)
            for device in dr.async_entries_for_config_entry(
                device_registry, entry.entry_id
            )
        )

    return names


@pytest.mark.usefixtures("loaded")
async def test_the_server_is_a_service_at_the_top(
    simulator: Simulator, device_of: DeviceOf
) -> None:
    """A site is no hardware, but all devices belong to it."""
    server = device_of(simulator.world.site)
    assert server.entry_type is dr.DeviceEntryType.SERVICE
    assert server.name == "Simulated site"
    assert server.manufacturer == "Milestone"
    assert server.model == "XProtect"
    assert server.sw_version is not None
    assert server.sw_version[:3] == "25."
    assert server.configuration_url is not None
    assert server.configuration_url.rstrip("/") == simulator.url
    assert server.via_device_id is None


@pytest.mark.usefixtures("loaded")
async def test_a_camera_hangs_from_its_hardware_and_that_from_its_recorder(
    simulator: Simulator, device_of: DeviceOf
) -> None:
    """The tree shows which cameras one broken cable takes away."""
    camera = simulator.world.cameras[0]
    unit = simulator.world.inventory.get(camera.parent or "")
    seen, hardware = device_of(camera), device_of(unit)
    assert (seen.name, hardware.name) == ("Front door", "Front door unit")
    assert seen.model == hardware.model == unit.extra["model"]
    assert seen.via_device_id == hardware.id
    recorder = device_of(simulator.world.inventory.get(unit.parent or ""))
    assert (recorder.name, recorder.model) == (
        "RECORDER-01",
        "XProtect recording server",
    )
    assert hardware.via_device_id == recorder.id
    assert recorder.via_device_id == device_of(simulator.world.site).id
    assert seen.configuration_url == hardware.configuration_url
    assert seen.configuration_url == unit.extra["address"]


async def test_hardware_without_states_has_a_device_when_it_holds_something_together(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    device_of: DeviceOf,
    device_names: DeviceNames,
) -> None:
    """Four lenses in one housing belong together; one with its own is a camera."""
    world = simulator.world
    alone = world.add_camera("Shed")
    for one in tuple(world.event_types.values()):
        if "Hardware" in one.sources:
            del world.event_types[one.id]
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "Garden unit" in device_names()
    assert "Shed unit" not in device_names()
    (recorder,) = world.items("recordingServers")
    assert device_of(alone).via_device_id == device_of(recorder).id


@pytest.mark.usefixtures("loaded")
async def test_everything_that_can_be_shown_has_a_device_and_nothing_else(
    simulator: Simulator, device_names: DeviceNames
) -> None:
    """Metadata has neither states nor events of use."""
    world = simulator.world
    shown = [
        world.site,
        *(
            item
            for kind in (
                "recordingServers",
                "hardware",
                "cameras",
                "microphones",
                "speakers",
                "inputEvents",
                "outputs",
            )
            for item in world.items(kind)
        ),
    ]
    assert device_names() == sorted(item.name for item in shown)


@pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet"), Options(scenario="quiet", seed=7)]
)
async def test_identifiers_belong_to_the_site(
    simulator: Simulator,
    loaded: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Built-in GUIDs are the same on every site."""
    site_id = simulator.world.site.id
    devices = dr.async_entries_for_config_entry(device_registry, loaded.entry_id)
    for device in devices:
        ((_, identifier),) = device.identifiers
        assert identifier.startswith(site_id)
    entities = er.async_entries_for_config_entry(entity_registry, loaded.entry_id)
    assert entities
    assert all(entity.unique_id.startswith(f"{site_id}_") for entity in entities)


@pytest.mark.parametrize(
    "address",
    ["", "10.0.0.7", "rtsp://10.0.0.7/", "http://", "http://[", "https://:443/", 7],
)
async def test_an_address_that_no_browser_opens_is_left_out(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    device_of: DeviceOf,
    address: object,
) -> None:
    """Drivers put anything there, and Home Assistant refuses devices because of it."""
    camera = simulator.world.cameras[0]
    unit = simulator.world.inventory.get(camera.parent or "")
    changed = replace(unit, extra={**unit.extra, "address": address})
    simulator.world.inventory.put(changed)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert device_of(unit).configuration_url is None
    assert device_of(camera).configuration_url is None


async def test_a_password_in_an_address_is_not_shown(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """Every user sees the link to the camera's page."""
    unit = simulator.world.inventory.get(simulator.world.cameras[0].parent or "")
    address = "http://root:secret@10.0.0.7:8080/view?key=secret#secret"
    changed = replace(unit, extra={**unit.extra, "address": address})
    simulator.world.inventory.put(changed)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert device_of(unit).configuration_url == "http://10.0.0.7:8080/view"


async def test_a_camera_whose_hardware_is_not_to_be_seen_hangs_from_the_server(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """A role may be given cameras without the hardware that they are part of."""
    simulator.identity.forbid("hardware")
    assert await hass.config_entries.async_setup(entry.entry_id)
    camera = device_of(simulator.world.cameras[0])
    assert camera.via_device_id == device_of(simulator.world.site).id
    assert camera.model is None


@pytest.mark.usefixtures("loaded")
async def test_a_new_camera_appears_without_a_reload(
    simulator: Simulator,
    poll: Poll,
    read_inventory: ReadInventory,
    device_of: DeviceOf,
    binary_state: StateOf,
) -> None:
    """A user who mounts a camera wants to use it at once."""
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
    """An hour is too long for a user who mounts a camera."""
    camera = simulator.world.add_camera("Pool")
    await poll()
    await poll()
    assert device_of(camera).name == "Pool"


@pytest.mark.usefixtures("loaded")
async def test_an_event_of_a_camera_that_is_new_makes_it_appear(
    simulator: Simulator, poll: Poll, device_of: DeviceOf
) -> None:
    """Not every server pushes its changes."""
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
async def test_what_no_list_explains_is_looked_for_once(
    simulator: Simulator, poll: Poll, type_id: str, source: str | None
) -> None:
    """Reading the site takes a large server a minute, for each event of a plug-in."""
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
    """Two names for one camera are one too many."""
    camera = simulator.world.cameras[0]
    before = device_of(camera)
    simulator.world.rename(camera, "Main entrance")
    await read_inventory()
    after = device_of(camera)
    assert after.name == "Main entrance"
    assert after.id == before.id


@pytest.mark.usefixtures("loaded")
async def test_the_next_event_says_what_has_changed(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    read_inventory: ReadInventory,
    device_of: DeviceOf,
) -> None:
    """What is remembered of a source is forgotten when it changes."""
    world = simulator.world
    camera, gate = world.cameras[0], world.user_defined_events[0]
    seen = async_capture_events(hass, EVENT_LIVE)
    own = device_of(camera).id

    async def happen() -> tuple[str, str | None, str]:
        world.emit(gate.id, camera)
        await poll()
        told = next(one.data for one in seen if one.data["type_id"] == gate.id)
        seen.clear()
        return told["type"], told["source_name"], told["device_id"]

    assert await happen() == (gate.name, camera.name, own)
    world.rename(camera, "Main entrance")
    world.rename(gate, "Cat wants in")
    await read_inventory()
    assert await happen() == ("Cat wants in", "Main entrance", own)
    world.remove(camera)
    await read_inventory()
    # Its device stays for a day: perhaps it is back tomorrow.
    assert await happen() == ("Cat wants in", None, own)


@pytest.mark.usefixtures("loaded")
async def test_a_name_that_the_user_gave_is_kept(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
) -> None:
    """What somebody has typed in Home Assistant is theirs."""
    camera = simulator.world.cameras[0]
    device_registry.async_update_device(device_of(camera).id, name_by_user="Anna")
    simulator.world.rename(camera, "Main entrance")
    await read_inventory()
    assert device_of(camera).name_by_user == "Anna"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("unreadable", ["cameras", "hardware", "eventTypes"])
async def test_what_cannot_be_read_any_more_is_not_taken_for_gone(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_names: DeviceNames,
    unreadable: str,
) -> None:
    """A right that is taken away for a day would cost names, areas and history."""
    before = device_names()
    simulator.identity.forbid(unreadable)
    await read_inventory()
    assert device_names() == before


@pytest.mark.usefixtures("loaded")
async def test_a_server_that_cannot_be_read_takes_nothing_away(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_names: DeviceNames,
) -> None:
    """A server that restarts is no empty server."""
    before = device_names()
    simulator.faults.enable("server_error:503")
    await read_inventory()
    assert device_names() == before


async def test_another_site_at_the_address_takes_nothing_away(
    simulator: Simulator,
    loaded: MockConfigEntry,
    read_inventory: ReadInventory,
    device_names: DeviceNames,
) -> None:
    """A name that leads to the test system for a day would cost names and areas."""
    before = device_names()
    site = simulator.world.site
    simulator.world.inventory.drop(site)
    simulator.world.inventory.put(replace(site, id=A_GUID))
    await read_inventory()
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    assert loaded.error_reason_translation_key == "another_site"
    assert device_names() == before


async def test_events_of_another_site_at_the_address_are_none_of_ours(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    read_inventory: ReadInventory,
) -> None:
    """Nothing is delivered until the site is back, and then what it has stored."""
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
async def test_a_disabled_camera_stays_and_comes_back_without_a_word(
    simulator: Simulator,
    poll: Poll,
    read_inventory: ReadInventory,
    binary_state: StateOf,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Cameras are disabled for the winter, and enabled again in spring."""
    camera = simulator.world.cameras[0]
    simulator.world.disable(camera)
    await read_inventory()
    simulator.world.enable(camera)
    await read_inventory()
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(camera, "motion") == "on"
    assert "does not generate unique IDs" not in caplog.text


@pytest.mark.usefixtures("loaded")
async def test_a_disabled_camera_stays_where_the_server_does_not_list_it(
    simulator: Simulator, read_inventory: ReadInventory, device_names: DeviceNames
) -> None:
    """Some builds refuse to list what is disabled, and then it seems to be gone."""
    before = device_names()
    simulator.faults.enable("server_error:400:count=1:path=/api/rest/v1/cameras")
    simulator.world.disable(simulator.world.cameras[0])
    await read_inventory()
    assert device_names() == before


async def test_what_was_disabled_since_is_still_known_after_a_restart(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """Its device is still there, so it must not become a stranger."""
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
    """A tree that is another one after each restart is no help."""
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
async def test_a_camera_that_is_gone_and_comes_back_is_whole_again(
    simulator: Simulator,
    poll: Poll,
    read_inventory: ReadInventory,
    binary_state: StateOf,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A role that loses a camera by mistake gets it back, with the same GUID."""
    camera = simulator.world.cameras[0]
    simulator.faults.enable(f"source_disappears:{camera.path}")
    await read_inventory()
    simulator.faults.clear()
    await read_inventory()
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(camera, "motion") == "on"
    assert "does not generate unique IDs" not in caplog.text


class Removal:
    """Removes devices as the button on their page does."""

    def __init__(self, hass: HomeAssistant, clients: WebSocketGenerator) -> None:
        self._hass = hass
        self._clients = clients

    async def __call__(self, device: dr.DeviceEntry) -> bool:
        """Return whether the integration has allowed it."""
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
async def test_what_the_server_does_not_list_can_be_removed_by_hand(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
    remove: Removal,
    poll: Poll,
    binary_state: StateOf,
) -> None:
    """The user alone knows whether it is gone or the list may not be read."""
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
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(camera, "motion") == "on"


@pytest.mark.usefixtures("loaded")
async def test_an_event_of_what_was_removed_by_hand_belongs_to_the_server(
    hass: HomeAssistant,
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_of: DeviceOf,
    remove: Removal,
    poll: Poll,
) -> None:
    """An automation must not be sent to a device that is not there."""
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
async def test_what_the_server_lists_cannot_be_removed(
    simulator: Simulator,
    read_inventory: ReadInventory,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
    remove: Removal,
) -> None:
    """It would come back within the hour; disabling a device is what helps."""
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
    """Removing a device that still exists would lose what the user made of it."""
    await simulator.stop()
    del hass_storage[f"{DOMAIN}.{loaded.entry_id}.inventory"]
    await hass.config_entries.async_reload(loaded.entry_id)
    assert not await remove(device_of(simulator.world.cameras[0]))
