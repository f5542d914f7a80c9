"""The actions that read stored events."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
)
import voluptuous as vol

from custom_components.xprotect_events.const import EVENT_LIVE
from custom_components.xprotect_events.engine import search
from tests.integration.actions.conftest import Reader, motion
from tests.integration.conftest import A_MORNING, DeviceOf, Poll
from xprotect_simulator import Options, Simulator, event_ids, times

UNKNOWN_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"


async def test_a_stored_event_looks_as_it_did_on_the_bus(
    hass: HomeAssistant, simulator: Simulator, read: Reader, poll: Poll
) -> None:
    """One template works for both; fields that are not stored are null."""
    seen = async_capture_events(hass, EVENT_LIVE)
    event = motion(simulator, 1)
    await poll()
    (fired,) = seen
    (stored,) = await read.events()
    assert stored == {**fired.data, "missed": None, "origin": None}
    assert stored["event_id"] == event.id


async def test_the_newest_come_first_unless_asked_otherwise(
    simulator: Simulator, read: Reader
) -> None:
    """The last event is needed most."""
    ids = [motion(simulator, second).id for second in (1, 2, 3)]
    assert await read.ids() == ids[::-1]
    assert await read.ids(newest_first=False) == ids
    assert await read.ids(limit=2) == [ids[2], ids[1]]
    assert await read.ids(limit=2, newest_first=False) == ids[:2]


async def test_the_limit_is_a_hundred_by_default(
    simulator: Simulator, read: Reader
) -> None:
    """A busy site has a million events, too many for a script."""
    for second in range(101):
        motion(simulator, second)
    assert len(await read.ids()) == 100
    assert len(await read.ids(limit=2000)) == 101


@pytest.mark.parametrize("newest_first", [True, False])
async def test_start_and_end_are_included_and_their_neighbours_are_not(
    simulator: Simulator, read: Reader, newest_first: bool
) -> None:
    """The server compares times to a hundredth of a second, we to the last digit."""
    inside = [motion(simulator, second) for second in (10, 15, 20)]
    for second in (9.999, 20.001, 5, 25):
        motion(simulator, second)
    found = await read.ids(
        start=(A_MORNING + timedelta(seconds=10)).isoformat(),
        end=(A_MORNING + timedelta(seconds=20)).isoformat(),
        newest_first=newest_first,
        limit=3,
    )
    assert sorted(found) == sorted(event.id for event in inside)


async def test_a_time_without_a_zone_is_home_assistant_s(
    hass: HomeAssistant, simulator: Simulator, read: Reader
) -> None:
    """The field's own picker gives no zone, and means local time."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    before, after = motion(simulator, -60), motion(simulator, 60)
    assert await read.ids(start="2026-03-02 07:00:00") == [after.id]
    assert await read.ids(end="2026-03-02 07:00:00") == [before.id]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("offset", ["", "+00:00"])
async def test_the_first_and_the_last_day_of_all_include_every_event(
    hass: HomeAssistant, simulator: Simulator, read: Reader, zone: str, offset: str
) -> None:
    """Programs write them for "always"; in other zones they do not exist."""
    await hass.config.async_set_time_zone(zone)
    event = motion(simulator, 60)
    assert await read.ids(
        start=f"0001-01-01 00:00:00{offset}", end=f"9999-12-31 23:59:59.999999{offset}"
    ) == [event.id]


async def test_events_are_read_of_one_device_or_of_several(
    simulator: Simulator, read: Reader, device_of: DeviceOf
) -> None:
    """Users of Home Assistant know cameras by their devices."""
    ids = [motion(simulator, camera, camera).id for camera in range(3)]
    devices = [device_of(camera).id for camera in simulator.world.cameras[:3]]
    assert await read.ids(device_id=devices[1]) == [ids[1]]
    assert await read.ids(device_id=devices[:2]) == [ids[1], ids[0]]
    assert await read.ids(device_id=devices[:2], limit=1) == [ids[1]]


@pytest.mark.parametrize("simulator_options", [Options(cameras=60)])
async def test_events_are_read_of_more_cameras_than_one_query_can_name(
    simulator: Simulator, read: Reader, device_of: DeviceOf
) -> None:
    """IIS accepts 2,048 characters, and answers 404 to more."""
    cameras = simulator.world.cameras
    devices = [device_of(camera).id for camera in cameras[1:]]
    ids = [motion(simulator, number, number).id for number in range(60)]
    newest = ids[:0:-1]
    assert await read.ids(device_id=devices) == newest
    assert await read.ids(device_id=devices, limit=7) == newest[:7]


