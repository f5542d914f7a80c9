"""Choosing events and their delivery, with and without the server."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.const import EVENT_LIVE
from custom_components.xprotect_events.inventory_store import InventoryStore
from tests.integration.conftest import Poll, StateOf
from tests.integration.entries import reload
from tests.integration.options_form import (
    UNTOUCHED,
    choose,
    labels,
    open_form,
    submit,
)
from xprotect_simulator import Item, Options, Simulator, event_ids

# Both are GUIDs that no site has.
GONE_TYPE = "00000000-1111-2222-3333-444444444444"
GONE_CAMERA = "cameras/00000000-1111-2222-3333-555555555555"


def created_sessions(simulator: Simulator) -> list[int]:
    """Return the requests that have created an event session."""
    return [
        request.status
        for request in simulator.requests
        if (request.method, request.path) == ("POST", "/api/rest/v1/eventSessions")
    ]


async def test_options_are_stored_and_applied_at_once(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Submitting the form reloads the entry."""
    sessions_before = len(created_sessions(simulator))
    chosen = {"poll_interval": 5, "missed_events": "ignore", "catch_up_hours": 0}
    await submit(hass, loaded, **chosen)
    assert loaded.options == {**UNTOUCHED, **chosen}
    assert loaded.state is ConfigEntryState.LOADED
    assert len(created_sessions(simulator)) == sessions_before + 1


