"""The storages of recording servers: sensors, and when they are read."""

from dataclasses import replace
from datetime import timedelta

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.api import Configuration, Storage
from tests.integration.conftest import A_WHILE, Poll
from tests.integration.entries import load
from tests.integration.recorders.conftest import AN_HOUR, EntityOf, shown
from xprotect_simulator import Item, Options, Simulator


@pytest.fixture
def used(
    loaded: MockConfigEntry, recorder: Item, storage: Item, entity_of: EntityOf
) -> str:
    """Return the sensor of the space that the storage uses."""
    assert loaded.entry_id
    return entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_used")


@pytest.mark.usefixtures("used")
async def test_storages_are_not_read_until_an_entity_is_enabled(
    simulator: Simulator, poll: Poll
) -> None:
    """They are listed once, so that there is something to enable."""
    requested = [
        one.path for one in simulator.requests if "storage" in one.path.lower()
    ]
    await poll(AN_HOUR)
    assert requested == [
        one.path for one in simulator.requests if "storage" in one.path.lower()
    ]
    assert not any("storageInformation" in path for path in requested)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_storages_are_read_hourly(
    hass: HomeAssistant,
    simulator: Simulator,
    recorder: Item,
    storage: Item,
    entity_of: EntityOf,
    used: str,
    poll: Poll,
) -> None:
    """A disk that fills up unnoticed costs recordings."""
    await poll()
    kept = entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_retention")
    available = entity_of(
        Platform.BINARY_SENSOR, recorder, f"{storage.id}_storage_available"
    )
    assert shown(hass, used).name == "RECORDER-01 Local default: used"
    assert shown(hass, used).state == "40.0"
    assert shown(hass, used).attributes["size_mb"] == 102_400
    assert shown(hass, kept).state == "7.0"
    assert shown(hass, kept).attributes["unit_of_measurement"] == "d"
    assert shown(hass, available).state == "on"
    simulator.faults.enable("disk_full")
    await poll(AN_HOUR)
    assert shown(hass, used).state == "100.0"
    assert shown(hass, available).state == "off"
    simulator.faults.enable("forbidden:storageinformation")
    await poll(AN_HOUR)
    assert shown(hass, used).state == "unavailable"
    simulator.faults.enable("server_error:path=*/storages")
    await poll(AN_HOUR)
    assert shown(hass, available).state == "unavailable"
    simulator.faults.clear()
    await poll(AN_HOUR)
    assert shown(hass, used).state == "40.0"


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
async def test_a_recorder_that_was_disabled_adds_its_storages_once(
    simulator: Simulator,
    recorder: Item,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Home Assistant logs an error if an entity is added a second time."""
    await poll()
    for change in (simulator.world.disable, simulator.world.enable):
        change(recorder)
        await poll(AN_HOUR)
        await poll(AN_HOUR)
    assert "does not generate unique IDs" not in caplog.text


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_storages_of_an_unlisted_recorder_are_unavailable(
    hass: HomeAssistant, simulator: Simulator, recorder: Item, used: str, poll: Poll
) -> None:
    """At once, like its other entities."""
    await poll()
    assert shown(hass, used).state == "40.0"
    simulator.world.disable(recorder)
    await poll()
    await poll()
    assert shown(hass, used).state == "unavailable"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_storages_are_renamed_and_added_without_a_reload(
    hass: HomeAssistant,
    simulator: Simulator,
    recorder: Item,
    storage: Item,
    entity_of: EntityOf,
    used: str,
    poll: Poll,
) -> None:
    """With the next reading of those that are shown."""
    await poll()
    simulator.world.rename(storage, "Fast disks")
    added = replace(storage, id="0a000000-0000-4000-8000-000000000004", name="Archive")
    simulator.world.add(added)
    await poll(AN_HOUR)
    assert shown(hass, used).name == "RECORDER-01 Fast disks: used"
    await poll(AN_HOUR)
    another = entity_of(Platform.SENSOR, recorder, f"{added.id}_storage_used")
    assert shown(hass, another).name == "RECORDER-01 Archive: used"
    assert shown(hass, another).state == "40.0"


@pytest.mark.parametrize("trouble", ["server_error:503", "reset", "html"])
async def test_storages_that_cannot_be_listed_at_the_start_come_soon(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    recorder: Item,
    storage: Item,
    entity_of: EntityOf,
    poll: Poll,
    trouble: str,
) -> None:
    """The lists of the site are read again only an hour later."""
    simulator.faults.enable(f"{trouble}:path=*/storages")
    await load(hass, entry)
    assert not [one for one in er.async_get(hass).entities if "local_default" in one]
    simulator.faults.clear()
    await poll(A_WHILE)
    entity_of(Platform.SENSOR, recorder, f"{storage.id}_storage_used")
    available = f"{storage.id}_storage_available"
    entity_of(Platform.BINARY_SENSOR, recorder, available)


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
@pytest.mark.parametrize(
    "simulator_options",
    [Options(cameras=4, recorders=2, recorder_port=0, token_life=timedelta(days=30))],
    ids=["two recorders"],
)
@pytest.mark.parametrize(
    "what", ["recordingservers/{}/storages", "storageinformation/{}"]
)
async def test_a_recorder_that_is_down_hides_no_other_storages(
    hass: HomeAssistant,
    simulator: Simulator,
    entity_of: EntityOf,
    poll: Poll,
    what: str,
) -> None:
    """Its own storages are back before the hour is over."""
    await poll()
    used = {}
    for storage in simulator.world.items("storages"):
        recorder = simulator.world.inventory.get(storage.parent or "")
        key = f"{storage.id}_storage_used"
        used[recorder.id, storage.id] = entity_of(Platform.SENSOR, recorder, key)
    (recorder_id, storage_id), *_ = used
    failing = recorder_id if "recording" in what else storage_id
    simulator.faults.enable(f"server_error:503:path=*/{what.format(failing)}")
    await poll(AN_HOUR)
    states = [shown(hass, one).state for one in used.values()]
    assert states == ["unavailable", "40.0"]
    simulator.faults.clear()
    await poll(A_WHILE)
    assert [shown(hass, one).state for one in used.values()] == ["40.0", "40.0"]


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_storage_that_is_listed_twice_has_its_entities_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    storage: Item,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant logs an error for each of the others."""
    read = Configuration.storages

    async def read_twice(
        configuration: Configuration, recorder_id: str
    ) -> tuple[Storage, ...]:
        return (await read(configuration, recorder_id)) * 2

    monkeypatch.setattr(Configuration, "storages", read_twice)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert any(
        storage.id in one.unique_id for one in er.async_get(hass).entities.values()
    )
    assert "does not generate unique IDs" not in caplog.text