async def test_events_whose_data_no_answer_can_contain_are_read_in_parts(
    simulator: Simulator, read: Reader
) -> None:
    """A hundred plates with pictures are more than one answer may contain."""
    plate = simulator.world.named("Licence plate read")
    camera = simulator.world.cameras[0]
    for number in range(100):
        data = {"plate": f"AB {number}", "picture": "x" * 100_000}
        simulator.world.emit(plate.id, camera, data=data)
    response = await read.call("get_events", {"include_data": True})
    plates = [event["data"]["plate"] for event in response["events"]]
    assert plates == [f"AB {number}" for number in reversed(range(100))]


async def test_events_are_read_of_sources_without_a_device(
    simulator: Simulator, read: Reader
) -> None:
    """A recorder has events and no device."""
    recorder = simulator.world.items("recordingServers")[0]
    full = "a4935aa3-c4b6-42a3-b4c5-6d4c20b043cf"
    event = simulator.world.emit(full, recorder)
    motion(simulator, 1)
    assert await read.ids(source=recorder.path) == [event.id]
    assert await read.ids(source=recorder.id.upper()) == [event.id]
    assert await read.ids(source=f"{{{recorder.id}}}") == [event.id]
    # Items that are not listed may have existed once.
    assert await read.ids(source=UNKNOWN_GUID) == []


async def test_a_server_that_filters_one_source_at_a_time_is_supported(
    simulator: Simulator, read: Reader, device_of: DeviceOf
) -> None:
    """The documentation mentions operators for sources, but its list is missing."""
    ids = [motion(simulator, camera, camera).id for camera in range(3)]
    devices = [device_of(camera).id for camera in simulator.world.cameras[:2]]
    simulator.faults.enable("server_error:400:count=1:path=/api/rest/v1/events")
    assert await read.ids(device_id=devices) == [ids[1], ids[0]]


async def test_events_are_read_by_the_names_of_their_types(
    simulator: Simulator, read: Reader
) -> None:
    """Names in any case, GUIDs, several at once; some names mean several types."""
    camera = simulator.world.cameras[0]
    unit = simulator.world.inventory.get(camera.parent or "")
    started = motion(simulator, 1)
    stopped = simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    gate = simulator.world.emit(simulator.world.named("Gate open").id)
    lost = simulator.world.emit(event_ids.HARDWARE_COMMUNICATION_ERROR, unit)
    silent = simulator.world.emit(event_ids.COMMUNICATION_ERROR, camera)
    strange = simulator.world.record(
        UNKNOWN_GUID, None, ticks=times.to_ticks(A_MORNING)
    )
    for wanted, expected in (
        ("motion STARTED", {started}),
        (["Motion Started", "Gate open"], {started, gate}),
        (event_ids.MOTION_STOPPED.upper(), {stopped}),
        ("Communication Error", {lost, silent}),
        (UNKNOWN_GUID, {strange}),
        (f"{{{UNKNOWN_GUID}}}", {strange}),
    ):
        found = await read.ids(event=wanted)
        assert set(found) == {event.id for event in expected}, wanted


