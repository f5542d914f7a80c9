"""The site as Home Assistant devices: which there are, and how they are named."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from tests.integration.conftest import DeviceOf
from tests.integration.devices.conftest import DeviceNames
from tests.integration.entries import load
from tests.lists import DEVICES
from xprotect_simulator import Options, Simulator


@pytest.mark.usefixtures("loaded")
async def test_the_server_is_a_service_at_the_top(
    simulator: Simulator, device_of: DeviceOf
) -> None:
    """A site is not hardware, but all devices belong to it."""
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
async def test_a_camera_belongs_to_its_hardware_and_that_to_its_recorder(
    simulator: Simulator, device_of: DeviceOf
) -> None:
    """The tree shows which cameras share a cable or a recorder."""
    camera = simulator.world.cameras[0]
    unit = simulator.world.inventory.get(camera.parent or "")
    seen, hardware = device_of(camera), device_of(unit)
    assert (seen.name, hardware.name) == ("Front door", "Hanwha XNV-8083R (10.0.0.1)")
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


async def test_hardware_without_states_has_a_device_if_it_has_several_devices(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    device_of: DeviceOf,
    device_names: DeviceNames,
) -> None:
    """Four lenses in one housing belong together; a single lens needs no device."""
    world = simulator.world
    alone = world.add_camera("Shed")
    for one in tuple(world.event_types.values()):
        if "Hardware" in one.sources:
            del world.event_types[one.id]
    await load(hass, entry)
    assert "Bosch NDE-3702-AL (10.0.0.3)" in device_names()
    assert world.inventory.get(alone.parent or "").name not in device_names()
    (recorder,) = world.items("recordingServers")
    assert device_of(alone).via_device_id == device_of(recorder).id


@pytest.mark.usefixtures("loaded")
async def test_sources_with_entities_have_devices_and_no_others(
    simulator: Simulator, device_names: DeviceNames
) -> None:
    """Metadata has neither states nor useful events."""
    world = simulator.world
    shown = [
        world.site,
        *(item for kind in DEVICES for item in world.items(kind)),
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
async def test_an_invalid_address_of_hardware_is_not_shown(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    device_of: DeviceOf,
    address: object,
) -> None:
    """Drivers write anything, and Home Assistant refuses devices with invalid links."""
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


async def test_a_camera_whose_hardware_is_hidden_belongs_to_the_server(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """A role may have rights on cameras, but not on their hardware."""
    simulator.identity.forbid("hardware")
    assert await hass.config_entries.async_setup(entry.entry_id)
    camera = device_of(simulator.world.cameras[0])
    assert camera.via_device_id == device_of(simulator.world.site).id
    assert camera.model is None
