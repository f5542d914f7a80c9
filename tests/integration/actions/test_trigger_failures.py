"""Errors of the server when events are triggered."""

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.actions.conftest import Trigger, last, sent
from tests.integration.conftest import DeviceOf, Poll
from xprotect_simulator import Simulator


async def test_a_refused_trigger_quotes_the_server(
    simulator: Simulator, trigger: Trigger
) -> None:
    """Only the server knows its rules, and users can search for its text."""
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
    """The right is given in the Management Client, not here."""
    camera = simulator.world.cameras[0]
    device_id = device_of(camera).id
    simulator.identity.limit_sources([])
    with pytest.raises(HomeAssistantError) as refusal:
        await trigger(event="Doorbell pressed", device_id=device_id)
    assert refusal.value.translation_key == "permission_denied"
    placeholders = refusal.value.translation_placeholders
    assert placeholders is not None
    assert "sufficient permissions" in placeholders["error"]


async def test_an_unreachable_server_is_an_error_and_the_event_is_not_sent_again(
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
    """The siren must sound even if events cannot be read."""
    simulator.faults.enable("server_error:503:path=/api/rest/v1/eventsessions*")
    await poll()
    await trigger(event="Gate open")
    assert last(simulator).type == simulator.world.named("Gate open").id


async def test_a_refused_password_opens_the_form_and_is_tried_once(
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