async def test_types_are_searched_page_by_page(
    simulator: Simulator, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server cannot search for a type, and the wanted one may be rare."""
    monkeypatch.setattr(search, "MAX_PAGE_SIZE", 3)
    rare = simulator.world.emit(simulator.world.named("Gate open").id)
    for second in range(1, 11):
        motion(simulator, second)
    assert await read.ids(event="Gate open") == [rare.id]


async def test_a_search_that_reaches_its_limit_says_so(
    simulator: Simulator, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty answer of a complete search has another meaning."""
    monkeypatch.setattr(search, "MAX_PAGE_SIZE", 3)
    monkeypatch.setattr(search, "MAX_SEARCHED", 6)
    simulator.world.emit(simulator.world.named("Gate open").id)
    for second in range(1, 11):
        motion(simulator, second)
    simulator.requests.clear()
    response = await read.call("get_events", {"event": "Gate open"})
    assert response == {"events": [], "truncated": True}
    asked = [one for one in simulator.requests if one.path == "/api/rest/v1/events"]
    assert len(asked) == 2


async def test_a_search_that_has_read_everything_is_not_marked_as_truncated(
    simulator: Simulator, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit only matters if there are more events."""
    monkeypatch.setattr(search, "MAX_PAGE_SIZE", 3)
    monkeypatch.setattr(search, "MAX_SEARCHED", 6)
    for second in range(1, 6):
        motion(simulator, second)
    assert await read.events(event="Gate open") == []


@pytest.mark.parametrize(
    "entry_options",
    [{"delivery": "poll", "event_types": [event_ids.MOTION_STOPPED]}],
)
async def test_the_filters_of_the_options_are_not_applied(
    simulator: Simulator, read: Reader
) -> None:
    """The caller wants to see all stored events."""
    event = motion(simulator, 1)
    assert await read.ids() == [event.id]


async def test_types_are_found_by_names_that_differ_in_spaces(
    simulator: Simulator, read: Reader
) -> None:
    """A name that triggers an event also finds it in the past."""
    event = motion(simulator, 1)
    assert await read.ids(event="  motion   STARTED ") == [event.id]


@pytest.mark.parametrize(
    "data",
    [
        {"event": ["x"] * 200_000},
        {"event": "x" * 100_000},
        {"device_id": ["x"] * 200_000},
        {"source": "x" * 100_000},
    ],
    ids=["names", "name", "devices", "source"],
)
async def test_a_large_search_leaves_home_assistant_responsive(
    simulator: Simulator, read: Reader, data: dict[str, object]
) -> None:
    """Every user may call this action."""
    before = len(simulator.requests)
    with pytest.raises(vol.Invalid):
        await read.call("get_events", data)
    assert len(simulator.requests) == before


async def test_data_is_read_on_request(simulator: Simulator, read: Reader) -> None:
    """It may contain pictures."""
    plate = simulator.world.named("Licence plate read")
    data = {"Description": "AB 12345"}
    simulator.world.emit(plate.id, simulator.world.cameras[0], data=data)
    (without,) = await read.events()
    (with_data,) = await read.events(include_data=True)
    assert without["data"] is None
    assert with_data["data"] == data
    assert "data_truncated" not in with_data


async def test_data_that_cannot_be_sent_is_left_out(
    simulator: Simulator, read: Reader
) -> None:
    """A number that is too long for Home Assistant's JSON must not lose the others."""
    plate = simulator.world.named("Licence plate read")
    simulator.world.emit(plate.id, simulator.world.cameras[0], data={"n": 2**70})
    (event,) = await read.events(include_data=True)
    assert event["data"] is None
    assert event["data_truncated"] is True


async def test_one_event_comes_with_its_data(
    simulator: Simulator, read: Reader
) -> None:
    """A notification has the id, and a script needs the plate."""
    plate = simulator.world.named("Licence plate read")
    camera = simulator.world.cameras[0]
    event = simulator.world.emit(plate.id, camera, data={"Description": "AB 12345"})
    response = await read.call("get_event", {"event_id": f" {{{event.id.upper()}}} "})
    (listed,) = await read.events(include_data=True)
    assert response == {"event": listed}
    assert listed["data"] == {"Description": "AB 12345"}


async def test_an_event_that_is_not_stored_is_an_error_with_the_likely_reason(
    simulator: Simulator, read: Reader
) -> None:
    """Most often its retention time is over."""
    simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    event = motion(simulator, 1)
    with pytest.raises(ServiceValidationError) as mistake:
        await read.call("get_event", {"event_id": event.id})
    assert mistake.value.translation_key == "event_not_stored"
    assert mistake.value.translation_placeholders == {"event_id": event.id}


@pytest.mark.parametrize("event_id", ["17", "../cameras", "Front door"])
async def test_an_invalid_id_is_not_sent(
    simulator: Simulator, read: Reader, event_id: str
) -> None:
    """It would become part of the address of a request."""
    simulator.requests.clear()
    with pytest.raises(ServiceValidationError) as mistake:
        await read.call("get_event", {"event_id": event_id})
    assert mistake.value.translation_key == "event_id_invalid"
    assert not simulator.requests
