"""Buttons trigger user-defined events in XProtect."""

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import Context, HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import A_WHILE, DeviceOf, Poll
from xprotect_simulator import Item, Simulator, event_ids


class Buttons:
    """Finds and presses buttons by their events."""

    def __init__(
        self,
        hass: HomeAssistant,
        entity_registry: er.EntityRegistry,
        simulator: Simulator,
    ) -> None:
        self._hass = hass
        self._registry = entity_registry
        self._simulator = simulator

    def registered(self, event: Item) -> er.RegistryEntry | None:
        """Return the button's entry in the registry."""
        unique_id = f"{self._simulator.world.site.id}_{event.id}_trigger"
        entity_id = self._registry.async_get_entity_id(
            Platform.BUTTON, DOMAIN, unique_id
        )
        return self._registry.async_get(entity_id) if entity_id else None

    def state(self, event: Item) -> State | None:
        """Return the button's state, `None` without a button."""
        registered = self.registered(event)
        return self._hass.states.get(registered.entity_id) if registered else None

    def name(self, event: Item) -> str:
        """Return the friendly name of the button."""
        state = self.state(event)
        assert state is not None
        return str(state.attributes["friendly_name"])

    async def press(self, event: Item, context: Context | None = None) -> None:
        """Press it, like a dashboard."""
        registered = self.registered(event)
        assert registered is not None
        await self._hass.services.async_call(
            Platform.BUTTON,
            "press",
            {"entity_id": registered.entity_id},
            blocking=True,
            context=context,
        )


@pytest.fixture
def buttons(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, simulator: Simulator
) -> Buttons:
    """Return the buttons of the site."""
    return Buttons(hass, entity_registry, simulator)


@pytest.mark.usefixtures("loaded")
async def test_a_press_triggers_the_event(
    simulator: Simulator, buttons: Buttons
) -> None:
    """A user wants the gate open."""
    gate_open = simulator.world.named("Gate open")
    await buttons.press(gate_open)
    happened = simulator.world.ledger.happened[-1]
    assert (happened.type, happened.source) == (gate_open.id, gate_open.path)
    state = buttons.state(gate_open)
    assert state is not None
    assert state.state != STATE_UNKNOWN


@pytest.mark.usefixtures("loaded")
async def test_a_button_belongs_to_the_server_and_has_the_event_s_name(
    simulator: Simulator, buttons: Buttons, device_of: DeviceOf
) -> None:
    """Users know their events by the names they gave them."""
    gate_open = simulator.world.named("Gate open")
    registered = buttons.registered(gate_open)
    assert registered is not None
    assert registered.device_id == device_of(simulator.world.site).id
    # The event entity has the name alone.
    assert registered.original_name == "Activate Gate open"
    assert buttons.name(gate_open) == "Simulated site Activate Gate open"


@pytest.mark.usefixtures("loaded")
async def test_user_defined_events_have_buttons_and_built_in_ones_disabled_buttons(
    simulator: Simulator, buttons: Buttons
) -> None:
    """Every installation has three of them, and few users want them on a dashboard."""
    own = {item_id for _, item_id in event_ids.SYSTEM_USER_DEFINED_EVENTS}
    assert len(own) == 3
    events = simulator.world.user_defined_events
    assert len(events) > len(own)
    for event in events:
        registered = buttons.registered(event)
        assert registered is not None
        asleep = registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        assert asleep is (event.id in own)


@pytest.mark.usefixtures("loaded")
async def test_an_analytics_event_has_no_button(
    simulator: Simulator, buttons: Buttons
) -> None:
    """It needs a source and data, which only the action has."""
    events = simulator.world.analytics_events
    assert [buttons.registered(event) for event in events] == [None] * 2


@pytest.mark.usefixtures("loaded")
async def test_every_user_may_press_and_the_event_has_the_user(
    hass: HomeAssistant,
    hass_read_only_user: MockUser,
    simulator: Simulator,
    buttons: Buttons,
    poll: Poll,
) -> None:
    """Permissions of entities protect it, and the logbook names the user."""
    seen = async_capture_events(hass, EVENT_LIVE)
    context = Context(user_id=hass_read_only_user.id)
    hass_read_only_user.mock_policy({"entities": True})
    await buttons.press(simulator.world.named("Gate open"), context)
    await poll()
    (echo,) = seen
    assert echo.data["origin"] == "home_assistant"
    assert echo.context is context


@pytest.mark.usefixtures("loaded")
async def test_a_new_event_gets_a_button_without_a_reload(
    simulator: Simulator, buttons: Buttons, poll: Poll
) -> None:
    """A user who creates an event wants to try it."""
    event = simulator.world.add_user_defined_event("Cat wants in")
    await poll()
    await poll()
    assert buttons.name(event) == "Simulated site Activate Cat wants in"
    await buttons.press(event)
    assert simulator.world.ledger.happened[-1].type == event.id