async def test_the_form_shows_the_current_options(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """A form with other values would change options by accident."""
    chosen = {
        "event_types": [event_ids.MOTION_STARTED],
        "exclude_event_types": [event_ids.MOTION_STOPPED],
        "sources": [simulator.world.cameras[0].path],
        "exclude_sources": [simulator.world.cameras[1].path],
        "source_groups": [simulator.world.named("Perimeter").id],
        "area_groups": [simulator.world.named("Gates").id],
        "pictures": "gateway",
        "delivery": "auto",
        "poll_interval": 7,
        "missed_events": "ignore",
        "catch_up_hours": 3,
        "alarms": True,
        "live_view": True,
        "switch_outputs": True,
        "ptz_presets": True,
        "state_groups": [],
    }
    hass.config_entries.async_update_entry(loaded, options=chosen)
    _, fields = await open_form(hass, loaded)
    result = await hass.config_entries.options.async_init(loaded.entry_id)
    schema = result["data_schema"]
    assert schema is not None
    assert {
        str(key): key.description["suggested_value"] for key in schema.schema
    } == chosen
    assert list(fields) == list(chosen)


async def test_whole_numbers_are_stored_as_integers(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """The form sends 5 as 5.0, which diagnostics would then show."""
    await submit(hass, loaded, poll_interval=5.0, catch_up_hours=12.0)
    assert loaded.options["poll_interval"] == 5
    assert type(loaded.options["poll_interval"]) is int
    assert type(loaded.options["catch_up_hours"]) is int


@pytest.mark.parametrize(
    "changes",
    [
        {"poll_interval": 0},
        {"poll_interval": 21},
        {"catch_up_hours": -1},
        {"catch_up_hours": 169},
        {"event_types": [GONE_TYPE]},
        {"sources": [GONE_CAMERA]},
        {"sources": "cameras"},
        {"delivery": "pigeon"},
    ],
)
async def test_invalid_options_are_refused_and_corrected_in_the_same_form(
    hass: HomeAssistant, loaded: MockConfigEntry, changes: dict[str, object]
) -> None:
    """A hundred polls a second would be an attack."""
    flow_id, _ = await open_form(hass, loaded)
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            flow_id, {**UNTOUCHED, **changes}
        )
    result = await hass.config_entries.options.async_configure(flow_id, UNTOUCHED)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == UNTOUCHED
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_chosen_types_and_sources_are_the_only_ones_that_are_delivered(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Only the chosen events arrive."""
    yard, door = simulator.world.cameras[:2]
    by_type = await labels(hass, loaded, "event_types")
    by_source = await labels(hass, loaded, "sources")
    await submit(
        hass,
        loaded,
        event_types=[
            one for one, label in by_type.items() if label == "Motion Started"
        ],
        sources=[one for one, label in by_source.items() if label == yard.name],
    )
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.world.emit(event_ids.MOTION_STARTED, door)
    simulator.world.emit(event_ids.MOTION_STOPPED, yard)
    wanted = simulator.world.emit(event_ids.MOTION_STARTED, yard)
    await poll()
    assert [event.data["event_id"] for event in seen] == [wanted.id]


async def test_excluded_events_are_not_delivered_but_change_states(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    binary_state: StateOf,
    poll: Poll,
) -> None:
    """The sensors of a busy camera stay useful without its events."""
    front, drive, *_ = simulator.world.cameras
    gate = simulator.world.named("Gate open")
    await submit(
        hass,
        loaded,
        sources=[front.path, drive.path],
        exclude_sources=[drive.path],
        exclude_event_types=[event_ids.MOTION_STOPPED],
    )
    seen = async_capture_events(hass, EVENT_LIVE)
    for camera in (front, drive):
        simulator.world.emit(event_ids.MOTION_STARTED, camera)
    simulator.world.emit(gate.id)
    await poll()
    assert [(one.data["type_id"], one.data["source"]) for one in seen] == [
        (event_ids.MOTION_STARTED, front.path)
    ]
    assert binary_state(drive, "motion") == "on"
    for camera in (front, drive):
        simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    await poll()
    assert len(seen) == 1
    assert binary_state(front, "motion") == "off"


async def test_every_source_of_events_can_be_chosen_by_name(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """GUIDs are not shown to users."""
    world = simulator.world
    by_type = await labels(hass, loaded, "event_types")
    assert set(by_type) >= set(world.event_types)
    assert set(by_type) >= {event.id for event in world.user_defined_events}
    assert "Motion Started" in by_type.values()
    by_source = await labels(hass, loaded, "sources")
    kinds = ("sites", "recordingServers", "hardware", "cameras", "inputEvents")
    for kind in (*kinds, "microphones", "outputs", "userDefinedEvents"):
        for item in world.items(kind):
            assert item.name in by_source[item.path]


async def test_choices_are_in_the_order_of_their_names(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Users look for a camera by its first letter."""
    for field in ("event_types", "sources"):
        names = list((await labels(hass, loaded, field)).values())
        assert names == sorted(names, key=str.casefold)


async def test_equal_names_are_made_distinct(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """A camera often has the name of its hardware or of another camera."""
    world = simulator.world
    first, second, third = world.cameras[:3]
    event = world.add_user_defined_event("Motion Started")
    world.rename(first, "Front Door")
    world.rename(second, "front door")
    world.rename(third, "Porch")
    world.rename(third.parent or "", "Porch")
    await reload(hass, loaded)
    by_source = await labels(hass, loaded, "sources")
    assert by_source[first.path] == f"Front Door (cameras) {first.id[:8]}"
    assert by_source[second.path] == f"front door (cameras) {second.id[:8]}"
    assert by_source[third.path] == "Porch (cameras)"
    assert by_source[third.parent or ""] == "Porch (hardware)"
    by_type = await labels(hass, loaded, "event_types")
    assert by_type[event_ids.MOTION_STARTED] == "Motion Started (Camera)"
    assert by_type[event.id] == "Motion Started (userDefinedEvents)"
    assert len(set(by_source.values())) == len(by_source)
    assert len(set(by_type.values())) == len(by_type)


async def test_long_names_are_cut_and_stay_distinct(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """A form with 2,500 names of 10,000 letters would not open."""
    first, second = simulator.world.cameras[:2]
    simulator.world.rename(first, "a" * 10_000)
    simulator.world.rename(second, "a" * 10_000)
    await hass.config_entries.async_reload(loaded.entry_id)
    by_source = await labels(hass, loaded, "sources")
    assert by_source[first.path] != by_source[second.path]
    assert max(len(label) for label in by_source.values()) < 150


@pytest.fixture
def chosen_camera(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> Item:
    """Choose an existing and a deleted camera, and an existing and a deleted type."""
    camera = simulator.world.cameras[0]
    hass.config_entries.async_update_entry(
        entry,
        options={
            **UNTOUCHED,
            "event_types": [event_ids.MOTION_STARTED, GONE_TYPE],
            "sources": [camera.path, GONE_CAMERA],
        },
    )
    return camera


async def test_deleted_choices_are_kept_until_the_user_removes_them(
    hass: HomeAssistant, chosen_camera: Item, loaded: MockConfigEntry
) -> None:
    """Submitting the form unchanged must not empty a choice: empty means everything."""
    assert (await labels(hass, loaded, "event_types"))[GONE_TYPE] == GONE_TYPE
    by_source = await labels(hass, loaded, "sources")
    assert by_source[GONE_CAMERA] == GONE_CAMERA
    await submit(hass, loaded, **dict(loaded.options))
    assert loaded.options["sources"] == [chosen_camera.path, GONE_CAMERA]
    kept = {"event_types": [GONE_TYPE], "sources": [chosen_camera.path]}
    await submit(hass, loaded, **kept)
    assert loaded.options == {**UNTOUCHED, **kept}


async def test_names_are_shown_during_an_outage(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Users may open the options during an outage."""
    before = await labels(hass, loaded, "sources")
    await simulator.stop()
    await poll()
    assert await labels(hass, loaded, "sources") == before
    await choose(hass, loaded, sources=[simulator.world.cameras[0].path])
    assert loaded.options["sources"] == [simulator.world.cameras[0].path]
    await simulator.start()


async def test_known_groups_are_named_if_they_cannot_be_read_now(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """A chosen group without its name would be a GUID."""
    group = simulator.world.named("Perimeter").id
    options = {**loaded.options, "source_groups": [group]}
    hass.config_entries.async_update_entry(loaded, options=options)
    await reload(hass, loaded)
    before = await labels(hass, loaded, "source_groups")
    assert group not in before[group]
    simulator.faults.enable("server_error:500:path=*Groups*")
    assert (await labels(hass, loaded, "source_groups"))[group] == before[group]


async def test_without_the_server_choices_can_be_kept_and_removed(
    hass: HomeAssistant,
    simulator: Simulator,
    chosen_camera: Item,
    loaded: MockConfigEntry,
) -> None:
    """The names of cameras come from Home Assistant's registry."""
    chosen = dict(loaded.options)
    await simulator.stop()
    # Otherwise the form would show the old choice.
    await InventoryStore(hass, loaded.entry_id).remove()
    await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    assert await labels(hass, loaded, "sources") == {
        chosen_camera.path: chosen_camera.name,
        GONE_CAMERA: GONE_CAMERA,
    }
    by_type = await labels(hass, loaded, "event_types")
    assert by_type[event_ids.MOTION_STARTED] == "Motion Started"
    assert by_type[GONE_TYPE] == GONE_TYPE
    await choose(hass, loaded, **chosen)
    assert loaded.options == chosen
    await choose(hass, loaded, **{**chosen, "sources": [chosen_camera.path]})
    assert loaded.options["sources"] == [chosen_camera.path]
    await simulator.start()


async def test_without_the_server_an_unknown_name_is_its_id(
    hass: HomeAssistant, chosen_camera: Item, entry: MockConfigEntry
) -> None:
    """An entry that was never loaded also shows its choices."""
    assert await labels(hass, entry, "sources") == {
        chosen_camera.path: chosen_camera.path,
        GONE_CAMERA: GONE_CAMERA,
    }


@pytest.mark.parametrize(
    "simulator_options",
    [Options(scenario="quiet", cameras=2500, extra_event_types=600)],
)
async def test_a_large_site_fits_into_the_form(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Sites with 2,500 cameras are supported."""
    by_source = await labels(hass, loaded, "sources")
    assert set(by_source) >= {camera.path for camera in simulator.world.cameras}
    assert len(set(by_source.values())) == len(by_source)
    assert len(await labels(hass, loaded, "event_types")) > 600
    last = simulator.world.cameras[-1].path
    await submit(hass, loaded, sources=[last])
    assert loaded.options["sources"] == [last]
