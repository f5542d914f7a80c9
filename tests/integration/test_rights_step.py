"""The form for accounts with too many or too few rights."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.integration.flow_forms import begin, form_for, submit
from xprotect_simulator import Options, Simulator
from xprotect_simulator.site.security import ACTIVATE, PLAYBACK, READ, TRIGGER


async def found(hass: HomeAssistant, simulator: Simulator) -> ConfigFlowResult:
    """Return the step after address and user."""
    return await submit(hass, await begin(hass), form_for(simulator))


def shown(result: ConfigFlowResult) -> Mapping[str, bool]:
    """Return the read-only value of each right in a form."""
    schema = result["data_schema"]
    assert schema is not None
    assert all(one.config["read_only"] for one in schema.schema.values())
    return {str(key): key.default() for key in schema.schema}


async def test_an_account_with_the_necessary_rights_is_set_up_at_once(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Rights that only options need do not cause the step."""
    simulator.identity.deny("cameras", PLAYBACK)
    simulator.identity.deny("outputs", ACTIVATE)
    result = await found(hass, simulator)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("simulator_options", [Options(is_administrator=True)], ids=str)
async def test_an_administrators_account_is_set_up_after_a_warning(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """An attacker in Home Assistant would also control the video system."""
    result = await found(hass, simulator)
    assert (result["type"], result["step_id"]) == (
        FlowResultType.FORM,
        "administrator",
    )
    assert set(shown(result).values()) == {True}
    assert result["description_placeholders"] == {"name": "Simulated site"}
    result = await submit(hass, result["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["username"] == "demo"


@pytest.mark.parametrize(
    ("resource", "action", "missing"),
    [
        ("cameras", READ, {"see_cameras", "play_back", "move_cameras"}),
        ("userDefinedEvents", TRIGGER, {"trigger_events"}),
    ],
)
async def test_missing_and_existing_rights_are_shown(
    hass: HomeAssistant,
    simulator: Simulator,
    resource: str,
    action: str,
    missing: set[str],
) -> None:
    """So that users do not look for cameras that cannot appear."""
    simulator.identity.deny(resource, action)
    result = await found(hass, simulator)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "rights")
    rights = shown(result)
    assert {key for key, is_granted in rights.items() if not is_granted} == missing
    assert len(rights) == 5
    result = await submit(hass, result["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("fault", ["forbidden:securitynamespaces", None])
async def test_a_server_that_lists_no_rights_is_set_up_at_once(
    hass: HomeAssistant, simulator: Simulator, fault: str | None
) -> None:
    """Servers before 2024 R2 do not report rights."""
    if fault is None:
        simulator.world.security_namespaces = ()
    else:
        simulator.faults.enable(fault)
    result = await found(hass, simulator)
    assert result["type"] is FlowResultType.CREATE_ENTRY