async def test_a_renamed_event_renames_its_disabled_entities(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A user who enables one must not get another event than its name says."""
    gate, night = (simulator.world.named(name) for name in ("Gate open", "Good night"))
    registered = er.async_entries_for_config_entry(entity_registry, loaded.entry_id)
    of_gate = [one.entity_id for one in registered if gate.id in one.unique_id]
    for entity_id in of_gate:
        entity_registry.async_update_entity(
            entity_id, disabled_by=er.RegistryEntryDisabler.USER
        )
    await hass.async_block_till_done()
    simulator.world.rename(gate, "Main gate open")
    simulator.world.rename(night, "Late")
    await poll()
    await poll()
    found = [entity_registry.async_get(entity_id) for entity_id in of_gate]
    assert {one.domain: one.original_name for one in found if one} == {
        "button": "Activate Main gate open",
        "event": "Main gate open",
    }
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


@pytest.mark.usefixtures("loaded")
async def test_a_renamed_event_renames_its_button(
    simulator: Simulator, buttons: Buttons, poll: Poll
) -> None:
    """A button with a wrong name is dangerous."""
    gate_open = simulator.world.named("Gate open")
    before = buttons.registered(gate_open)
    simulator.world.rename(gate_open, "Main gate open")
    await poll()
    await poll()
    after = buttons.registered(gate_open)
    assert before is not None
    assert after is not None
    assert after.entity_id == before.entity_id
    assert after.original_name == "Activate Main gate open"
    assert buttons.name(gate_open) == "Simulated site Activate Main gate open"


@pytest.mark.usefixtures("loaded")
async def test_a_name_that_the_user_gave_is_kept(
    simulator: Simulator,
    buttons: Buttons,
    entity_registry: er.EntityRegistry,
    poll: Poll,
) -> None:
    """A name that was entered in Home Assistant is kept."""
    gate_open = simulator.world.named("Gate open")
    registered = buttons.registered(gate_open)
    assert registered is not None
    entity_registry.async_update_entity(registered.entity_id, name="Sesame")
    simulator.world.rename(gate_open, "Main gate open")
    await poll()
    await poll()
    registered = buttons.registered(gate_open)
    assert registered is not None
    assert registered.name == "Sesame"
    assert "Sesame" in buttons.name(gate_open)


@pytest.mark.usefixtures("loaded")
async def test_events_in_an_unreadable_list_keep_their_buttons(
    simulator: Simulator, buttons: Buttons, poll: Poll
) -> None:
    """A right that is lost for a day must not remove buttons from dashboards."""
    gate_open = simulator.world.named("Gate open")
    simulator.identity.forbid("userDefinedEvents")
    simulator.world.add_camera("Pool")
    await poll()
    await poll()
    await buttons.press(gate_open)
    assert simulator.world.ledger.happened[-1].type == gate_open.id


@pytest.mark.usefixtures("loaded")
async def test_a_press_works_while_no_events_arrive(
    simulator: Simulator, buttons: Buttons, poll: Poll
) -> None:
    """Home Assistant does not call unavailable entities; the siren would stay off."""
    simulator.faults.enable("server_error:503:path=/api/rest/v1/eventsessions*")
    await poll(A_WHILE)
    gate_open = simulator.world.named("Gate open")
    await buttons.press(gate_open)
    assert simulator.world.ledger.happened[-1].type == gate_open.id


@pytest.mark.usefixtures("loaded")
async def test_a_press_that_is_refused_shows_the_server_s_text(
    simulator: Simulator, buttons: Buttons
) -> None:
    """A button that only seems to work is dangerous."""
    simulator.identity.forbid("events")
    with pytest.raises(HomeAssistantError) as refusal:
        await buttons.press(simulator.world.named("Gate open"))
    assert refusal.value.translation_key == "permission_denied"
    placeholders = refusal.value.translation_placeholders
    assert placeholders is not None
    assert "sufficient permissions" in placeholders["error"]


async def test_a_refused_password_opens_the_form_and_is_tried_once(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    buttons: Buttons,
) -> None:
    """Repeated presses must not lock the account."""
    simulator.identity.set_password("new")
    simulator.identity.revoke_tokens()
    simulator.login_attempts.clear()
    for _ in range(3):
        with pytest.raises(HomeAssistantError) as failure:
            await buttons.press(simulator.world.named("Gate open"))
        assert failure.value.translation_key == "authentication_failed"
    await hass.async_block_till_done()
    assert len(simulator.login_attempts) == 1
    assert len(list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))) == 1
