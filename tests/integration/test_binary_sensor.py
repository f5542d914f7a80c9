"""Binary sensors: the states of XProtect, and when they are unknown."""

from datetime import timedelta

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from tests.integration.conftest import A_WHILE, DeviceOf, Poll, StateOf
from tests.integration.entries import load
from xprotect_simulator import Item, Options, Simulator, event_ids

TWIN = Item(kind="sites", id="0b2f7a2e-7dd9-4d0a-8a4b-3d3c8f6e7a11", name="Twin")

STATEFUL = {"motion", "recording", "communication", "input", "output"}


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Front door", {"motion", "recording", "communication"}),
        ("Hanwha XNV-8083R (10.0.0.1)", {"communication"}),
        ("Front door microphone", {"recording", "communication"}),
        ("Front door speaker", {"recording", "communication"}),
        ("Gate", {"input", "communication"}),
        ("Siren", {"output", "communication"}),
        ("Simulated site", set()),
    ],
)
async def test_each_kind_of_source_has_the_states_that_the_server_gives_it(
    simulator: Simulator, binary_state: StateOf, name: str, keys: set[str]
) -> None:
    """Only the server knows which source has which state; others stay unknown."""
    item = simulator.world.named(name)
    found = {key for key in STATEFUL if binary_state(item, key) != f"no {key}"}
    assert found == keys
    assert {binary_state(item, key) for key in keys} <= {"unknown"}


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
@pytest.mark.parametrize(
    ("name", "key", "type_id", "state"),
    [
        ("Front door", "motion", event_ids.MOTION_STARTED, "on"),
        ("Front door", "motion", event_ids.MOTION_STOPPED, "off"),
        ("Front door", "recording", event_ids.RECORDING_STARTED, "on"),
        ("Front door", "recording", event_ids.RECORDING_STOPPED, "off"),
        ("Front door", "communication", event_ids.COMMUNICATION_STARTED, "on"),
        ("Front door", "communication", event_ids.COMMUNICATION_STOPPED, "off"),
        ("Front door", "communication", event_ids.COMMUNICATION_ERROR, "off"),
        (
            "Hanwha XNV-8083R (10.0.0.1)",
            "communication",
            event_ids.HARDWARE_COMMUNICATION_STARTED,
            "on",
        ),
        (
            "Hanwha XNV-8083R (10.0.0.1)",
            "communication",
            event_ids.HARDWARE_COMMUNICATION_STOPPED,
            "off",
        ),
        (
            "Hanwha XNV-8083R (10.0.0.1)",
            "communication",
            event_ids.HARDWARE_COMMUNICATION_ERROR,
            "off",
        ),
        ("Gate", "input", event_ids.INPUT_ACTIVATED, "on"),
        ("Gate", "input", event_ids.INPUT_DEACTIVATED, "off"),
        ("Siren", "output", event_ids.OUTPUT_ACTIVATED, "on"),
        ("Siren", "output", event_ids.OUTPUT_DEACTIVATED, "off"),
    ],
)
async def test_an_event_sets_the_state_of_its_source(
    simulator: Simulator,
    poll: Poll,
    binary_state: StateOf,
    name: str,
    key: str,
    type_id: str,
    state: str,
) -> None:
    """Lights depend on these states, and so do warnings of lost cameras."""
    item = simulator.world.named(name)
    simulator.world.emit(type_id, item)
    await poll()
    assert binary_state(item, key) == state


@pytest.mark.usefixtures("loaded")
async def test_an_event_changes_its_own_source_and_group_only(
    simulator: Simulator, poll: Poll, binary_state: StateOf
) -> None:
    """Lights of the terrace must not react to the front door."""
    camera, other = simulator.world.cameras[:2]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(camera, "recording") == "unknown"
    assert binary_state(other, "motion") == "unknown"


@pytest.mark.usefixtures("loaded")
async def test_the_newest_event_counts_not_the_last_one_to_arrive(
    simulator: Simulator, poll: Poll, binary_state: StateOf
) -> None:
    """A recorder that was offline delivers old events afterwards."""
    camera = simulator.world.cameras[0]
    await poll(100)
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    await poll(3)
    simulator.world.emit(
        event_ids.MOTION_STARTED, camera, time=simulator.clock.now().replace(minute=0)
    )
    await poll()
    assert binary_state(camera, "motion") == "off"


@pytest.mark.usefixtures("loaded")
async def test_missed_events_show_only_their_last_state(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, binary_state: StateOf
) -> None:
    """Old motion must not look like new motion."""
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    for _ in range(4):
        await poll(200)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    for seconds, type_id in (
        (190, event_ids.MOTION_STARTED),
        (180, event_ids.MOTION_STOPPED),
        (170, event_ids.RECORDING_STARTED),
        (160, event_ids.RECORDING_STOPPED),
        (150, event_ids.RECORDING_STARTED),
    ):
        ago = timedelta(seconds=seconds)
        simulator.world.emit(type_id, camera, time=simulator.clock.now() - ago)
    for _ in range(4):
        await poll()
    changed = [change.data["entity_id"] for change in changes]
    assert [one for one in changed if one.startswith("binary_sensor.")] == [
        "binary_sensor.front_door_recording"
    ]
    assert binary_state(camera, "recording") == "on"
    assert binary_state(camera, "motion") == "off"


