"""Outputs as switches, with their option."""

from datetime import timedelta
import logging

from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import CONF_SWITCH_OUTPUTS, DOMAIN
from custom_components.xprotect_events.engine import backoff
from tests.integration.conftest import A_WHILE, Poll
from tests.integration.entries import load
from xprotect_simulator import Item, Options, Simulator, event_ids
from xprotect_simulator.site.security import ACTIVATE, READ

AN_HOUR = 3700.0
SWITCHED = pytest.mark.parametrize(
    "entry_options", [{"delivery": "poll", CONF_SWITCH_OUTPUTS: True}], ids=str
)


@pytest.fixture
def siren(simulator: Simulator) -> Item:
    """Return the output of the site."""
    return simulator.world.items("outputs")[0]


class Outputs:
    """Finds and uses the entities of an output."""

    def __init__(self, hass: HomeAssistant, simulator: Simulator, siren: Item) -> None:
        self._hass = hass
        self._unique = f"{simulator.world.site.id}_{siren.id}"

    def entity_id(self, platform: Platform, key: str) -> str | None:
        """Return the entity of a key, if there is one."""
        registry = er.async_get(self._hass)
        return registry.async_get_entity_id(platform, DOMAIN, f"{self._unique}_{key}")

    def switch(self) -> str | None:
        """Return the switch, if there is one."""
        return self.entity_id(Platform.SWITCH, "switch")

    def button(self) -> str | None:
        """Return the button, if there is one."""
        return self.entity_id(Platform.BUTTON, "pulse")

    def state(self) -> str:
        """Return the state of the switch."""
        state = self._hass.states.get(self.switch() or "")
        assert state is not None
        return state.state

    async def turn(self, service: str) -> None:
        """Switch, like a dashboard."""
        await self._hass.services.async_call(
            Platform.SWITCH, service, {ATTR_ENTITY_ID: self.switch()}, blocking=True
        )


@pytest.fixture
def outputs(hass: HomeAssistant, simulator: Simulator, siren: Item) -> Outputs:
    """Return the output of the site."""
    return Outputs(hass, simulator, siren)


@SWITCHED
@pytest.mark.usefixtures("loaded")
async def test_the_siren_is_switched_and_its_state_comes_from_events(
    hass: HomeAssistant, simulator: Simulator, outputs: Outputs, poll: Poll
) -> None:
    """The state changes only when XProtect reports it."""
    await poll()
    assert outputs.state() == STATE_UNKNOWN
    await outputs.turn(SERVICE_TURN_ON)
    assert simulator.world.ledger.happened[-1].type == event_ids.OUTPUT_ACTIVATED
    assert outputs.state() == STATE_UNKNOWN
    await poll()
    assert outputs.state() == STATE_ON
    await outputs.turn(SERVICE_TURN_OFF)
    assert outputs.state() == STATE_ON
    await poll()
    assert outputs.state() == STATE_OFF
    # Somebody uses a Smart Client.
    simulator.world.emit(
        event_ids.OUTPUT_ACTIVATED, simulator.world.items("outputs")[0]
    )
    await poll()
    assert outputs.state() == STATE_ON
    binary = outputs.entity_id(Platform.BINARY_SENSOR, "output")
    state = hass.states.get(binary or "")
    assert state is not None
    assert state.state == STATE_ON


@pytest.mark.usefixtures("loaded")
async def test_without_the_option_outputs_are_neither_read_nor_switched(
    simulator: Simulator, outputs: Outputs
) -> None:
    """It needs a right that nothing else needs."""
    assert outputs.switch() is None
    assert outputs.button() is None
    assert outputs.entity_id(Platform.BINARY_SENSOR, "output") is not None
    assert not [one for one in simulator.requests if "tasks" in one.query]


@SWITCHED
@pytest.mark.usefixtures("loaded")
async def test_the_site_is_asked_once(simulator: Simulator, poll: Poll) -> None:
    """All outputs of a site have the same tasks."""
    simulator.world.add_user_defined_event("Another")
    await poll(A_WHILE)
    assert len([one for one in simulator.requests if "tasks" in one.query]) == 1


@SWITCHED
async def test_an_output_that_can_only_be_triggered_has_a_button(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    outputs: Outputs,
) -> None:
    """A gate that opens with a pulse cannot be switched off."""
    simulator.faults.enable("output_tasks:Trigger")
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert outputs.switch() is None
    assert outputs.button() is not None
    await hass.services.async_call(
        Platform.BUTTON, "press", {ATTR_ENTITY_ID: outputs.button()}, blocking=True
    )
    happened = [event.type for event in simulator.world.ledger.happened[-2:]]
    assert happened == [event_ids.OUTPUT_ACTIVATED, event_ids.OUTPUT_DEACTIVATED]


@SWITCHED
async def test_switches_are_removed_with_the_option(
    hass: HomeAssistant, loaded: MockConfigEntry, outputs: Outputs
) -> None:
    """A dead switch on a dashboard looks like a broken siren."""
    assert outputs.switch() is not None
    options = {**loaded.options, CONF_SWITCH_OUTPUTS: False}
    hass.config_entries.async_update_entry(loaded, options=options)
    await hass.config_entries.async_reload(loaded.entry_id)
    assert outputs.switch() is None
    assert outputs.entity_id(Platform.BINARY_SENSOR, "output") is not None


@SWITCHED
@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("status", [502, 504])
async def test_a_recorder_that_does_not_answer_is_the_error_of_a_switch(
    simulator: Simulator, outputs: Outputs, status: int
) -> None:
    """The server itself works then."""
    simulator.faults.enable(f"recorder_silent:{status}")
    with pytest.raises(HomeAssistantError, match="recording server") as caught:
        await outputs.turn(SERVICE_TURN_ON)
    assert caught.value.translation_key == "recorder_silent"


