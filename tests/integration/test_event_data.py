"""Data of events on the bus: complete if Home Assistant can store it."""

import json

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
)

from custom_components.xprotect_events.const import EVENT_LIVE
from tests.integration.conftest import Poll, payloads
from xprotect_simulator import Simulator

# The limit of Home Assistant's recorder, in bytes.
RECORDER_LIMIT = 32_768


@pytest.mark.usefixtures("loaded")
async def test_an_analytics_event_comes_with_its_data_as_sent(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """The licence plate is somewhere in it; only its vendor knows where."""
    seen = async_capture_events(hass, EVENT_LIVE)
    plate = simulator.world.named("Licence plate read")
    data = {"Description": "AB 12345", "Rule": [{"n": 1, "ok": True, "x": None}]}
    simulator.world.emit(plate.id, simulator.world.cameras[1], data=data)
    await poll()
    (payload,) = payloads(seen)
    assert payload["type"] == "Licence plate read"
    assert payload["datatype"] == "analytics"
    assert payload["data"] == data
    assert "data_truncated" not in payload


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "data",
    [
        {"snapshot": "x" * RECORDER_LIMIT},
        # Two bytes each: the limit is in bytes.
        {"snapshot": "ü" * (RECORDER_LIMIT // 2)},
        # Home Assistant cannot encode these as JSON.
        {"frame": 2**70},
        {"text": "\ud83d"},
    ],
    ids=["large", "large in bytes", "huge number", "half a character"],
)
async def test_data_that_home_assistant_cannot_store_is_removed_and_marked(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, data: dict[str, object]
) -> None:
    """Otherwise the recorder would drop the whole event."""
    seen = async_capture_events(hass, EVENT_LIVE)
    plate = simulator.world.named("Licence plate read")
    simulator.world.emit(plate.id, simulator.world.cameras[1], data=data)
    await poll()
    (payload,) = payloads(seen)
    assert payload["data"] is None
    assert payload["data_truncated"] is True
    assert payload["datatype"] == "analytics"


@pytest.mark.usefixtures("loaded")
async def test_data_that_just_fits_is_kept(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """The limit is not stricter than needed."""
    seen = async_capture_events(hass, EVENT_LIVE)
    plate = simulator.world.named("Licence plate read")
    camera = simulator.world.cameras[1]
    simulator.world.emit(plate.id, camera, data={"blob": ""})
    await poll()
    (empty,) = payloads(seen)
    room = RECORDER_LIMIT - len(json.dumps(empty, separators=(",", ":"))) - 10
    simulator.world.emit(plate.id, camera, data={"blob": "x" * room})
    await poll()
    assert len(seen[1].data["data"]["blob"]) == room
