"""The form shows the progress while the lists of a new site are read."""

import asyncio

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
)
import pytest

from custom_components.xprotect_events import config_flow
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.first_reading import READINGS
from tests.integration.flow_forms import begin, form_for
from xprotect_simulator import ManualClock, Simulator

SLOW = "slow:40:path=*/hardware"


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show progress at once, without the 1.5 seconds before it."""
    monkeypatch.setattr(config_flow, "SHOWS_PROGRESS_AFTER", 0.0)


def readings_of_hardware(simulator: Simulator) -> int:
    """Return the number of readings of the list of hardware."""
    return sum("hardware" in request.path for request in simulator.requests)


async def submitted(
    hass: HomeAssistant, flow_id: str, simulator: Simulator
) -> ConfigFlowResult:
    """Fill in the form, and choose no groups as areas."""
    flow = hass.config_entries.flow
    await flow.async_configure(flow_id, form_for(simulator))
    return await flow.async_configure(flow_id, {})


async def begin_reading(
    hass: HomeAssistant, simulator: Simulator, clock: ManualClock
) -> str:
    """Fill in the form, and return the id of the flow that shows progress."""
    flow_id = await begin(hass)
    simulator.faults.enable(SLOW)
    result = await submitted(hass, flow_id, simulator)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert result["progress_action"] == "lists"
    assert result["description_placeholders"] == {"name": "Simulated site"}
    await clock.until_asleep()
    return flow_id


async def next_step(hass: HomeAssistant, flow_id: str) -> ConfigFlowResult:
    """Wait for the lists, and request the next step, like the frontend."""
    await hass.async_block_till_done()
    result = await hass.config_entries.flow.async_configure(flow_id)
    await hass.async_block_till_done()
    return result


async def fill_in(
    hass: HomeAssistant, flow_id: str, simulator: Simulator
) -> ConfigFlowResult:
    """Fill in the form, and return the step after the progress."""
    result = await submitted(hass, flow_id, simulator)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    return await next_step(hass, flow_id)


async def test_a_slow_list_shows_progress_and_is_read_once(
    hass: HomeAssistant, simulator: Simulator, clock: ManualClock
) -> None:
    """Large sites take minutes, and a form without progress looks broken."""
    parts: list[float] = []

    @callback
    def progress(event: Event) -> None:
        parts.append(event.data["progress"])

    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, progress)
    flow_id = await begin_reading(hass, simulator, clock)
    assert hass.config_entries.async_entries(DOMAIN) == []
    simulator.faults.disable("slow")
    await clock.advance(40)
    result = await next_step(hass, flow_id)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.data[READINGS] == {}
    assert readings_of_hardware(simulator) == 1
    assert parts == sorted(parts)
    assert parts[0] == 0
    assert 0.5 < parts[-1] < 1


async def test_a_list_that_fails_is_an_error_of_the_form(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """An entry that waits for a retry says less than the form."""
    flow_id = await begin(hass)
    simulator.faults.enable("server_error:500:path=*/hardware")
    result = await fill_in(hass, flow_id, simulator)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "cannot_connect"}
    simulator.faults.clear()
    result = await fill_in(hass, flow_id, simulator)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_closed_form_stops_reading(
    hass: HomeAssistant, simulator: Simulator, clock: ManualClock
) -> None:
    """A server would need minutes for the rest."""
    flow_id = await begin_reading(hass, simulator, clock)
    hass.config_entries.flow.async_abort(flow_id)
    await clock.advance(40)
    await hass.async_block_till_done()
    assert readings_of_hardware(simulator) == 1
    assert READINGS not in hass.data


async def test_a_form_that_was_sent_twice_stops_both_readings(
    hass: HomeAssistant, simulator: Simulator, clock: ManualClock
) -> None:
    """A server would need minutes for the one that nobody waits for."""
    configure = hass.config_entries.flow.async_configure
    flow_id = await begin(hass)
    simulator.faults.enable(SLOW)
    await configure(flow_id, form_for(simulator))
    pages = await asyncio.gather(configure(flow_id, {}), configure(flow_id, {}))
    assert [one["type"] for one in pages] == [FlowResultType.SHOW_PROGRESS] * 2
    await clock.until_asleep()
    hass.config_entries.flow.async_abort(flow_id)
    await clock.advance(40)
    await hass.async_block_till_done()
    assert READINGS not in hass.data
