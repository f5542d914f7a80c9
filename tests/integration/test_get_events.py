"""The actions that read what XProtect has stored."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
import voluptuous as vol

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from custom_components.xprotect_events.engine import search
from tests.integration.conftest import A_MORNING, DeviceOf, Poll
from xprotect_simulator import Options, Simulator, StoredEvent, event_ids, times

UNKNOWN_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"


class Reader:
    """Calls the actions as a script of the user does."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    async def call(
        self,
        action: str,
        data: Mapping[str, object] | None = None,
        *,
        user: User | None = None,
    ) -> dict[str, Any]:
        """Return the response."""
        response = await self._hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry_id": self._entry.entry_id, **(data or {})},
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id) if user else None,
        )
        assert response is not None
        return dict(response)

    async def events(self, **data: object) -> list[dict[str, Any]]:
        """Return the events of a response that holds nothing else."""
        response = await self.call("get_events", data)
        assert list(response) == ["events"]
        events: list[dict[str, Any]] = response["events"]
        return events

    async def ids(self, **data: object) -> list[str]:
        """Return the ids of the events."""
        return [event["event_id"] for event in await self.events(**data)]


@pytest.fixture
def read(hass: HomeAssistant, loaded: MockConfigEntry) -> Reader:
    """Return what reads events of the loaded entry."""
    return Reader(hass, loaded)


def motion(simulator: Simulator, seconds: float, camera: int = 0) -> StoredEvent:
    """Let a camera have seen something so long after the start."""
    return simulator.world.emit(
        event_ids.MOTION_STARTED,
        simulator.world.cameras[camera],
        time=A_MORNING + timedelta(seconds=seconds),
    )


async def test_a_stored_event_looks_as_it_did_on_the_bus(
    hass: HomeAssistant, simulator: Simulator, read: Reader, poll: Poll
) -> None:
    """One template serves both; what is not stored is null."""
    seen = async_capture_events(hass, EVENT_LIVE)
    event = motion(simulator, 1)
    await poll()
    (told,) = seen
    (stored,) = await read.events()
    assert stored == {**told.data, "missed": None, "origin": None}
    assert stored["event_id"] == event.id


async def test_the_newest_come_first_unless_asked_otherwise(
    simulator: Simulator, read: Reader
) -> None:
    """The last event is asked for most."""
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
async def test_start_and_end_belong_to_the_time_and_their_neighbours_do_not(
    simulator: Simulator, read: Reader, newest_first: bool
) -> None:
    """The server compares times to a hundredth of a second; we to the last digit."""
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
    """The field's own picker gives no zone, and means the clock on the wall."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    before, after = motion(simulator, -60), motion(simulator, 60)
    assert await read.ids(start="2026-03-02 07:00:00") == [after.id]
    assert await read.ids(end="2026-03-02 07:00:00") == [before.id]


async def test_events_are_read_of_one_device_or_of_several(
    simulator: Simulator, read: Reader, device_of: DeviceOf
) -> None:
    """Devices are what Home Assistant's users know of cameras."""
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


async def test_events_whose_data_no_answer_holds_are_read_in_pieces(
    simulator: Simulator, read: Reader
) -> None:
    """A hundred plates with pictures are more than is read at once."""
    plate = simulator.world.named("Licence plate read")
    camera = simulator.world.cameras[0]
    for number in range(100):
        data = {"plate": f"AB {number}", "picture": "x" * 100_000}
        simulator.world.emit(plate.id, camera, data=data)
    response = await read.call("get_events", {"include_data": True})
    plates = [event["data"]["plate"] for event in response["events"]]
    assert plates == [f"AB {number}" for number in reversed(range(100))]