@pytest.mark.parametrize("simulator_options", [Options(scenario="still")])
async def test_earlier_states_are_shown_from_the_start(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
) -> None:
    """A door that was opened yesterday is still open."""
    camera, other = simulator.world.cameras[:2]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll(3600)
    await load(hass, entry)
    assert binary_state(camera, "motion") == "on"
    assert binary_state(other, "motion") == "off"
    assert binary_state(other, "communication") == "on"


@pytest.mark.usefixtures("loaded")
async def test_states_are_unavailable_while_no_events_can_arrive_and_right_after(
    simulator: Simulator, poll: Poll, binary_state: StateOf
) -> None:
    """An unknown state must not look like no motion."""
    camera, site = simulator.world.cameras[0], simulator.world.site
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(site, "connection") == "on"
    simulator.faults.enable("event_server_down")
    await poll()
    assert binary_state(camera, "motion") == "unavailable"
    assert binary_state(site, "connection") == "off"
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    simulator.faults.clear()
    await poll(A_WHILE)
    assert binary_state(camera, "motion") == "off"
    assert binary_state(site, "connection") == "on"


@pytest.mark.usefixtures("loaded")
async def test_one_lost_answer_makes_nothing_unavailable(
    simulator: Simulator, poll: Poll, binary_state: StateOf
) -> None:
    """Networks drop a connection now and then, which must not trigger automations."""
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    simulator.faults.enable("reset:count=1")
    await poll()
    assert binary_state(camera, "motion") == "on"


@pytest.mark.usefixtures("loaded")
async def test_a_state_does_not_change_when_nothing_happens(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """Every written state is sent to every open page."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    before = hass.states.get("binary_sensor.front_door_motion")
    await poll()
    await poll()
    after = hass.states.get("binary_sensor.front_door_motion")
    assert before is not None
    assert after is not None
    assert after.last_reported == before.last_reported


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("entity_id", "name", "device_class", "category"),
    [
        ("binary_sensor.front_door_motion", "Front door Motion", "motion", None),
        ("binary_sensor.front_door_recording", "Front door Recording", "running", None),
        (
            "binary_sensor.front_door_recorder_connection",
            "Front door Recorder connection",
            "connectivity",
            "diagnostic",
        ),
        ("binary_sensor.gate_input", "Gate Input", None, None),
        ("binary_sensor.siren_output", "Siren Output", None, None),
        (
            "binary_sensor.simulated_site_connection",
            "Simulated site Connection",
            "connectivity",
            "diagnostic",
        ),
    ],
)
async def test_sensors_are_named_and_sorted_as_users_expect(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    entity_id: str,
    name: str,
    device_class: str | None,
    category: str | None,
) -> None:
    """Voice assistants and the search in the frontend use the names."""
    state = hass.states.get(entity_id)
    registered = entity_registry.async_get(entity_id)
    assert state is not None
    assert registered is not None
    assert state.name == name
    assert state.attributes.get("device_class") == device_class
    assert registered.entity_category == category
    assert registered.disabled_by is None


@pytest.mark.usefixtures("loaded")
async def test_two_sites_do_not_change_each_others_states(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, binary_state: StateOf
) -> None:
    """Type ids are the same at every site, and perhaps those of copied cameras."""
    async with Simulator(Options(seed=1), clock=simulator.clock) as twin:
        other_site = MockConfigEntry(
            domain="xprotect_events",
            unique_id=TWIN.id,
            data={
                "url": twin.url,
                "authentication": "basic",
                "username": "demo",
                "password": "demo",
                "verify_ssl": True,
            },
            options={"delivery": "poll"},
        )
        other_site.add_to_hass(hass)
        camera = simulator.world.cameras[0]
        twin.world.inventory.drop(twin.world.site)
        twin.world.inventory.put(TWIN)
        await load(hass, other_site)
        twin.world.emit(event_ids.MOTION_STARTED, camera)
        await poll()
        assert binary_state(camera, "motion") == "unknown"
        await hass.config_entries.async_unload(other_site.entry_id)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_camera_keeps_its_motion_when_the_server_lists_no_types(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
    device_of: DeviceOf,
) -> None:
    """The built-in types are the same at every site."""
    simulator.identity.forbid("eventTypes", "stateGroups")
    await load(hass, entry)
    camera = simulator.world.cameras[0]
    unit = simulator.world.inventory.get(camera.parent or "")
    simulator.world.emit(event_ids.COMMUNICATION_ERROR, camera)
    simulator.world.emit(event_ids.HARDWARE_COMMUNICATION_STARTED, unit)
    await poll()
    assert binary_state(camera, "communication") == "off"
    assert binary_state(unit, "communication") == "on"
    assert device_of(camera).via_device_id == device_of(unit).id
