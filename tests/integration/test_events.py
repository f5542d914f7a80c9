"""Events on Home Assistant's bus."""

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_capture_events

from tests.integration.conftest import Poll
from xprotect_simulator import Simulator, event_ids


async def test_an_event_of_the_server_reaches_the_bus(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """This is what the integration is for."""
    seen = async_capture_events(hass, "xprotect_events_event")
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    assert [event.data["type"] for event in seen] == ["Motion Started"]
    await poll()
    assert len(seen) == 1