async def test_events_are_read_of_what_has_no_device(
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
    # What nobody lists may have been there once.
    assert await read.ids(source=UNKNOWN_GUID) == []


async def test_a_server_that_knows_one_source_at_a_time_serves_too(
    simulator: Simulator, read: Reader, device_of: DeviceOf
) -> None:
    """The documentation names the operators of sources, and its list was lost."""
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


async def test_types_are_looked_for_page_after_page(
    simulator: Simulator, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server cannot search for a type, and the rare one is wanted."""
    monkeypatch.setattr(search, "MAX_PAGE_SIZE", 3)
    rare = simulator.world.emit(simulator.world.named("Gate open").id)
    for second in range(1, 11):
        motion(simulator, second)
    assert await read.ids(event="Gate open") == [rare.id]


async def test_a_search_that_gives_up_says_so(
    simulator: Simulator, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty answer of a complete search is different."""
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


async def test_a_search_that_has_seen_all_does_not_say_it_gave_up(
    simulator: Simulator, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cap is for what lies behind it."""
    monkeypatch.setattr(search, "MAX_PAGE_SIZE", 3)
    monkeypatch.setattr(search, "MAX_SEARCHED", 6)
    for second in range(1, 6):
        motion(simulator, second)
    assert await read.events(event="Gate open") == []


@pytest.mark.parametrize(
    "entry_options",
    [{"delivery": "poll", "event_types": [event_ids.MOTION_STOPPED]}],
)
async def test_the_filters_of_the_options_do_not_count(
    simulator: Simulator, read: Reader
) -> None:
    """The caller wants to see what is stored."""
    event = motion(simulator, 1)
    assert await read.ids() == [event.id]


async def test_types_are_found_by_names_that_differ_in_blanks(
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


async def test_data_comes_when_it_is_asked_for(
    simulator: Simulator, read: Reader
) -> None:
    """It may hold pictures."""
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
    """A number that is too long for Home Assistant's JSON would cost all the rest."""
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
    """Most often its retention is over."""
    simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    event = motion(simulator, 1)
    with pytest.raises(ServiceValidationError) as mistake:
        await read.call("get_event", {"event_id": event.id})
    assert mistake.value.translation_key == "event_not_stored"
    assert mistake.value.translation_placeholders == {"event_id": event.id}


@pytest.mark.parametrize("event_id", ["17", "../cameras", "Front door"])
async def test_what_is_no_id_is_not_sent(
    simulator: Simulator, read: Reader, event_id: str
) -> None:
    """It would become a part of an address at the server."""
    simulator.requests.clear()
    with pytest.raises(ServiceValidationError) as mistake:
        await read.call("get_event", {"event_id": event_id})
    assert mistake.value.translation_key == "event_id_invalid"
    assert not simulator.requests


MISTAKES = {
    "no such type": ({"event": "Motion Began"}, "event_type_not_found"),
    "one wrong type": (
        {"event": ["Motion Started", "Motion Began"]},
        "event_type_not_found",
    ),
    "no such device": ({"device_id": "nonsense"}, "device_is_no_source"),
    "no such source": ({"source": f"cameras/{UNKNOWN_GUID}"}, "source_not_found"),
    "no GUID": ({"source": "Front door"}, "source_not_found"),
    "the wrong way round": (
        {"start": "2026-03-02 08:00:00", "end": "2026-03-02 07:00:00"},
        "start_after_end",
    ),
}


@pytest.mark.parametrize(("data", "key"), MISTAKES.values(), ids=list(MISTAKES))
async def test_a_mistake_of_the_caller_is_named_and_nothing_is_asked(
    simulator: Simulator, read: Reader, data: dict[str, Any], key: str
) -> None:
    """An empty answer to a wrong question would be believed."""
    simulator.requests.clear()
    with pytest.raises(ServiceValidationError) as mistake:
        await read.call("get_events", data)
    assert mistake.value.translation_key == key
    assert mistake.value.translation_domain == DOMAIN
    assert not simulator.requests


async def test_devices_and_a_source_at_once_are_a_mistake(
    simulator: Simulator, read: Reader, device_of: DeviceOf
) -> None:
    """One of the two would have to be ignored."""
    camera = simulator.world.cameras[0]
    with pytest.raises(ServiceValidationError) as mistake:
        await read.call(
            "get_events",
            {"device_id": device_of(camera).id, "source": camera.path},
        )
    assert mistake.value.translation_key == "device_and_source"


@pytest.mark.parametrize("action", ["get_events", "trigger_event"])
async def test_a_device_of_another_site_is_a_mistake(
    hass: HomeAssistant,
    simulator: Simulator,
    read: Reader,
    device_registry: dr.DeviceRegistry,
    action: str,
) -> None:
    """Two sites may have cameras of the same name; a list shows both."""
    async with Simulator(
        Options(scenario="quiet", seed=7), clock=simulator.clock
    ) as other:
        second = MockConfigEntry(
            domain=DOMAIN,
            unique_id=other.world.site.id,
            data={
                "url": other.url,
                "authentication": "basic",
                "username": "demo",
                "password": "demo",
                "verify_ssl": True,
            },
            options={"delivery": "poll"},
        )
        second.add_to_hass(hass)
        assert await hass.config_entries.async_setup(second.entry_id)
        camera = device_registry.async_get_device_by_identifier(
            (DOMAIN, f"{other.world.site.id}_{other.world.cameras[0].id}"),
            second.entry_id,
        )
        assert camera is not None
        with pytest.raises(ServiceValidationError) as mistake:
            await read.call(
                action, {"event": "Doorbell pressed", "device_id": camera.id}
            )
        assert mistake.value.translation_key == "device_is_no_source"
        assert "another site" in str(mistake.value)
        await hass.config_entries.async_unload(second.entry_id)


@pytest.mark.parametrize(
    ("action", "data"),
    [("get_events", {}), ("get_event", {"event_id": UNKNOWN_GUID})],
)
async def test_a_refused_search_quotes_the_server(
    simulator: Simulator, read: Reader, action: str, data: dict[str, Any]
) -> None:
    """Rights are granted in the Management Client, not here."""
    simulator.identity.forbid("events")
    with pytest.raises(HomeAssistantError) as refusal:
        await read.call(action, data)
    assert not isinstance(refusal.value, ServiceValidationError)
    assert refusal.value.translation_key == "permission_denied"
    placeholders = refusal.value.translation_placeholders
    assert placeholders is not None
    assert "sufficient permissions" in placeholders["error"]


@pytest.mark.parametrize(
    ("action", "data"),
    [("get_events", {}), ("get_event", {"event_id": UNKNOWN_GUID})],
)
async def test_a_server_that_is_away_is_no_error_of_the_caller(
    simulator: Simulator, read: Reader, action: str, data: dict[str, Any]
) -> None:
    """An id is unknown only if the server says so."""
    await simulator.stop()
    with pytest.raises(HomeAssistantError) as failure:
        await read.call(action, data)
    assert not isinstance(failure.value, ServiceValidationError)
    assert failure.value.translation_key == "cannot_connect"


async def test_a_rejected_search_is_an_error_and_is_not_repeated_without_end(
    simulator: Simulator, read: Reader
) -> None:
    """The simplest form of the search was rejected, too."""
    simulator.faults.enable("server_error:400:path=/api/rest/v1/events")
    simulator.requests.clear()
    with pytest.raises(HomeAssistantError) as refusal:
        await read.call("get_events", {"source": simulator.world.cameras[0].path})
    assert refusal.value.translation_key == "unexpected_response"
    assert len(simulator.requests) == 2


async def test_reading_works_while_no_events_arrive(
    simulator: Simulator, read: Reader, poll: Poll
) -> None:
    """That is when users need it."""
    simulator.faults.enable("server_error:503:path=/api/rest/v1/eventsessions*")
    await poll()
    event = motion(simulator, 1)
    assert await read.ids() == [event.id]


async def test_every_user_may_read(
    hass_read_only_user: User, simulator: Simulator, read: Reader
) -> None:
    """Only triggering is for administrators."""
    event = motion(simulator, 1)
    response = await read.call("get_events", user=hass_read_only_user)
    assert [one["event_id"] for one in response["events"]] == [event.id]


async def test_a_refused_password_is_asked_for(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    read: Reader,
) -> None:
    """As with every other request."""
    simulator.identity.set_password("new")
    simulator.identity.revoke_tokens()
    with pytest.raises(HomeAssistantError) as failure:
        await read.call("get_events")
    assert failure.value.translation_key == "authentication_failed"
    await hass.async_block_till_done()
    assert len(list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))) == 1


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("get_events", {"limit": 0}),
        ("get_events", {"limit": 2001}),
        ("get_events", {"limit": "many"}),
        ("get_events", {"event": []}),
        ("get_events", {"event": [""]}),
        ("get_events", {"device_id": []}),
        ("get_events", {"start": "yesterday"}),
        ("get_events", {"colour": "red"}),
        ("get_event", {}),
        ("get_event", {"event_id": ""}),
    ],
)
@pytest.mark.usefixtures("simulator")
async def test_a_call_of_the_wrong_form_is_refused_by_its_schema(
    read: Reader, action: str, data: dict[str, Any]
) -> None:
    """Home Assistant shows these while the automation is being written."""
    with pytest.raises(vol.Invalid):
        await read.call(action, data)


@pytest.mark.parametrize("action", ["get_events", "get_event"])
@pytest.mark.usefixtures("loaded")
async def test_reading_without_looking_at_the_answer_is_refused(
    hass: HomeAssistant, action: str
) -> None:
    """It would only cost the server."""
    with pytest.raises(ServiceValidationError) as mistake:
        await hass.services.async_call(DOMAIN, action, {}, blocking=True)
    assert mistake.value.translation_key == "service_lacks_response_request"
