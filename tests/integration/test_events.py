"""Events on Home Assistant's bus: each once, in order, with all fields."""

from datetime import timedelta
import logging
from unittest.mock import Mock, patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events import event_dispatcher
from custom_components.xprotect_events.api import Source
from custom_components.xprotect_events.const import EVENT_LIVE, EVENT_MISSED
from custom_components.xprotect_events.engine.built_in import StateKind
from tests.integration.conftest import A_MORNING, DeviceOf, Poll, StateOf, payloads
from tests.integration.entries import load
from xprotect_simulator import Options, Simulator, event_ids, times

UNKNOWN_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"

A_MINUTE_PAST = A_MORNING + timedelta(seconds=60, microseconds=123_456)

A_MINUTE_PAST_TEXT = "2026-03-02T06:01:00.6234560Z"


async def test_an_event_of_a_camera_has_all_fields(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    device_of: DeviceOf,
) -> None:
    """Automations rely on these names and types."""
    seen = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[0]
    event = simulator.world.emit(
        event_ids.MOTION_STARTED, camera, time=A_MINUTE_PAST, tag="dog"
    )
    await poll(60)
    assert payloads(seen) == [
        {
            "entry_id": loaded.entry_id,
            "device_id": device_of(camera).id,
            "event_id": event.id,
            "local_id": event.local_id,
            "type": "Motion Started",
            "type_id": event_ids.MOTION_STARTED,
            "source": camera.path,
            "source_type": "cameras",
            "source_name": "Front door",
            "time": A_MINUTE_PAST_TEXT,
            "state_group": "Motion",
            "state": "Motion",
            "tag": "dog",
            "datatype": "none",
            "data": None,
            "missed": False,
            "origin": "xprotect",
        }
    ]


async def test_a_user_defined_event_belongs_to_the_server(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    device_of: DeviceOf,
) -> None:
    """It has no source, as XProtect allows."""
    seen = async_capture_events(hass, EVENT_LIVE)
    gate_open = simulator.world.named("Gate open")
    event = simulator.world.emit(gate_open.id, time=A_MINUTE_PAST)
    await poll(60)
    assert payloads(seen) == [
        {
            "entry_id": loaded.entry_id,
            "device_id": device_of(simulator.world.site).id,
            "event_id": event.id,
            "local_id": event.local_id,
            "type": "Gate open",
            "type_id": gate_open.id,
            "source": gate_open.path,
            "source_type": "userDefinedEvents",
            "source_name": "Gate open",
            "time": A_MINUTE_PAST_TEXT,
            "state_group": None,
            "state": None,
            "tag": None,
            "datatype": "none",
            "data": None,
            "missed": False,
            "origin": "xprotect",
        }
    ]


async def test_an_event_of_unknown_type_without_a_source_is_on_the_bus(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    device_of: DeviceOf,
) -> None:
    """Plug-ins send types that no list has; automations may use them."""
    seen = async_capture_events(hass, EVENT_LIVE)
    event = simulator.world.record(
        UNKNOWN_GUID, None, ticks=times.to_ticks(A_MINUTE_PAST)
    )
    await poll(60)
    assert payloads(seen) == [
        {
            "entry_id": loaded.entry_id,
            "device_id": device_of(simulator.world.site).id,
            "event_id": event.id,
            "local_id": event.local_id,
            "type": UNKNOWN_GUID,
            "type_id": UNKNOWN_GUID,
            "source": None,
            "source_type": None,
            "source_name": None,
            "time": A_MINUTE_PAST_TEXT,
            "state_group": None,
            "state": None,
            "tag": None,
            "datatype": "none",
            "data": None,
            "missed": False,
            "origin": "xprotect",
        }
    ]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("source", "source_type"),
    [
        (f"cameras/{UNKNOWN_GUID}", "cameras"),
        (f"services/{UNKNOWN_GUID}", "services"),
        (UNKNOWN_GUID, None),
    ],
)
async def test_an_event_of_an_unknown_source_is_shown_at_the_server(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    device_of: DeviceOf,
    source: str,
    source_type: str | None,
) -> None:
    """A camera may be too new, or hidden from this user."""
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.world.emit(event_ids.MOTION_STARTED, source)
    await poll()
    (payload,) = payloads(seen)
    assert payload["source"] == source
    assert payload["source_type"] == source_type
    assert payload["source_name"] is None
    assert payload["device_id"] == device_of(simulator.world.site).id
    assert payload["type"] == "Motion Started"


@pytest.mark.usefixtures("loaded")
async def test_guids_and_paths_have_one_notation(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, device_of: DeviceOf
) -> None:
    """XProtect writes them in both cases, and templates compare letter by letter."""
    seen = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[0]
    simulator.world.emit(
        event_ids.MOTION_STARTED.upper(), f"CAMERAS/{camera.id.upper()}"
    )
    await poll()
    (payload,) = payloads(seen)
    assert payload["type_id"] == event_ids.MOTION_STARTED
    assert payload["source"] == camera.path
    assert payload["device_id"] == device_of(camera).id


