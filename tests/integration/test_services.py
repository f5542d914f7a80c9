"""The action that triggers events: what it sends, answers and refuses."""

from datetime import UTC, date, datetime
from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import voluptuous as vol

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import DeviceOf, Poll
from xprotect_simulator import Options, Simulator, StoredEvent

UNKNOWN_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"


class Trigger:
    """Calls the action as a script of the user does."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    async def __call__(
        self, *, context: Context | None = None, **data: object
    ) -> list[dict[str, Any]]:
        """Return the events of the response."""
        response = await self._hass.services.async_call(
            DOMAIN,
            "trigger_event",
            {"config_entry_id": self._entry.entry_id, **data},
            blocking=True,
            return_response=True,
            context=context,
        )
        assert response is not None
        assert list(response) == ["events"]
        events = response["events"]
        assert isinstance(events, list)
        return [dict(event) for event in events if isinstance(event, dict)]

    async def without_response(self, **data: object) -> None:
        """Call it as an automation does that does not look at the answer."""
        await self._hass.services.async_call(
            DOMAIN,
            "trigger_event",
            {"config_entry_id": self._entry.entry_id, **data},
            blocking=True,
        )


@pytest.fixture
def trigger(hass: HomeAssistant, loaded: MockConfigEntry) -> Trigger:
    """Return a function that calls the action for the loaded entry."""
    return Trigger(hass, loaded)


def sent(simulator: Simulator) -> list[str]:
    """Return the paths of the requests that trigger events."""
    return [
        request.path
        for request in simulator.requests
        if request.method == "POST"
        and request.path.startswith("/api/rest/v1/events")
        and not request.path.startswith("/api/rest/v1/eventSessions")
    ]


def last(simulator: Simulator) -> StoredEvent:
    """Return what happened last at the server."""
    return simulator.world.ledger.happened[-1]


@pytest.mark.parametrize("name", ["Gate open", "GATE OPEN", "  gate open "])
async def test_an_event_is_found_by_its_name_in_any_case(
    simulator: Simulator, trigger: Trigger, name: str
) -> None:
    """Users type names from memory."""
    await trigger(event=name)
    assert last(simulator).type == simulator.world.named("Gate open").id
    assert sent(simulator) == ["/api/rest/v1/events"]


@pytest.mark.parametrize("spelled", ["{id}", "{{{id}}}"], ids=["bare", "braces"])
async def test_an_event_is_found_by_its_guid_in_any_case(
    simulator: Simulator, trigger: Trigger, spelled: str
) -> None:
    """A GUID outlives a renaming; XProtect shows it in upper case."""
    gate_open = simulator.world.named("Gate open")
    await trigger(event=spelled.format(id=gate_open.id.upper()))
    assert last(simulator).type == gate_open.id


async def test_the_response_says_what_the_server_has_taken(
    simulator: Simulator, trigger: Trigger
) -> None:
    """A script can wait for the event, or store its id."""
    gate_open = simulator.world.named("Gate open")
    events = await trigger(event="Gate open", time="2026-03-02T05:59:00+00:00")
    assert events == [
        {
            "event_id": last(simulator).id,
            "type_id": gate_open.id,
            "source": gate_open.path,
            "time": "2026-03-02T05:59:00.0000000Z",
            "status": 202,
        }
    ]


async def test_an_event_can_be_triggered_for_a_device(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """Devices are what Home Assistant's users know of cameras."""
    camera = simulator.world.cameras[0]
    await trigger(event="Doorbell pressed", device_id=device_of(camera).id)
    assert last(simulator).source == camera.path
    assert sent(simulator) == ["/api/rest/v1/events"]


