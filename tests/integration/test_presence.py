"""Items missing from the lists: unavailable at once, and removed a day later."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events import async_remove_config_entry_device
from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import DeviceOf, Poll, StateOf
from tests.integration.entries import load, reload
from xprotect_simulator import Item, Options, Simulator, event_ids

# Seconds. The site is read every hour; tests skip every second reading.
TWO_HOURS = 7200.0

type HoursPass = Callable[[int], Awaitable[None]]
type ButtonOf = Callable[[Item], str | None]


@pytest.fixture
def simulator_options() -> Options:
    """Return a server whose tokens last for days, which pass here within seconds."""
    return Options(scenario="quiet", token_life=timedelta(days=30))


@pytest.fixture
def hours_pass(poll: Poll) -> HoursPass:
    """Return a function that lets hours pass in which the site is read."""

    async def let_pass(hours: int) -> None:
        for _ in range(0, hours, 2):
            await poll(TWO_HOURS)

    return let_pass


@pytest.fixture
def button_of(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, simulator: Simulator
) -> ButtonOf:
    """Return a function that reads the state of an event's button."""

    def read(event: Item) -> str | None:
        known_as = f"{simulator.world.site.id}_{event.id}"
        entity_id = entity_registry.async_get_entity_id(
            Platform.BUTTON, DOMAIN, f"{known_as}_trigger"
        )
        event_id = entity_registry.async_get_entity_id(
            Platform.EVENT, DOMAIN, f"{known_as}_raised"
        )
        state = hass.states.get(entity_id) if entity_id else None
        event_state = hass.states.get(event_id) if event_id else None
        # Its event entity is added and removed with it.
        assert bool(event_state) is bool(state)
        if event_state is not None and state is not None:
            assert (event_state.state == STATE_UNAVAILABLE) is (
                state.state == STATE_UNAVAILABLE
            )
        return state.state if state else None

    return read


def unavailable(hass: HomeAssistant, device: dr.DeviceEntry) -> set[bool]:
    """Return whether the entities of a device are unavailable, all or some."""
    entities = er.async_entries_for_device(er.async_get(hass), device.id)
    states = [hass.states.get(one.entity_id) for one in entities]
    return {state.state == STATE_UNAVAILABLE for state in states if state}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("how", ["disabled", "unit disabled", "not listed", "removed"])
async def test_an_unlisted_camera_does_not_show_its_last_state(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    hours_pass: HoursPass,
    device_of: DeviceOf,
    binary_state: StateOf,
    how: str,
) -> None:
    """Motion that never ends would keep the light on."""
    world = simulator.world
    camera, other = world.cameras[:2]
    world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(camera, "motion") == "on"
    device = device_of(camera)
    if how == "disabled":
        world.disable(camera)
    elif how == "unit disabled":
        world.disable(world.inventory.get(camera.parent or ""))
    elif how == "not listed":
        simulator.faults.enable(f"source_disappears:{camera.path}")
    else:
        world.remove(camera)
    await hours_pass(2)
    assert unavailable(hass, device) == {True}
    assert unavailable(hass, device_of(other)) == {False}


@pytest.mark.usefixtures("loaded")
async def test_a_camera_that_returns_is_available_at_once(
    hass: HomeAssistant,
    simulator: Simulator,
    hours_pass: HoursPass,
    device_of: DeviceOf,
    poll: Poll,
    binary_state: StateOf,
) -> None:
    """Without a reload, and with all changes by the user."""
    camera = simulator.world.cameras[0]
    device = device_of(camera)
    simulator.faults.enable(f"source_disappears:{camera.path}")
    await hours_pass(20)
    assert device_of(camera).id == device.id
    simulator.faults.clear()
    await hours_pass(2)
    assert unavailable(hass, device_of(camera)) == {False}
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(camera, "motion") == "on"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("how", ["disabled", "not listed"])
async def test_a_camera_that_returns_does_not_show_its_old_state(
    simulator: Simulator,
    hours_pass: HoursPass,
    poll: Poll,
    binary_state: StateOf,
    how: str,
) -> None:
    """Motion of last week must not switch the light on."""
    world = simulator.world
    camera, other = world.cameras[:2]
    for one in (camera, other):
        world.emit(event_ids.MOTION_STARTED, one)
    await poll()
    assert binary_state(camera, "motion") == "on"
    if how == "disabled":
        world.disable(camera)
    else:
        simulator.faults.enable(f"source_disappears:{camera.path}")
    await hours_pass(2)
    assert binary_state(camera, "motion") == STATE_UNAVAILABLE
    if how == "disabled":
        world.enable(camera)
    else:
        simulator.faults.clear()
    await hours_pass(2)
    assert binary_state(camera, "motion") == STATE_UNKNOWN
    assert binary_state(other, "motion") == "on"
    world.emit(event_ids.MOTION_STOPPED, camera)
    await poll()
    assert binary_state(camera, "motion") == "off"


@pytest.mark.usefixtures("loaded")
async def test_a_camera_is_removed_after_it_was_unlisted_for_a_day(
    simulator: Simulator,
    hours_pass: HoursPass,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    device_of: DeviceOf,
) -> None:
    """A removed camera must not be unavailable for ever."""
    camera, other = simulator.world.cameras[:2]
    gone = device_of(camera).id
    simulator.world.remove(camera)
    await hours_pass(24)
    assert device_registry.async_get(gone) is not None
    await hours_pass(4)
    assert device_registry.async_get(gone) is None
    assert not er.async_entries_for_device(entity_registry, gone)
    assert device_of(other).name == other.name


