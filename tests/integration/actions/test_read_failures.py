"""Mistakes in calls of the actions that read events, and errors of the server."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)
import voluptuous as vol

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.actions.conftest import Reader, motion
from tests.integration.conftest import DeviceOf, Poll
from xprotect_simulator import Options, Simulator

UNKNOWN_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"

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
async def test_a_mistake_of_the_caller_is_reported_and_nothing_is_requested(
    simulator: Simulator, read: Reader, data: dict[str, Any], key: str
) -> None:
    """An empty answer to a wrong request would be misleading."""
    simulator.requests.clear()
    with pytest.raises(ServiceValidationError) as mistake:
        await read.call("get_events", data)
    assert mistake.value.translation_key == key
    assert mistake.value.translation_domain == DOMAIN
    assert not simulator.requests


async def test_devices_and_a_source_at_once_are_a_mistake(
    simulator: Simulator, read: Reader, device_of: DeviceOf
) -> None:
    """Otherwise one of the two would have to be ignored."""
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
async def test_an_unreachable_server_is_not_an_error_of_the_caller(
    simulator: Simulator, read: Reader, action: str, data: dict[str, Any]
) -> None:
    """An id is unknown only if the server says so."""
    await simulator.stop()
    with pytest.raises(HomeAssistantError) as failure:
        await read.call(action, data)
    assert not isinstance(failure.value, ServiceValidationError)
    assert failure.value.translation_key == "cannot_connect"


async def test_a_rejected_search_is_an_error_and_is_not_repeated_for_ever(
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
    """Users need it most at that time."""
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


async def test_a_refused_password_opens_the_form(
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
        ("get_events", {"event": "\ud83d"}),
        ("get_events", {"source": "metadata/\ud83d"}),
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
async def test_reading_without_using_the_response_is_refused(
    hass: HomeAssistant, action: str
) -> None:
    """It would only cost the server."""
    with pytest.raises(ServiceValidationError) as mistake:
        await hass.services.async_call(DOMAIN, action, {}, blocking=True)
    assert mistake.value.translation_key == "service_lacks_response_request"