async def test_several_devices_are_one_request(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """Forty cameras must not be forty requests, one waiting for the other."""
    cameras = simulator.world.cameras[:3]
    events = await trigger(
        event="Doorbell pressed",
        device_id=[device_of(camera).id for camera in cameras],
        tag="everywhere",
    )
    assert sent(simulator) == ["/api/rest/v1/events/bulk"]
    assert [event["source"] for event in events] == [item.path for item in cameras]
    assert [event["status"] for event in events] == [202, 202, 202]
    happened = simulator.world.ledger.happened[-3:]
    assert [event["event_id"] for event in events] == [item.id for item in happened]
    assert {item.tag for item in happened} == {"everywhere"}


@pytest.mark.parametrize("form", ["cameras/{}", "CAMERAS/{}", "{}", " cameras/{}/ "])
async def test_a_source_can_be_a_path_or_a_guid(
    simulator: Simulator, trigger: Trigger, form: str
) -> None:
    """Not every source has a device, and users copy what they find."""
    camera = simulator.world.cameras[0]
    await trigger(event="Doorbell pressed", source=form.format(camera.id.upper()))
    assert last(simulator).source == camera.path


async def test_a_source_of_a_kind_that_is_not_listed_is_left_to_the_server(
    simulator: Simulator, trigger: Trigger
) -> None:
    """Services cannot be listed, and yet events come from them."""
    source = f"services/{UNKNOWN_GUID}"
    await trigger(event="Doorbell pressed", source=source)
    assert last(simulator).source == source


@pytest.mark.parametrize(
    ("time", "zone", "expected"),
    [
        (
            "2026-03-02 06:30:00",
            "Europe/Berlin",
            datetime(2026, 3, 2, 5, 30, tzinfo=UTC),
        ),
        (
            "2026-07-02 06:30:00",
            "Europe/Berlin",
            datetime(2026, 7, 2, 4, 30, tzinfo=UTC),
        ),
        (
            "2026-03-02T06:30:00+05:30",
            "Europe/Berlin",
            datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        ),
        (
            "2026-03-02T06:30:00Z",
            "America/New_York",
            datetime(2026, 3, 2, 6, 30, tzinfo=UTC),
        ),
    ],
)
async def test_a_time_without_a_zone_is_home_assistant_s(
    hass: HomeAssistant,
    simulator: Simulator,
    trigger: Trigger,
    time: str,
    zone: str,
    expected: datetime,
) -> None:
    """The field's own picker gives no zone, and means the clock on the wall."""
    await hass.config.async_set_time_zone(zone)
    await trigger(event="Gate open", time=time)
    assert last(simulator).time == expected


async def test_without_a_time_the_event_happens_now_by_the_server_s_clock(
    simulator: Simulator, trigger: Trigger
) -> None:
    """Two clocks differ, and the server's is the one that its users look at."""
    await trigger(event="Gate open")
    drift = last(simulator).time - simulator.clock.now()
    assert abs(drift.total_seconds()) < 0.001


async def test_a_tag_is_stored_with_the_event(
    simulator: Simulator, trigger: Trigger
) -> None:
    """It is the one free text that a user-defined event has."""
    await trigger(event="Gate open", tag="Müller's van")
    assert last(simulator).tag == "Müller's van"


async def test_data_is_sent_with_an_analytics_event(
    simulator: Simulator, trigger: Trigger
) -> None:
    """This is how a plate that Home Assistant has read gets into XProtect."""
    data = {"Description": "AB 12345", "Rule": [{"Name": "plate", "Score": 0.9}]}
    camera = simulator.world.cameras[1]
    await trigger(event="Licence plate read", source=camera.path, data=data)
    assert last(simulator).data == data
    assert last(simulator).datatype == "analytics"


async def test_a_part_that_is_refused_is_in_the_response(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """A script that asks for the response wants to decide for itself."""
    allowed, secret = simulator.world.cameras[:2]
    device_ids = [device_of(item).id for item in (allowed, secret)]
    simulator.identity.limit_sources([allowed.path])
    events = await trigger(event="Doorbell pressed", device_id=device_ids)
    assert [event["status"] for event in events] == [202, 403]
    assert "error" not in events[0]
    assert events[1] == {
        "event_id": None,
        "type_id": simulator.world.named("Doorbell pressed").id,
        "source": secret.path,
        "time": None,
        "status": 403,
        "error": "You do not have sufficient permissions to complete the operation.",
    }


async def test_a_refused_part_fails_an_action_without_a_response(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """Otherwise the refusal would show nowhere."""
    allowed, secret = simulator.world.cameras[:2]
    device_ids = [device_of(item).id for item in (allowed, secret)]
    simulator.identity.limit_sources([allowed.path])
    with pytest.raises(HomeAssistantError) as refusal:
        await trigger.without_response(event="Doorbell pressed", device_id=device_ids)
    assert refusal.value.translation_key == "trigger_refused"
    assert refusal.value.translation_placeholders == {
        "refused": "1",
        "count": "2",
        "error": "You do not have sufficient permissions to complete the operation.",
    }


async def test_an_action_of_which_all_is_refused_fails_in_any_case(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """A response without a single event is no success."""
    cameras = simulator.world.cameras[:2]
    device_ids = [device_of(camera).id for camera in cameras]
    simulator.identity.limit_sources([])
    with pytest.raises(HomeAssistantError) as refusal:
        await trigger(event="Doorbell pressed", device_id=device_ids)
    assert refusal.value.translation_key == "trigger_refused"


MISTAKES = {
    "no such event": ({"event": "Gate closed"}, "event_not_found"),
    "no such GUID": ({"event": UNKNOWN_GUID}, "event_not_found"),
    "generic": ({"event": "Door controller"}, "event_generic"),
    "built-in": ({"event": "Motion Started"}, "event_not_triggerable"),
    "built-in, twice": ({"event": "Communication Started"}, "event_not_triggerable"),
    "data for a user-defined event": (
        {"event": "Gate open", "data": {"plate": "AB 12345"}},
        "data_not_supported",
    ),
    "empty data for a user-defined event": (
        {"event": "Gate open", "data": {}},
        "data_not_supported",
    ),
    "data that JSON does not have": (
        {"event": "Doorbell pressed", "data": {"day": date(2026, 3, 2)}},
        "data_not_json",
    ),
    "no such device": (
        {"event": "Gate open", "device_id": "nonsense"},
        "device_is_no_source",
    ),
    "no such source": (
        {"event": "Gate open", "source": f"cameras/{UNKNOWN_GUID}"},
        "source_not_found",
    ),
    "no GUID": ({"event": "Gate open", "source": "Front door"}, "source_not_found"),
}


@pytest.mark.parametrize(("data", "key"), MISTAKES.values(), ids=list(MISTAKES))
async def test_a_mistake_of_the_caller_is_named_and_nothing_is_sent(
    simulator: Simulator, trigger: Trigger, data: dict[str, Any], key: str
) -> None:
    """The server would accept some of them, with no event and no error."""
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(**data)
    assert mistake.value.translation_key == key
    assert mistake.value.translation_domain == DOMAIN
    assert not sent(simulator)


async def test_devices_and_a_source_at_once_are_a_mistake(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """One of the two would have to be ignored, and it would be the wrong one."""
    camera = simulator.world.cameras[0]
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(
            event="Doorbell pressed",
            device_id=device_of(camera).id,
            source=camera.path,
        )
    assert mistake.value.translation_key == "device_and_source"
    assert not sent(simulator)


async def test_the_server_s_own_device_is_no_source(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """It stands for everything, so it can stand for nothing."""
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(event="Gate open", device_id=device_of(simulator.world.site).id)
    assert mistake.value.translation_key == "device_is_no_source"
    assert not sent(simulator)


async def test_one_wrong_device_among_right_ones_sends_nothing(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """Half an action is hard to repeat."""
    right = device_of(simulator.world.cameras[0]).id
    with pytest.raises(ServiceValidationError):
        await trigger(event="Doorbell pressed", device_id=[right, "nonsense"])
    assert not sent(simulator)


@pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", cameras=1)])
async def test_a_source_of_a_listed_kind_must_exist_also_if_there_is_none_at_all(
    simulator: Simulator, trigger: Trigger
) -> None:
    """An empty list is an answer, too."""
    assert not simulator.world.items("inputEvents")
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(event="Gate open", source=f"inputEvents/{UNKNOWN_GUID}")
    assert mistake.value.translation_key == "source_not_found"
    assert not sent(simulator)


async def test_a_name_that_two_events_bear_is_refused_with_their_ids(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Opening the wrong gate is worse than opening none."""
    first = simulator.world.named("Gate open")
    second = simulator.world.add_user_defined_event("gate OPEN")
    assert await hass.config_entries.async_setup(entry.entry_id)
    trigger = Trigger(hass, entry)
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(event="Gate open")
    assert mistake.value.translation_key == "event_ambiguous"
    placeholders = mistake.value.translation_placeholders
    assert placeholders is not None
    assert set(placeholders["ids"].split(", ")) == {first.id, second.id}
    assert not sent(simulator)
    await trigger(event=second.id)
    assert last(simulator).type == second.id


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Siren ", "siren"),
        ("  Siren  test", "Siren test "),
        ("Siren", " SIREN\t"),
        ("Caf\u00e9", "CAFE\u0301"),
        # Templates make numbers of what looks like one.
        ("112", 112),
    ],
)
async def test_names_are_the_same_where_only_case_and_blanks_differ(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    name: str,
    wanted: object,
) -> None:
    """A blank at the end of a name is invisible."""
    own = simulator.world.add_user_defined_event(name)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await Trigger(hass, entry)(event=wanted)
    assert last(simulator).type == own.id


async def test_two_names_that_differ_in_blanks_only_are_ambiguous(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Which of them is meant is unknown."""
    simulator.world.add_user_defined_event("Siren")
    simulator.world.add_user_defined_event("Siren ")
    assert await hass.config_entries.async_setup(entry.entry_id)
    with pytest.raises(ServiceValidationError) as mistake:
        await Trigger(hass, entry)(event="Siren ")
    assert mistake.value.translation_key == "event_ambiguous"
    assert not sent(simulator)


async def test_a_user_defined_event_may_be_called_like_a_built_in_type(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """XProtect allows it, and only one of them can be meant."""
    own = simulator.world.add_user_defined_event("Motion Started")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await Trigger(hass, entry)(event="motion started")
    assert last(simulator).type == own.id


async def test_a_guid_is_sent_unseen_when_the_types_cannot_be_listed(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """A careful administrator gives the right to trigger and no other."""
    simulator.identity.forbid("eventTypes", "userDefinedEvents", "analyticsEvents")
    assert await hass.config_entries.async_setup(entry.entry_id)
    gate_open = simulator.world.named("Gate open")
    await Trigger(hass, entry)(event=gate_open.id.upper())
    assert last(simulator).type == gate_open.id


async def test_a_refused_search_quotes_the_server(
    simulator: Simulator, trigger: Trigger
) -> None:
    """Only the server knows its rules, and its text is what one can search for."""
    with pytest.raises(HomeAssistantError) as refusal:
        await trigger(event="Doorbell pressed")
    assert not isinstance(refusal.value, ServiceValidationError)
    assert refusal.value.translation_key == "unexpected_response"
    placeholders = refusal.value.translation_placeholders
    assert placeholders is not None
    assert "Property 'source' is required" in placeholders["error"]
    assert sent(simulator) == ["/api/rest/v1/events"]


async def test_a_missing_right_has_its_own_error(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """It is granted in the Management Client, not here."""
    camera = simulator.world.cameras[0]
    device_id = device_of(camera).id
    simulator.identity.limit_sources([])
    with pytest.raises(HomeAssistantError) as refusal:
        await trigger(event="Doorbell pressed", device_id=device_id)
    assert refusal.value.translation_key == "permission_denied"
    placeholders = refusal.value.translation_placeholders
    assert placeholders is not None
    assert "sufficient permissions" in placeholders["error"]


async def test_a_server_that_is_away_is_an_error_and_the_event_is_not_sent_again(
    simulator: Simulator, trigger: Trigger
) -> None:
    """A lost request may have opened the gate; twice would be worse."""
    simulator.faults.enable("reset:after:count=1:path=/api/rest/v1/events")
    with pytest.raises(HomeAssistantError) as failure:
        await trigger(event="Gate open")
    assert failure.value.translation_key == "cannot_connect"
    gate_open = simulator.world.named("Gate open")
    happened = [
        event for event in simulator.world.ledger.happened if event.type == gate_open.id
    ]
    assert len(happened) == 1


async def test_a_server_that_is_switched_off_is_an_error(
    simulator: Simulator, trigger: Trigger
) -> None:
    """The automation's trace then says why the gate stayed shut."""
    await simulator.stop()
    with pytest.raises(HomeAssistantError) as failure:
        await trigger(event="Gate open")
    assert failure.value.translation_key == "cannot_connect"


async def test_an_action_works_while_no_events_arrive(
    simulator: Simulator, trigger: Trigger, poll: Poll
) -> None:
    """The siren must sound also when the session server is in trouble."""
    simulator.faults.enable("server_error:503:path=/api/rest/v1/eventsessions*")
    await poll()
    await trigger(event="Gate open")
    assert last(simulator).type == simulator.world.named("Gate open").id


async def test_a_refused_password_is_asked_for_and_tried_once(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    trigger: Trigger,
) -> None:
    """An automation that runs every minute would lock the account in five."""
    simulator.identity.set_password("new")
    simulator.identity.revoke_tokens()
    simulator.login_attempts.clear()
    for _ in range(3):
        with pytest.raises(HomeAssistantError) as failure:
            await trigger(event="Gate open")
        assert failure.value.translation_key == "authentication_failed"
    await hass.async_block_till_done()
    assert len(simulator.login_attempts) == 1
    assert len(list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))) == 1


async def test_only_administrators_may_trigger(
    hass_read_only_user: User, simulator: Simulator, trigger: Trigger
) -> None:
    """No entity stands for the action, so no permission of an entity protects it."""
    with pytest.raises(Unauthorized):
        await trigger(
            event="Gate open", context=Context(user_id=hass_read_only_user.id)
        )
    assert not sent(simulator)


async def test_a_script_may_no_more_than_the_user_who_starts_it(
    hass: HomeAssistant,
    hass_read_only_user: User,
    hass_admin_user: User,
    simulator: Simulator,
    loaded: MockConfigEntry,
) -> None:
    """For a dashboard of other users there are the button entities."""
    action = {
        "action": f"{DOMAIN}.trigger_event",
        "data": {"config_entry_id": loaded.entry_id, "event": "Gate open"},
    }
    config = {"script": {"open_gate": {"sequence": [action]}}}
    assert await async_setup_component(hass, "script", config)
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "script", "open_gate", blocking=True, context=context
        )
    assert not sent(simulator)
    context = Context(user_id=hass_admin_user.id)
    await hass.services.async_call(
        "script", "open_gate", blocking=True, context=context
    )
    assert len(sent(simulator)) == 1


async def test_the_event_of_a_trigger_has_its_user(
    hass: HomeAssistant,
    hass_admin_user: User,
    trigger: Trigger,
    poll: Poll,
) -> None:
    """An automation on the event must not answer the automation that caused it."""
    seen = async_capture_events(hass, EVENT_LIVE)
    context = Context(user_id=hass_admin_user.id)
    (event,) = await trigger(event="Gate open", context=context)
    await poll()
    (echo,) = seen
    assert echo.data["event_id"] == event["event_id"]
    assert echo.data["origin"] == "home_assistant"
    assert echo.context is context


async def test_the_same_event_of_another_client_is_not_taken_for_our_own(
    hass: HomeAssistant, simulator: Simulator, trigger: Trigger, poll: Poll
) -> None:
    """The gate opens from XProtect, too, and then an automation has to run."""
    seen = async_capture_events(hass, EVENT_LIVE)
    await trigger(event="Gate open")
    simulator.world.emit(simulator.world.named("Gate open").id)
    await poll()
    assert [event.data["origin"] for event in seen] == ["home_assistant", "xprotect"]


async def test_an_entry_that_is_not_loaded_has_another_error_than_an_unknown_one(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Automations stay valid while a server is down."""
    await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(ServiceValidationError) as mistake:
        await Trigger(hass, loaded)(event="Gate open")
    assert mistake.value.translation_key == "service_config_entry_not_loaded"
    nowhere = MockConfigEntry(domain=DOMAIN, entry_id="nowhere")
    with pytest.raises(ServiceValidationError) as mistake:
        await Trigger(hass, nowhere)(event="Gate open")
    assert mistake.value.translation_key == "service_config_entry_not_found"
    assert not sent(simulator)


async def test_the_action_is_there_before_any_site_is(hass: HomeAssistant) -> None:
    """Automations are checked at the start, when servers may still be starting."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert hass.services.has_service(DOMAIN, "trigger_event")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"event": ""},
        {"event": "Gate open", "device_id": []},
        {"event": "Gate open", "source": ""},
        {"event": "Gate open", "time": "tomorrow"},
        {"event": "Gate open", "data": "text"},
        {"event": "Gate open", "colour": "red"},
        {"event": "x" * 256},
        {"event": ["Gate open"]},
        {"event": "Gate open", "device_id": ["x"] * 1001},
    ],
)
async def test_a_call_of_the_wrong_form_is_refused_by_its_schema(
    simulator: Simulator, trigger: Trigger, data: dict[str, Any]
) -> None:
    """Home Assistant shows these while the automation is being written."""
    with pytest.raises(vol.Invalid):
        await trigger(**data)
    assert not sent(simulator)


@pytest.mark.usefixtures("loaded")
async def test_the_site_is_the_only_one_there_is(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """With one site, it need not be named."""
    await hass.services.async_call(
        DOMAIN, "trigger_event", {"event": "Gate open"}, blocking=True
    )
    assert last(simulator).type == simulator.world.named("Gate open").id


@pytest.mark.usefixtures("loaded")
async def test_of_several_sites_one_has_to_be_named(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The gate of the neighbours must stay shut."""
    MockConfigEntry(domain=DOMAIN, unique_id=UNKNOWN_GUID).add_to_hass(hass)
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN, "trigger_event", {"event": "Gate open"}, blocking=True
        )
    assert not sent(simulator)


@pytest.mark.usefixtures("loaded")
async def test_the_editor_offers_the_events_that_can_be_triggered(
    hass_ws_client: WebSocketGenerator, simulator: Simulator, poll: Poll
) -> None:
    """The user can choose one, and still type another."""
    client = await hass_ws_client()

    async def offered() -> dict[str, Any]:
        await client.send_json_auto_id({"type": "get_services"})
        reply = await client.receive_json()
        fields = reply["result"][DOMAIN]["trigger_event"]["fields"]
        assert "required" not in fields["config_entry_id"]
        selector: dict[str, Any] = fields["event"]["selector"]["select"]
        return selector

    selector = await offered()
    assert {"Gate open", "Doorbell pressed"} <= set(selector["options"])
    assert "Motion Started" not in selector["options"]
    assert selector["custom_value"] is True
    simulator.world.add_user_defined_event("Cat wants in")
    for _ in range(3):
        await poll()
    assert "Cat wants in" in (await offered())["options"]