@pytest.mark.usefixtures("loaded")
async def test_a_role_that_loses_its_rights_removes_no_device(
    hass: HomeAssistant,
    simulator: Simulator,
    hours_pass: HoursPass,
    device_registry: dr.DeviceRegistry,
    entry: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """XProtect then does not refuse, but lists nothing."""
    camera = device_of(simulator.world.cameras[0])
    before = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    simulator.identity.limit_sources([])
    await hours_pass(2)
    assert unavailable(hass, camera) == {True}
    await hours_pass(48)
    after = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert {one.id for one in after} == {one.id for one in before}
    simulator.identity.limit_sources(None)
    await hours_pass(2)
    assert unavailable(hass, camera) == {False}


@pytest.mark.usefixtures("loaded")
async def test_a_list_that_is_shorter_after_a_change_of_rights_removes_nothing(
    hass: HomeAssistant,
    simulator: Simulator,
    hours_pass: HoursPass,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
) -> None:
    """The time starts at the change, so users have a day to notice."""
    camera, other = simulator.world.cameras[:2]
    device = device_of(camera)
    simulator.faults.enable(f"source_disappears:{camera.path}")
    await hours_pass(20)
    simulator.identity.user().is_administrator = True
    await hours_pass(20)
    assert device_registry.async_get(device.id) is not None
    assert unavailable(hass, device) == {True}
    assert unavailable(hass, device_of(other)) == {False}
    await hours_pass(8)
    assert device_registry.async_get(device.id) is None


async def test_the_day_continues_over_a_restart(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    hours_pass: HoursPass,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
) -> None:
    """Devices are removed even if Home Assistant restarts every night."""
    camera = simulator.world.cameras[0]
    device = device_of(camera)
    simulator.world.remove(camera)
    for _ in range(2):
        await hours_pass(10)
        assert device_registry.async_get(device.id) is not None
        await reload(hass, loaded)
    await hours_pass(8)
    assert device_registry.async_get(device.id) is None


async def test_an_item_deleted_during_a_restart_is_removed_a_day_later(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    hours_pass: HoursPass,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
    button_of: ButtonOf,
) -> None:
    """It was deleted in XProtect during an update of Home Assistant."""
    camera, gate_open = simulator.world.cameras[0], simulator.world.named("Gate open")
    device = device_of(camera)
    await hass.config_entries.async_unload(loaded.entry_id)
    simulator.world.remove(camera)
    simulator.world.remove(gate_open)
    await load(hass, loaded)
    assert device_registry.async_get(device.id) is not None
    assert button_of(gate_open) == STATE_UNAVAILABLE
    await hours_pass(28)
    assert device_registry.async_get(device.id) is None
    assert button_of(gate_open) is None


@pytest.mark.usefixtures("loaded")
async def test_the_button_of_a_deleted_event_is_removed_and_may_return(
    simulator: Simulator, button_of: ButtonOf, hours_pass: HoursPass
) -> None:
    """A button without an event is misleading."""
    gate_open = simulator.world.named("Gate open")
    simulator.world.remove(gate_open)
    await hours_pass(2)
    assert button_of(gate_open) == STATE_UNAVAILABLE
    simulator.world.add(gate_open)
    await hours_pass(2)
    assert button_of(gate_open) not in {None, STATE_UNAVAILABLE}
    simulator.world.remove(gate_open)
    await hours_pass(28)
    assert button_of(gate_open) is None
    simulator.world.add(gate_open)
    await hours_pass(2)
    assert button_of(gate_open) not in {None, STATE_UNAVAILABLE}


@pytest.mark.usefixtures("loaded")
async def test_a_camera_that_returns_after_its_removal_starts_from_the_beginning(
    hass: HomeAssistant,
    simulator: Simulator,
    hours_pass: HoursPass,
    poll: Poll,
    device_of: DeviceOf,
    binary_state: StateOf,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A backup of XProtect may be restored after a week."""
    seen = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[0]
    simulator.world.remove(camera)
    await hours_pass(28)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert seen[-1].data["device_id"] == device_of(simulator.world.site).id
    simulator.world.add(camera)
    await hours_pass(2)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert seen[-1].data["device_id"] == device_of(camera).id
    assert binary_state(camera, "motion") == "on"
    assert "does not generate unique IDs" not in caplog.text


async def test_devices_removed_by_the_user_are_no_longer_missing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
    hours_pass: HoursPass,
    device_of: DeviceOf,
    issue_registry: ir.IssueRegistry,
) -> None:
    """A user who removes all outputs of a site leaves an empty list."""
    issue = (DOMAIN, f"rights_lost_{loaded.entry_id}")
    outputs = simulator.world.items("outputs")
    devices = [device_of(one) for one in outputs]
    for one in outputs:
        simulator.world.remove(one)
    await hours_pass(48)
    assert issue in issue_registry.issues
    for device in devices:
        assert await async_remove_config_entry_device(hass, loaded, device)
        dr.async_get(hass).async_remove_device(device.id)
    await hours_pass(2)
    assert issue not in issue_registry.issues
    await hass.config_entries.async_reload(loaded.entry_id)
    await hours_pass(2)
    assert issue not in issue_registry.issues