@pytest.mark.usefixtures("loaded")
async def test_a_missed_event_has_its_own_name_and_time(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """Motion of last night must not switch the lights on now."""
    await poll(300)
    await poll(300)
    live = async_capture_events(hass, EVENT_LIVE)
    missed = async_capture_events(hass, EVENT_MISSED)
    camera = simulator.world.cameras[0]
    late = timedelta(minutes=5)
    event = simulator.world.emit(
        event_ids.MOTION_STARTED, camera, time=simulator.clock.now() - late
    )
    before = dt_util.utcnow()
    await poll(0)
    await poll(10)
    assert not live
    (fired,) = missed
    assert fired.data["event_id"] == event.id
    assert fired.data["missed"] is True
    assert abs(fired.time_fired - (before - late)) < timedelta(seconds=20)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "entry_options", [{"delivery": "poll", "missed_events": "ignore"}]
)
async def test_missed_events_can_be_switched_off_by_the_option(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """Not every user wants the events of the night in the morning."""
    live = async_capture_events(hass, EVENT_LIVE)
    missed = async_capture_events(hass, EVENT_MISSED)
    simulator.faults.enable("event_server_down")
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll(120)
    simulator.faults.clear()
    await poll(120)
    assert not missed
    simulator.world.emit(event_ids.MOTION_STOPPED, simulator.world.cameras[0])
    await poll()
    assert [event.data["type"] for event in live] == ["Motion Stopped"]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "simulator_options",
    [
        Options(scenario="quiet", faults=("clock_skew:-7200",)),
        Options(scenario="quiet", faults=("clock_skew:7200",)),
    ],
)
async def test_a_wrong_clock_of_the_server_makes_no_event_missed(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """The server's clock decides what is missed, not ours."""
    seen = async_capture_events(hass, EVENT_LIVE)
    event = simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    await poll()
    assert [fired.data["event_id"] for fired in seen] == [event.id]


@pytest.mark.usefixtures("loaded")
async def test_an_unreadable_event_does_not_affect_the_others(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """Otherwise a bug in one plug-in would stop all events."""
    seen = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    simulator.world.emit("", camera)
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    await poll()
    assert [event.data["type"] for event in seen] == [
        "Motion Started",
        "Motion Stopped",
    ]


async def test_a_listener_that_fails_does_not_affect_the_others(
    loaded: MockConfigEntry,
    simulator: Simulator,
    poll: Poll,
    binary_state: StateOf,
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Otherwise the poll would repeat the event for ever."""
    runtime = loaded.runtime_data
    camera = simulator.world.cameras[0]
    source = Source.parse(camera.path)
    seen = async_capture_events(hass, EVENT_LIVE)

    def fails(name: str) -> Mock:
        return Mock(side_effect=ZeroDivisionError, __qualname__=name)

    behind = [Mock(__qualname__="behind") for _ in range(4)]
    runtime.dispatcher.follow(fails("follower"))
    runtime.dispatcher.follow(behind[0])
    runtime.dispatcher.listen(source, fails("entity"))
    runtime.dispatcher.listen(source, behind[1])
    runtime.source_states.listen((source, StateKind.MOTION), fails("sensor"))
    runtime.source_states.listen((source, StateKind.MOTION), behind[2])
    runtime.statistics.listen(fails("counter"))
    runtime.statistics.listen(behind[3])
    for type_id in (event_ids.MOTION_STARTED, event_ids.MOTION_STOPPED) * 2:
        simulator.world.emit(type_id, camera)
    described = Mock(
        side_effect=[ZeroDivisionError, *[{"type": "known", "data": None}] * 3]
    )
    with patch(f"{event_dispatcher.__name__}.event_payload", described):
        await poll()
    assert [event.data["type"] for event in seen] == ["known"] * 3
    assert binary_state(camera, "motion") == "off"
    assert [one.call_count for one in behind] == [1, 4, 4, 1]
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert sorted(one.message for one in errors) == [
        f"{name} failed; the others go on"
        for name in ("EventDispatcher._fire", "counter", "entity", "follower", "sensor")
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"event_types": [event_ids.MOTION_STARTED]}, ["Front door", "Driveway"]),
        ({"sources": ["Front door"]}, ["Front door", "Front door"]),
        (
            {"event_types": [event_ids.MOTION_STARTED], "sources": ["Front door"]},
            ["Front door"],
        ),
    ],
    ids=["types", "sources", "both"],
)
async def test_the_options_filter_events_and_never_states(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
    chosen: dict[str, list[str]],
    expected: list[str],
) -> None:
    """The states of the other cameras stay right."""
    sources = [simulator.world.named(name).path for name in chosen.get("sources", ())]
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, **chosen, "sources": sources}
    )
    await load(hass, entry)
    seen = async_capture_events(hass, EVENT_LIVE)
    front_door, driveway = simulator.world.cameras[:2]
    for camera in (front_door, driveway):
        simulator.world.emit(event_ids.MOTION_STARTED, camera)
        simulator.world.emit(event_ids.RECORDING_STARTED, camera)
    await poll()
    assert [event.data["source_name"] for event in seen] == expected
    assert binary_state(driveway, "recording") == "on"
    assert binary_state(driveway, "motion") == "on"
