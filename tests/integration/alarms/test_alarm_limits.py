"""What alarms bring to states is bounded, and counted right under any names."""

from dataclasses import replace

from homeassistant.components.recorder.db_schema import StateAttributes
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.const import EVENT_ALARM
from tests.integration.alarms.conftest import A_WHOLE_READING, AlarmState
from tests.integration.conftest import Poll
from tests.integration.entries import load
from xprotect_simulator import Simulator
from xprotect_simulator.site.alarm_settings import IN_PROGRESS, Grade

# Four bytes each.
LONG_NAME = "\U0001f525" * 255
LONG_MESSAGE = "\U0001f6a8" * 4096


@pytest.mark.usefixtures("loaded")
async def test_the_recorder_stores_an_alarm_with_a_long_message(
    hass: HomeAssistant,
    simulator: Simulator,
    alarm_state: AlarmState,
    alarm_poll: Poll,
) -> None:
    """The bus has all of it; of a state that is too large nothing would be stored."""
    alarms = async_capture_events(hass, EVENT_ALARM)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    simulator.alarms.raise_alarm(LONG_NAME, message=LONG_MESSAGE)
    await alarm_poll()
    entity_id = alarm_state("alarm").entity_id
    (change,) = [one for one in changes if one.data["entity_id"] == entity_id]
    stored = StateAttributes.shared_attrs_bytes_from_event(change, None)
    assert b"alarm_id" in stored
    shown = alarm_state("alarm").attributes["message"]
    assert len(shown) > 1000
    assert LONG_MESSAGE.startswith(shown)
    assert alarms[0].data["message"] == LONG_MESSAGE


async def test_states_of_the_same_name_are_counted_together(
    simulator: Simulator,
    entry: MockConfigEntry,
    hass: HomeAssistant,
    alarm_state: AlarmState,
    alarm_poll: Poll,
) -> None:
    """An administrator may call two states the same; the sum must be that of all."""
    board = simulator.alarms
    board.states[:] = [
        replace(one, name="Open") if one.level <= IN_PROGRESS else one
        for one in board.states
    ]
    await load(hass, entry)
    board.raise_alarm("One")
    board.update(board.raise_alarm("Two"), "ann", state=board.state(IN_PROGRESS))
    await alarm_poll(A_WHOLE_READING)
    assert alarm_state("open_alarms").state == "2"
    assert alarm_state("open_alarms").attributes["states"] == {"Open": 2}


async def test_the_recorder_stores_the_number_of_many_states(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    alarm_state: AlarmState,
    alarm_poll: Poll,
) -> None:
    """A server may have any number of states with names of any length."""
    board = simulator.alarms
    states = [
        Grade(id=f"state-{number}", name=f"{number:03} {LONG_NAME}", level=20 + number)
        for number in range(60)
    ]
    board.states.extend(states)
    await load(hass, entry)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    for state in states:
        board.update(board.raise_alarm("Fire"), "ann", state=state)
    await alarm_poll(A_WHOLE_READING)
    total = alarm_state("open_alarms")
    assert total.state == "60"
    assert total.attributes["states"]
    last = [one for one in changes if one.data["entity_id"] == total.entity_id][-1]
    assert b"states" in StateAttributes.shared_attrs_bytes_from_event(last, None)
