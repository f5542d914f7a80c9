"""The action that triggers events: what it sends and answers."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    Unauthorized,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.actions.conftest import Trigger, last, sent
from tests.integration.conftest import DeviceOf, Poll
from xprotect_simulator import Simulator

UNKNOWN_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"


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
    """A GUID does not change with the name; XProtect shows it in upper case."""
    gate_open = simulator.world.named("Gate open")
    await trigger(event=spelled.format(id=gate_open.id.upper()))
    assert last(simulator).type == gate_open.id


async def test_the_response_contains_the_created_event(
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
    """Users of Home Assistant know cameras by their devices."""
    camera = simulator.world.cameras[0]
    await trigger(event="Doorbell pressed", device_id=device_of(camera).id)
    assert last(simulator).source == camera.path
    assert sent(simulator) == ["/api/rest/v1/events"]


async def test_several_devices_are_one_request(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """Forty cameras must not cause forty requests, one after the other."""
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


async def test_a_source_of_a_kind_that_is_not_listed_is_checked_by_the_server(
    simulator: Simulator, trigger: Trigger
) -> None:
    """Services cannot be listed, but are sources of events."""
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
    """The field's own picker gives no zone, and means local time."""
    await hass.config.async_set_time_zone(zone)
    await trigger(event="Gate open", time=time)
    assert last(simulator).time == expected


async def test_without_a_time_the_event_happens_now_by_the_server_s_clock(
    simulator: Simulator, trigger: Trigger
) -> None:
    """The clocks may differ, and users of XProtect see the server's."""
    await trigger(event="Gate open")
    drift = last(simulator).time - simulator.clock.now()
    assert abs(drift.total_seconds()) < 0.001


async def test_a_tag_is_stored_with_the_event(
    simulator: Simulator, trigger: Trigger
) -> None:
    """It is the only free text of a user-defined event."""
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
    """A script that uses the response can handle the refusal itself."""
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
    """Otherwise nobody would see the refusal."""
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


async def test_an_action_whose_events_are_all_refused_fails_in_any_case(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """A response without a single event is no success."""
    cameras = simulator.world.cameras[:2]
    device_ids = [device_of(camera).id for camera in cameras]
    simulator.identity.limit_sources([])
    with pytest.raises(HomeAssistantError) as refusal:
        await trigger(event="Doorbell pressed", device_id=device_ids)
    assert refusal.value.translation_key == "trigger_refused"


async def test_only_administrators_may_trigger(
    hass_read_only_user: User, simulator: Simulator, trigger: Trigger
) -> None:
    """The action has no entity whose permissions could protect it."""
    with pytest.raises(Unauthorized):
        await trigger(
            event="Gate open", context=Context(user_id=hass_read_only_user.id)
        )
    assert not sent(simulator)


async def test_a_script_has_the_rights_of_the_user_who_starts_it(
    hass: HomeAssistant,
    hass_read_only_user: User,
    hass_admin_user: User,
    simulator: Simulator,
    loaded: MockConfigEntry,
) -> None:
    """On dashboards of other users the button entities can be used."""
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


async def test_the_same_event_of_another_client_is_not_marked_as_our_own(
    hass: HomeAssistant, simulator: Simulator, trigger: Trigger, poll: Poll
) -> None:
    """The gate may also be opened from XProtect; then an automation has to run."""
    seen = async_capture_events(hass, EVENT_LIVE)
    await trigger(event="Gate open")
    simulator.world.emit(simulator.world.named("Gate open").id)
    await poll()
    assert [event.data["origin"] for event in seen] == ["home_assistant", "xprotect"]


async def test_the_action_exists_before_any_site(hass: HomeAssistant) -> None:
    """Automations are checked at the start, when servers may still be starting."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert hass.services.has_service(DOMAIN, "trigger_event")


@pytest.mark.usefixtures("loaded")
async def test_the_only_site_is_the_default(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """With one site, the field may be empty."""
    await hass.services.async_call(
        DOMAIN, "trigger_event", {"event": "Gate open"}, blocking=True
    )
    assert last(simulator).type == simulator.world.named("Gate open").id


async def test_the_editor_offers_the_events_that_can_be_triggered(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    loaded: MockConfigEntry,
    simulator: Simulator,
    poll: Poll,
) -> None:
    """The user can choose or type an event; those of a removed site are not offered."""
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
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not (await offered())["options"]
