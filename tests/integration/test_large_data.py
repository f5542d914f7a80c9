"""Analytics data that is too large or too deep for Home Assistant."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.restore_state import RestoreStateData
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.xprotect_events import service_read
from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from custom_components.xprotect_events.diagnostics import (
    async_get_config_entry_diagnostics,
)
from tests.integration.actions.conftest import Reader
from tests.integration.conftest import Poll
from xprotect_simulator import Simulator, StoredEvent

PLATE = "AB 12345"


def plate_read(simulator: Simulator, **data: object) -> StoredEvent:
    """Emit a plate that a camera has read."""
    plate = simulator.world.named("Licence plate read")
    camera = simulator.world.cameras[0]
    return simulator.world.emit(plate.id, camera, data={"value": PLATE, **data})


def nested(levels: int) -> object:
    """Return so many nested objects."""
    value: object = 1
    for _ in range(levels):
        value = {"x": value}
    return value


@pytest.mark.usefixtures("loaded")
async def test_deep_data_does_not_affect_home_assistants_states(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    hass_client: ClientSessionGenerator,
) -> None:
    """The states of all integrations are in one answer, and in one file."""
    assert await async_setup_component(hass, "api", {})
    plate_read(simulator, deep=nested(251))
    await poll()
    client = await hass_client()
    reply = await client.get("/api/states")
    assert reply.status == 200
    (shown,) = [
        state["attributes"]
        for state in await reply.json()
        if state["attributes"].get("type") == "Licence plate read"
    ]
    assert shown["data"] == {"value": PLATE, "deep": None}
    assert shown["data_truncated"] is True
    stored = RestoreStateData(hass).async_get_stored_states()
    assert json_bytes([one.as_dict() for one in stored])


@pytest.mark.usefixtures("loaded")
async def test_deep_data_reaches_listeners_of_the_bus(
    simulator: Simulator,
    poll: Poll,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Such as the developer tools, and every program that subscribes to events."""
    client = await hass_ws_client()
    await client.send_json_auto_id(
        {"type": "subscribe_events", "event_type": EVENT_LIVE}
    )
    assert (await client.receive_json())["success"]
    event = plate_read(simulator, deep=nested(251))
    await poll()
    data = (await client.receive_json())["event"]["data"]
    assert data["event_id"] == event.id
    assert data["data"] == {"value": PLATE, "deep": None}
    assert data["data_truncated"] is True


async def test_a_plate_is_kept_when_its_picture_is_removed(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Automations use the plate, not the picture."""
    seen = async_capture_events(hass, EVENT_LIVE)
    event = plate_read(simulator, picture="x" * 100_000, thumbnail="x" * 10_000)
    await poll()
    (fired,) = seen
    kept = {"value": PLATE, "picture": None, "thumbnail": "x" * 10_000}
    assert fired.data["data"] == kept
    assert fired.data["data_truncated"] is True
    (shown,) = [
        state.attributes
        for state in hass.states.async_all("event")
        if state.attributes.get("event_id") == event.id
    ]
    assert shown["data"] == {"value": PLATE, "picture": None, "thumbnail": None}
    assert shown["data_truncated"] is True
    read = Reader(hass, loaded)
    assert [one["data"] for one in await read.events(include_data=True)] == [kept]
    response = await read.call("get_event", {"event_id": event.id})
    assert response["event"]["data"]["picture"] == "x" * 100_000


async def test_a_deep_event_does_not_affect_the_others_of_a_client(
    simulator: Simulator,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """An event that cannot be encoded would be lost together with others."""
    deep = plate_read(simulator, deep=nested(251))
    flat = plate_read(simulator)
    client = await hass_ws_client()
    await client.send_json_auto_id(
        {
            "type": "call_service",
            "domain": DOMAIN,
            "service": "get_events",
            "service_data": {
                "config_entry_id": loaded.entry_id,
                "include_data": True,
            },
            "return_response": True,
        }
    )
    reply = await client.receive_json()
    assert reply["success"]
    found = {one["event_id"]: one for one in reply["result"]["response"]["events"]}
    assert found[deep.id]["data"] == {"value": PLATE, "deep": None}
    assert found[flat.id]["data"] == {"value": PLATE}


async def test_a_response_does_not_grow_with_the_pictures_in_it(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each trace of a script contains the whole response."""
    monkeypatch.setattr(service_read, "MAX_RESPONSE", 2**20)
    for _ in range(200):
        plate_read(simulator, picture="x" * 25_000)
    events = await Reader(hass, loaded).events(include_data=True, limit=200)
    assert len(json_bytes(events)) < 2**20
    assert [one["data"]["value"] for one in events] == [PLATE] * 200


async def test_pictures_are_kept_neither_for_diagnostics_nor_during_an_outage(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Sixty messages of a megabyte must not stay in memory."""
    for _ in range(3):
        plate_read(simulator, picture="x" * 100_000)
    await poll()
    kept = loaded.runtime_data.statistics.last
    assert len(kept) == 3
    assert not any(one.event.data for one in kept)
    diagnostics = await async_get_config_entry_diagnostics(hass, loaded)
    assert len(diagnostics["last_events"]) == 3
