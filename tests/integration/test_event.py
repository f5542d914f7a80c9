"""Event entities: the events of a source, for automations without YAML."""

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine.event_names import EVENT_SLUGS
from tests.integration.conftest import A_WHILE, Poll, ShownEvents
from tests.integration.entries import load
from xprotect_simulator import Simulator, event_ids


@pytest.mark.usefixtures("loaded")
async def test_an_event_entity_shows_the_event(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """Users find entities more easily than bus events."""
    camera = simulator.world.cameras[0]
    assert shown_events.state(camera).state == STATE_UNKNOWN
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera, tag="dog")
    await poll()
    attributes = shown_events.attributes(camera)
    assert attributes.pop("time").startswith("2026-03-02T06:00:00.5")
    assert attributes == {
        "event_type": "motion_started",
        "event_id": event.id,
        "type": "Motion Started",
        "type_id": event_ids.MOTION_STARTED,
        "tag": "dog",
        "data": None,
    }


@pytest.mark.usefixtures("loaded")
async def test_the_data_of_an_event_is_kept_out_of_the_database(
    simulator: Simulator, shown_events: ShownEvents
) -> None:
    """A camera that reads licence plates would add 4 KiB each time."""
    info = shown_events.state(simulator.world.cameras[0]).state_info
    assert info is not None
    assert "data" in info["unrecorded_attributes"]


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
@pytest.mark.parametrize(
    ("type_id", "place", "slug"),
    [
        (event_ids.INPUT_ACTIVATED, "Gate", "input_activated"),
        (event_ids.OUTPUT_DEACTIVATED, "Siren", "output_deactivated"),
        (
            event_ids.HARDWARE_COMMUNICATION_ERROR,
            "Hanwha XNV-8083R (10.0.0.1)",
            "communication_error_hardware",
        ),
        (event_ids.PERIODIC_TIMER, "Simulated site", "periodic_timer"),
        # Events that are not typical of cameras are shown as other.
        (event_ids.PERIODIC_TIMER, "Front door", "other"),
        ("1b671a64-40d5-491e-99b0-da01ff1f3341", "Front door", "other"),
    ],
)
async def test_each_kind_of_source_has_its_own_events(
    simulator: Simulator,
    poll: Poll,
    shown_events: ShownEvents,
    type_id: str,
    place: str,
    slug: str,
) -> None:
    """A short list of suitable types is better than six hundred."""
    item = simulator.world.named(place)
    simulator.world.emit(type_id, item)
    await poll()
    state = shown_events.state(item)
    assert state.attributes["event_type"] == slug
    assert slug in state.attributes["event_types"]
    assert len(state.attributes["event_types"]) < len(EVENT_SLUGS) + 20


@pytest.mark.usefixtures("loaded")
async def test_an_analytics_event_has_its_name(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """Users look for the name that they gave the event."""
    parcel = simulator.world.named("Parcel arrived")
    simulator.world.emit(parcel.id)
    await poll()
    assert shown_events.own(parcel).attributes["event_type"] == "Parcel arrived"


@pytest.mark.usefixtures("loaded")
async def test_events_of_a_camera_are_only_shown_at_its_entity(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """An automation on one door must not run for another."""
    camera, other = simulator.world.cameras[:2]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert shown_events.state(camera).state != STATE_UNKNOWN
    assert shown_events.state(other).state == STATE_UNKNOWN
    assert shown_events.state(simulator.world.site).state == STATE_UNKNOWN


@pytest.mark.usefixtures("loaded")
async def test_events_of_sources_without_an_event_entity_are_shown_at_the_server(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """A microphone has a device and states, but no event entity."""
    microphone = simulator.world.named("Front door microphone")
    simulator.world.emit(event_ids.RECORDING_STARTED, microphone)
    await poll()
    site = simulator.world.site
    assert shown_events.attributes(site)["event_type"] == "recording_started"


async def test_events_that_were_not_chosen_are_not_shown(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    shown_events: ShownEvents,
) -> None:
    """A user who chose one camera does not want another."""
    camera, other = simulator.world.cameras[:2]
    chosen = {
        "event_types": [event_ids.MOTION_STARTED, event_ids.PERIODIC_TIMER],
        "sources": [camera.path],
    }
    hass.config_entries.async_update_entry(entry, options=entry.options | chosen)
    await load(hass, entry)
    simulator.world.emit(event_ids.PERIODIC_TIMER, camera)
    simulator.world.emit(event_ids.RECORDING_STARTED, camera)
    simulator.world.emit(event_ids.MOTION_STARTED, other)
    await poll()
    assert shown_events.attributes(camera)["event_type"] == "periodic_timer"
    assert shown_events.state(other).state == STATE_UNKNOWN


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("size", "is_kept"), [(4000, True), (5000, False)], ids=["small", "large"]
)
async def test_small_data_is_shown(
    simulator: Simulator,
    poll: Poll,
    shown_events: ShownEvents,
    size: int,
    *,
    is_kept: bool,
) -> None:
    """Every state is sent to every open page; the bus event has all data."""
    camera = simulator.world.cameras[0]
    plate = simulator.world.named("Licence plate read")
    data = {"blob": "x" * size}
    simulator.world.emit(plate.id, camera, data=data)
    await poll()
    attributes = shown_events.attributes(camera)
    assert attributes["event_type"] == "Licence plate read"
    assert attributes["data"] == (data if is_kept else None)


@pytest.mark.usefixtures("loaded")
async def test_a_missed_event_is_not_shown(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """Automations on entities are for live events."""
    camera = simulator.world.cameras[0]
    simulator.faults.enable("event_server_down")
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll(120)
    assert shown_events.state(camera).state == STATE_UNAVAILABLE
    simulator.faults.clear()
    await poll(A_WHILE)
    assert shown_events.state(camera).state == STATE_UNKNOWN


@pytest.mark.usefixtures("loaded")
async def test_an_outage_does_not_look_like_an_event(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """The state is the time of the last event, before and after."""
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    before = shown_events.state(camera).state
    simulator.faults.enable("event_server_down")
    await poll()
    simulator.faults.clear()
    await poll(A_WHILE)
    assert shown_events.state(camera).state == before


async def test_our_own_event_has_the_context_of_its_cause(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    shown_events: ShownEvents,
) -> None:
    """The logbook names the automation that opened the gate."""
    context = Context()
    await hass.services.async_call(
        DOMAIN,
        "trigger_event",
        {"config_entry_id": loaded.entry_id, "event": "Gate open"},
        blocking=True,
        context=context,
    )
    await poll()
    state = shown_events.own(simulator.world.named("Gate open"))
    assert state.attributes["event_type"] == "Gate open"
    assert state.context is context


@pytest.mark.usefixtures("loaded")
async def test_a_new_event_of_the_site_is_known_without_a_reload(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """Automations can only use types in the list."""
    event = simulator.world.add_user_defined_event("Cat wants in")
    await poll()
    await poll()
    assert shown_events.own(event).attributes["event_types"] == ["Cat wants in"]
    server = shown_events.state(simulator.world.site).attributes
    assert server["event_type"] == "system_configuration_changed"