@SWITCHED
@pytest.mark.usefixtures("loaded")
async def test_a_missing_right_is_an_error_and_the_binary_sensor_stays(
    simulator: Simulator, outputs: Outputs, poll: Poll
) -> None:
    """Reading and switching are separate rights."""
    simulator.identity.deny("outputs", ACTIVATE)
    with pytest.raises(HomeAssistantError) as caught:
        await outputs.turn(SERVICE_TURN_ON)
    assert caught.value.translation_key == "permission_denied"
    simulator.world.emit(
        event_ids.OUTPUT_ACTIVATED, simulator.world.items("outputs")[0]
    )
    await poll()
    assert outputs.state() == STATE_ON


@SWITCHED
@pytest.mark.parametrize(
    ("fault", "has_switch"),
    [
        ("forbidden:outputs:path=/api/rest/v1/outputs/*", False),
        ("server_error:503:path=/api/rest/v1/outputs/*", True),
    ],
)
async def test_only_a_refusal_removes_the_switches(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    outputs: Outputs,
    caplog: pytest.LogCaptureFixture,
    *,
    fault: str,
    has_switch: bool,
) -> None:
    """A short problem of the server must not remove the switch."""
    simulator.faults.enable(fault)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (outputs.switch() is not None) is has_switch
    warned = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert any("may not switch outputs" in one.getMessage() for one in warned) is (
        not has_switch
    )


@SWITCHED
async def test_an_output_that_appears_later_gets_its_switch(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    siren: Item,
    outputs: Outputs,
    poll: Poll,
) -> None:
    """Without a reload."""
    simulator.identity.deny("outputs", READ)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert outputs.switch() is None
    simulator.identity.grant("outputs", READ)
    simulator.world.rename(siren, "New siren")
    await poll()
    await poll()
    assert outputs.switch() is not None


@SWITCHED
@pytest.mark.usefixtures("loaded")
async def test_a_switch_is_unavailable_while_no_events_arrive(
    simulator: Simulator, outputs: Outputs, poll: Poll
) -> None:
    """Its state may have changed meanwhile."""
    await poll()
    simulator.faults.enable("event_server_down")
    await poll(A_WHILE)
    assert outputs.state() == STATE_UNAVAILABLE


@SWITCHED
async def test_a_button_of_an_unlisted_output_is_unavailable(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    siren: Item,
    outputs: Outputs,
    poll: Poll,
) -> None:
    """A press could only fail."""
    simulator.faults.enable("output_tasks:Trigger")
    await load(hass, entry)

    def is_unavailable() -> bool:
        state = hass.states.get(outputs.button() or "")
        assert state is not None
        return state.state == STATE_UNAVAILABLE

    assert not is_unavailable()
    simulator.world.disable(siren)
    await poll()
    await poll()
    assert is_unavailable()
    simulator.world.enable(siren)
    await poll()
    await poll()
    assert not is_unavailable()


@SWITCHED
@pytest.mark.parametrize(
    "simulator_options", [Options(token_life=timedelta(days=30))], ids=["patient"]
)
async def test_a_right_that_is_given_later_adds_the_switches(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    outputs: Outputs,
    poll: Poll,
) -> None:
    """The repair disappears then, and users would not know that a reload is needed."""
    simulator.identity.deny("outputs", ACTIVATE)
    simulator.faults.enable("forbidden:outputs:path=/api/rest/v1/outputs/*")
    await load(hass, entry)
    assert outputs.switch() is None
    simulator.identity.grant("outputs", ACTIVATE)
    simulator.faults.clear()
    await poll(AN_HOUR)
    assert outputs.switch() is not None


@SWITCHED
@pytest.mark.parametrize("path", ["/api/rest/*", "*/outputs/*"])
async def test_an_outage_at_the_start_turns_no_button_into_a_switch(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    outputs: Outputs,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    """A switch that cannot switch would replace it."""
    monkeypatch.setattr(backoff, "FIRST", 0.0)
    simulator.faults.enable("output_tasks:Trigger")
    await load(hass, entry)
    button = outputs.button()
    await hass.config_entries.async_unload(entry.entry_id)
    simulator.faults.enable(f"server_error:503:path={path}")
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (outputs.button(), outputs.switch()) == (button, None)
    simulator.faults.disable("server_error")
    await poll(A_WHILE)
    await poll(A_WHILE)
    assert (outputs.button(), outputs.switch()) == (button, None)


@SWITCHED
async def test_what_was_assumed_of_outputs_is_checked(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    outputs: Outputs,
    poll: Poll,
) -> None:
    """A server that was busy at the first start may have nothing to switch off."""
    simulator.faults.enable("output_tasks:Trigger")
    simulator.faults.enable("server_error:503:path=*/outputs/*")
    await load(hass, entry)
    assert outputs.switch() is not None
    simulator.faults.disable("server_error")
    await poll(A_WHILE)
    assert outputs.switch() is None
    assert outputs.button() is not None


@SWITCHED
async def test_an_output_that_was_deleted_meanwhile_leaves_the_others_their_switches(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    loaded: MockConfigEntry,
    simulator: Simulator,
) -> None:
    """The lists of the last run still have it at the start."""
    first, second = simulator.world.items("outputs")
    await hass.config_entries.async_unload(loaded.entry_id)
    simulator.world.remove(first)
    assert await hass.config_entries.async_setup(loaded.entry_id)
    unique_id = f"{simulator.world.site.id}_{second.id}_switch"
    assert entity_registry.async_get_entity_id(Platform.SWITCH, DOMAIN, unique_id)
