"""Without a stream, or with a silent one, events are polled."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.const import EVENT_LIVE, EVENT_MISSED
from custom_components.xprotect_events.engine.push import QUIET
from tests.integration.conftest import StateOf
from tests.integration.push.conftest import TimeMachine, delivery, until
from xprotect_simulator import (
    Simulator,
    event_ids,
)


@pytest.mark.parametrize("status", [401, 404, 500, 503])
@pytest.mark.usefixtures("loaded_without_stream")
async def test_without_a_stream_events_are_polled(
    hass: HomeAssistant, simulator: Simulator, pass_time: TimeMachine
) -> None:
    """Servers before 2023 R3 have no stream, and gateways can fail."""
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await pass_time(3)
    await until(lambda: bool(seen))
    assert delivery(hass) == "poll"


@pytest.fixture
async def loaded_without_stream(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: Simulator, status: int
) -> None:
    """Set the integration up at a server whose stream refuses."""
    simulator.faults.enable(f"ws_unavailable:{status}")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: delivery(hass) == "poll")


async def test_a_silent_stream_is_noticed_and_replaced(
    hass: HomeAssistant,
    simulator: Simulator,
    pushing: MockConfigEntry,
    pass_time: TimeMachine,
) -> None:
    """A socket can stay open for hours and send nothing."""
    live = async_capture_events(hass, EVENT_LIVE)
    late = async_capture_events(hass, EVENT_MISSED)
    simulator.faults.enable("ws_silent")
    await pass_time(10)
    event = simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await pass_time(10)
    simulator.faults.disable("ws_silent")
    await pass_time(31)
    await until(lambda: len(live) + len(late) == 1)
    assert [fired.data["event_id"] for fired in (*live, *late)] == [event.id]
    assert pushing.runtime_data.statistics.audit_finds == 1
    for _ in range(3):
        await pass_time(3)
    await until(lambda: simulator.sockets.commands["startSession"] >= 2)


@pytest.mark.usefixtures("pushing")
async def test_a_silent_stream_is_noticed_if_nothing_is_stored(
    hass: HomeAssistant,
    simulator: Simulator,
    pass_time: TimeMachine,
    binary_state: StateOf,
) -> None:
    """No audit finds events that are not stored; the states do after a quiet time."""
    camera = simulator.world.cameras[0]
    simulator.faults.enable("ws_silent")
    await pass_time(10)
    simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await pass_time(31)
    assert binary_state(camera, "motion") == "unknown"
    await pass_time(QUIET + 1)
    await until(lambda: binary_state(camera, "motion") == "on")
    await until(lambda: delivery(hass) == "poll")
    simulator.faults.disable("ws_silent")
    await pass_time(3)
    await until(lambda: simulator.sockets.commands["startSession"] == 2)


@pytest.mark.usefixtures("pushing")
async def test_a_quiet_stream_is_not_replaced(
    hass: HomeAssistant, simulator: Simulator, pass_time: TimeMachine
) -> None:
    """Known states are no reason to replace a stream."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await pass_time(10)
    await pass_time(QUIET + 1)
    await until(lambda: simulator.sockets.commands["getState"] == 3)
    await until(lambda: delivery(hass) == "push")
    assert simulator.sockets.commands["startSession"] == 2
