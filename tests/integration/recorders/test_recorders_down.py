"""Storages while some of the recorders are down, disabled or gone."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import (
    async_remove_config_entry_device,
    storage_coordinator,
)
from custom_components.xprotect_events.api import configuration
from tests.integration.conftest import A_WHILE, DeviceOf, Poll
from tests.integration.entries import load
from tests.integration.recorders.conftest import AN_HOUR, EntityOf, shown
from xprotect_simulator import Item, ManualClock, Options, Simulator

LISTS = "*/recordingservers/{}/storages"
STATUS = "*/storageinformation/{}"
ENABLED = pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")


@pytest.fixture
def simulator_options() -> Options:
    """Return a site with several recorders, whose tokens last for hours."""
    life = timedelta(days=30)
    return Options(cameras=4, recorders=5, recorder_port=0, token_life=life)


@pytest.fixture
def recorders(simulator: Simulator) -> list[Item]:
    """Return the recorders in the order in which they are asked."""
    items = simulator.world.items("recordingServers")
    return sorted(items, key=lambda one: one.id)


class Storages:
    """Finds the sensors of the recorders' storages."""

    def __init__(
        self, hass: HomeAssistant, simulator: Simulator, entity_of: EntityOf
    ) -> None:
        self._hass = hass
        self._simulator = simulator
        self._entity_of = entity_of

    def of(self, recorder: Item) -> Item:
        """Return the storage of a recorder."""
        items = self._simulator.world.items("storages")
        (found,) = (one for one in items if one.parent == recorder.path)
        return found

    def registered(self) -> int:
        """Return for how many storages there are entities."""
        entities = er.async_get(self._hass).entities.values()
        return sum(one.unique_id.endswith("_storage_used") for one in entities)

    def used(self, recorders: Iterable[Item]) -> list[str]:
        """Return the states of the sensors of used space."""
        keys = [(one, f"{self.of(one).id}_storage_used") for one in recorders]
        ids = [self._entity_of(Platform.SENSOR, one, key) for one, key in keys]
        return [shown(self._hass, one).state for one in ids]


@pytest.fixture
def storages(
    hass: HomeAssistant, simulator: Simulator, entity_of: EntityOf
) -> Storages:
    """Return the storages of the site."""
    return Storages(hass, simulator, entity_of)


@pytest.mark.parametrize("trouble", ["server_error:503", "html"])
async def test_a_recorder_that_is_down_at_the_start_hides_no_other_storages(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    recorders: list[Item],
    storages: Storages,
    poll: Poll,
    trouble: str,
) -> None:
    """It may be down for weeks."""
    for one in recorders[:2]:
        simulator.faults.enable(f"{trouble}:path={LISTS.format(one.id)}")
    await load(hass, entry)
    assert storages.registered() == 3
    simulator.faults.clear()
    await poll(A_WHILE)
    assert storages.registered() == 5


async def test_many_recorders_that_are_down_keep_no_others_from_their_turn(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    recorders: list[Item],
    storages: Storages,
    poll: Poll,
) -> None:
    """And a server that is down gets a few requests only."""
    for one in recorders[:3]:
        simulator.faults.enable(f"server_error:503:path={LISTS.format(one.id)}")
    await load(hass, entry)
    asked = [one for one in simulator.requests if one.path.endswith("/storages")]
    # By the sensors and by the binary sensors.
    assert len(asked) == 2 * 3
    assert storages.registered() == 0
    await poll(A_WHILE)
    assert storages.registered() == 2


@ENABLED
@pytest.mark.parametrize("what", [LISTS, STATUS])
async def test_a_recorder_that_does_not_answer_in_time_hides_no_other_storages(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: ManualClock,
    recorders: list[Item],
    storages: Storages,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    """The gateway may wait for it for longer than the client does."""
    monkeypatch.setattr(configuration, "INVENTORY_TIMEOUT", 0.2)
    monkeypatch.setattr(configuration, "STATUS_TIMEOUT", 0.2)
    slow, *others = recorders
    hung = storages.of(slow).id if what == STATUS else slow.id
    await poll()
    assert storages.used(recorders) == ["40.0"] * 5
    simulator.faults.enable(f"slow:30:path={what.format(hung)}")
    await poll(AN_HOUR)
    assert storages.used([slow]) == ["unavailable"]
    assert storages.used(others) == ["40.0"] * 4
    # The server answers at last.
    simulator.faults.clear()
    await clock.advance(31)
    await hass.async_block_till_done(wait_background_tasks=True)


@ENABLED
async def test_a_disabled_recorder_is_not_asked_and_read_as_soon_as_it_returns(
    simulator: Simulator,
    recorders: list[Item],
    storages: Storages,
    poll: Poll,
) -> None:
    """One that was replaced stays disabled, and would fail every ten minutes."""
    await poll()
    replaced, *others = recorders
    simulator.world.disable(replaced)
    simulator.faults.enable(f"server_error:503:path={LISTS.format(replaced.id)}")
    await poll()
    await poll()
    simulator.requests.clear()
    await poll(AN_HOUR)
    await poll(AN_HOUR)
    assert not [one for one in simulator.requests if replaced.id in one.path]
    assert storages.used(others) == ["40.0"] * 4
    simulator.faults.clear()
    simulator.world.enable(replaced)
    for _ in range(3):
        await poll()
    assert storages.used(recorders) == ["40.0"] * 5


@ENABLED
async def test_a_server_that_asks_for_a_pause_gets_it(
    simulator: Simulator, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loaded server that is asked again every two seconds does not recover."""
    monkeypatch.setattr(storage_coordinator, "LONGEST_WAIT", 1.0)
    await poll()
    simulator.faults.enable("too_many_requests:900:path=*storages*")
    await poll(AN_HOUR)
    simulator.requests.clear()
    for _ in range(3):
        await poll(200)
    assert not [one for one in simulator.requests if "storages" in one.path]
    await poll(1000)
    assert [one for one in simulator.requests if "storages" in one.path]


async def test_storages_return_with_a_recorder_that_was_deleted_during_a_listing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    clock: ManualClock,
    recorders: list[Item],
    storages: Storages,
    device_of: DeviceOf,
) -> None:
    """Its new device has none of the entities."""
    deleted, *_, slow = recorders
    simulator.faults.enable(f"slow:60:path={LISTS.format(slow.id)}:count=2")
    are_others_listed = asyncio.Event()

    @callback
    def registered(_: object) -> None:
        if storages.registered() == 4:
            are_others_listed.set()

    hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, registered)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await are_others_listed.wait()
    inventory = entry.runtime_data.inventory
    simulator.faults.enable(f"source_disappears:{deleted.path}")
    await inventory.async_refresh()
    await hass.async_block_till_done()
    device = device_of(deleted)
    assert await async_remove_config_entry_device(hass, entry, device)
    dr.async_get(hass).async_remove_device(device.id)
    simulator.faults.disable("source_disappears")
    await inventory.async_refresh()
    await hass.async_block_till_done()
    assert storages.registered() == 3
    await clock.advance(61)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert storages.registered() == 5
