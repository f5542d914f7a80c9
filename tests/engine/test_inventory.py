"""Reading the lists of a server whose answers depend on the user's rights."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    Configuration,
    Credentials,
    PermissionDeniedError,
    Resource,
    Source,
    UnavailableError,
    XProtectClient,
)
from custom_components.xprotect_events.engine.inventory import read_inventory, read_site
from tests.lists import LISTS
from xprotect_simulator import ManualClock, Options, Simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """Serve a quiet site of six cameras."""
    async with Simulator(Options(), clock=ManualClock()) as running:
        yield running


@pytest.fixture
async def configuration(simulator: Simulator) -> AsyncIterator[Configuration]:
    """Return a client's view of the configuration."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        client = XProtectClient(
            session,
            URL(simulator.url),
            Credentials(username="demo", password="demo"),
        )
        yield client.configuration


async def test_the_site_is_the_one_that_the_server_names(
    simulator: Simulator, configuration: Configuration
) -> None:
    """All other items belong to it."""
    site = await read_site(configuration)
    assert site.id == simulator.world.site.id
    assert site.name == "Simulated site"
    assert site.version is not None


async def test_a_site_that_may_not_be_read_is_the_parent_of_its_recorders(
    simulator: Simulator, configuration: Configuration
) -> None:
    """Limited users must get the same id as all others."""
    simulator.identity.forbid("sites")
    site = await read_site(configuration)
    assert site.id == simulator.world.site.id
    assert site.name == "XProtect"
    assert site.version is not None


async def test_a_server_too_old_to_list_sites_is_read_by_its_recorders(
    simulator: Simulator, configuration: Configuration
) -> None:
    """A missing list is not a missing server."""
    simulator.faults.enable("server_error:404:path=*/sites")
    assert (await read_site(configuration)).id == simulator.world.site.id


async def test_a_recorder_without_a_parent_names_no_site(
    simulator: Simulator, configuration: Configuration
) -> None:
    """An invented id would later look like a second site."""
    simulator.identity.forbid("sites")
    for recorder in simulator.world.items("recordingServers"):
        simulator.world.inventory.drop(recorder)
    with pytest.raises(PermissionDeniedError):
        await read_site(configuration)


async def test_a_user_who_sees_neither_site_nor_recorders_lacks_a_right(
    simulator: Simulator, configuration: Configuration
) -> None:
    """This error helps the user most."""
    simulator.identity.forbid("sites", "recordingServers")
    with pytest.raises(PermissionDeniedError):
        await read_site(configuration)


async def test_everything_that_exists_is_read(
    simulator: Simulator, configuration: Configuration
) -> None:
    """An item that is not read has no name, no device and no entity."""
    inventory = await read_inventory(configuration)
    world = simulator.world
    assert len(inventory.hardware) == len(world.items("hardware"))
    assert len(inventory.recording_servers) == 1
    assert len(inventory.event_types) == len(world.event_types)
    assert len(inventory.state_groups) == len(world.state_groups)
    assert len(inventory.user_defined_events) == len(world.user_defined_events)
    assert len(inventory.analytics_events) == len(world.analytics_events)
    kinds = (
        Resource.CAMERAS,
        Resource.MICROPHONES,
        Resource.SPEAKERS,
        Resource.INPUT_EVENTS,
        Resource.OUTPUTS,
    )
    assert [str(device.source) for device in inventory.devices] == [
        item.path for kind in kinds for item in world.items(kind)
    ]
    assert inventory.unreadable == frozenset()


async def test_every_source_has_its_name(
    simulator: Simulator, configuration: Configuration
) -> None:
    """Events contain paths; users need names."""
    inventory = await read_inventory(configuration)
    for name in (
        "Simulated site",
        "RECORDER-01",
        "Hanwha XNV-8083R (10.0.0.1)",
        "Front door",
        "Gate",
        "Siren",
        "Gate open",
        "Doorbell pressed",
    ):
        item = simulator.world.named(name)
        assert inventory.source_names[Source.parse(item.path)] == name


async def test_cameras_find_their_hardware(
    simulator: Simulator, configuration: Configuration
) -> None:
    """Model and address belong to the hardware, not to the camera."""
    inventory = await read_inventory(configuration)
    camera = next(one for one in inventory.devices if one.name == "Front door")
    assert camera.hardware_id is not None
    unit = inventory.hardware_by_id[camera.hardware_id]
    assert unit.name == "Hanwha XNV-8083R (10.0.0.1)"
    assert str(unit.source) == simulator.world.named("Hanwha XNV-8083R (10.0.0.1)").path


async def test_disabled_items_are_read_and_marked(
    simulator: Simulator, configuration: Configuration
) -> None:
    """Otherwise a disabled camera could not be distinguished from a deleted one."""
    simulator.world.disable(simulator.world.named("Front door"))
    inventory = await read_inventory(configuration)
    camera = next(one for one in inventory.devices if one.name == "Front door")
    assert not camera.enabled


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("answer", ["forbidden:{}", "server_error:404:path=*/{}"])
async def test_a_forbidden_list_is_skipped_and_recorded(
    simulator: Simulator, configuration: Configuration, name: str, answer: str
) -> None:
    """One missing right must not stop everything, and nothing counts as deleted."""
    complete = await read_inventory(configuration)
    simulator.faults.enable(answer.format(name))
    inventory = await read_inventory(configuration)
    assert inventory.unreadable == frozenset({name})
    assert inventory.site == complete.site
    kept = [one.source for one in complete.devices if one.resource != name]
    assert [one.source for one in inventory.devices] == kept


async def test_a_list_that_fails_is_not_an_empty_list(
    simulator: Simulator, configuration: Configuration
) -> None:
    """Otherwise a starting server would seem to have no cameras."""
    simulator.faults.enable("server_error:503:path=*/cameras")
    with pytest.raises(UnavailableError):
        await read_inventory(configuration)
