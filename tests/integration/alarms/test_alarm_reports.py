"""Repairs, diagnostics and options of alarms."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.diagnostics import (
    async_get_config_entry_diagnostics,
)
from tests.integration.conftest import Poll
from tests.integration.entries import load
from xprotect_simulator import Simulator


@pytest.mark.parametrize(
    ("fault", "issue"),
    [
        ("forbidden:alarms", "alarms_forbidden"),
        ("empty_lists:alarms,alarmstates,alarmpriorities", "alarms_forbidden"),
        ("alarms_missing", "alarms_missing"),
    ],
)
async def test_missing_alarms_have_a_repair_until_they_are_available(
    simulator: Simulator,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    issue_registry: ir.IssueRegistry,
    alarm_poll: Poll,
    fault: str,
    issue: str,
) -> None:
    """Roles without rights get a refusal or empty lists, older servers answer 404."""
    simulator.faults.enable(fault)
    simulator.alarms.raise_alarm("Fire")
    await load(hass, entry)
    issue_id = f"{issue}_{entry.entry_id}"
    assert issue_registry.async_get_issue(DOMAIN, issue_id)
    simulator.faults.clear()
    await alarm_poll(3_700)
    assert not issue_registry.async_get_issue(DOMAIN, issue_id)


async def test_diagnostics_contain_the_number_of_alarms_only(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, alarm_poll: Poll
) -> None:
    """Names of alarms are private."""
    simulator.alarms.raise_alarm("Safe opened", message="Secret")
    await alarm_poll(40)
    report = await async_get_config_entry_diagnostics(hass, loaded)
    assert report["alarms"] == {
        "available": True,
        "open": 1,
        "complete": True,
        "stored": 1,
        "asked_for_everything_only": False,
        "interval_seconds": 10.0,
        "delivered": 1,
        "state_levels": [1, 4, 9, 11],
        "priority_levels": [1, 2, 3],
    }
    assert "Safe" not in str(report)
    assert "Secret" not in str(report)


@pytest.mark.parametrize("entry_options", [{"delivery": "poll"}])
async def test_the_option_is_off_at_first_and_switches_alarms_on(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Without the option no right for alarms is required."""
    form = await hass.config_entries.options.async_init(loaded.entry_id)
    assert form["data_schema"] is not None
    answers = {str(one): one.default() for one in form["data_schema"].schema}
    assert answers["alarms"] is False
    answers |= {"alarms": True, "delivery": "poll"}
    result = await hass.config_entries.options.async_configure(form["flow_id"], answers)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get("sensor.simulated_site_open_alarms")
