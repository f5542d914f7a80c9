"""Mistakes in calls of the action that triggers events, and ambiguous names."""

from datetime import date
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import (
    ServiceValidationError,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)
import voluptuous as vol

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.actions.conftest import Trigger, last, sent
from tests.integration.conftest import DeviceOf, Poll
from xprotect_simulator import Options, Simulator

UNKNOWN_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"

DEEP: object = "deep"
for _ in range(300):
    DEEP = [DEEP]

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
    "a number that cannot be sent": (
        {"event": "Doorbell pressed", "data": {"number": 2**64}},
        "data_not_json",
    ),
    "half a character in data": (
        {"event": "Doorbell pressed", "data": {"text": "\ud83d"}},
        "data_not_json",
    ),
    "data of too many levels": (
        {"event": "Doorbell pressed", "data": {"list": DEEP}},
        "data_not_json",
    ),
    "the first day of all": (
        {"event": "Gate open", "time": "0001-01-01 00:00:00"},
        "time_out_of_range",
    ),
    "the last day of all": (
        {"event": "Gate open", "time": "9999-12-31T23:59:59-11:00"},
        "time_out_of_range",
    ),
    "a time before computers": (
        {"event": "Gate open", "time": "1969-12-31T23:59:59+00:00"},
        "time_out_of_range",
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
async def test_a_mistake_of_the_caller_is_reported_and_nothing_is_sent(
    simulator: Simulator, trigger: Trigger, data: dict[str, Any], key: str
) -> None:
    """The server would accept some of them without an event or an error."""
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(**data)
    assert mistake.value.translation_key == key
    assert mistake.value.translation_domain == DOMAIN
    assert not sent(simulator)


async def test_devices_and_a_source_at_once_are_a_mistake(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """Otherwise one of the two would have to be ignored, perhaps the wrong one."""
    camera = simulator.world.cameras[0]
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(
            event="Doorbell pressed",
            device_id=device_of(camera).id,
            source=camera.path,
        )
    assert mistake.value.translation_key == "device_and_source"
    assert not sent(simulator)


async def test_the_server_s_own_device_is_not_a_source(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """It represents the whole site, so it is not a single source."""
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(event="Gate open", device_id=device_of(simulator.world.site).id)
    assert mistake.value.translation_key == "device_is_no_source"
    assert not sent(simulator)


async def test_one_wrong_device_among_right_ones_sends_nothing(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf
) -> None:
    """An action that was carried out in part is hard to repeat."""
    right = device_of(simulator.world.cameras[0]).id
    with pytest.raises(ServiceValidationError):
        await trigger(event="Doorbell pressed", device_id=[right, "nonsense"])
    assert not sent(simulator)


async def test_a_device_that_xprotect_does_not_list_any_more_is_a_mistake(
    simulator: Simulator, trigger: Trigger, device_of: DeviceOf, poll: Poll
) -> None:
    """Its device stays for a day."""
    camera = simulator.world.cameras[0]
    device_id = device_of(camera).id
    simulator.world.remove(camera)
    await poll()
    await poll()
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(event="Doorbell pressed", device_id=device_id)
    assert mistake.value.translation_key == "source_not_found"
    assert not sent(simulator)


@pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", cameras=1)])
async def test_a_source_of_a_listed_kind_must_exist_even_if_the_list_is_empty(
    simulator: Simulator, trigger: Trigger
) -> None:
    """An empty list is a valid answer."""
    assert not simulator.world.items("inputEvents")
    with pytest.raises(ServiceValidationError) as mistake:
        await trigger(event="Gate open", source=f"inputEvents/{UNKNOWN_GUID}")
    assert mistake.value.translation_key == "source_not_found"
    assert not sent(simulator)


async def test_a_name_of_two_events_is_refused_with_their_ids(
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
        # Templates turn texts that look like numbers into numbers.
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


async def test_two_names_that_differ_only_in_spaces_are_ambiguous(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """It is unknown which of them is meant."""
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
    """XProtect allows it, and only the user-defined event can be triggered."""
    own = simulator.world.add_user_defined_event("Motion Started")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await Trigger(hass, entry)(event="motion started")
    assert last(simulator).type == own.id


async def test_a_guid_is_sent_unchecked_if_the_types_cannot_be_listed(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """An administrator may give only the right to trigger."""
    simulator.identity.forbid("eventTypes", "userDefinedEvents", "analyticsEvents")
    assert await hass.config_entries.async_setup(entry.entry_id)
    gate_open = simulator.world.named("Gate open")
    await Trigger(hass, entry)(event=gate_open.id.upper())
    assert last(simulator).type == gate_open.id


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
        {"event": "Gate open", "tag": "\ud83d"},
        {"event": "Gate open", "source": "metadata/\ud83d"},
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
async def test_of_several_sites_one_has_to_be_named(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """An event must not be triggered at the wrong site."""
    MockConfigEntry(domain=DOMAIN, unique_id=UNKNOWN_GUID).add_to_hass(hass)
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN, "trigger_event", {"event": "Gate open"}, blocking=True
        )
    assert not sent(simulator)
