"""A site whose names and events were chosen by somebody who means harm."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import json_bytes
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.xprotect_events import source_states
from custom_components.xprotect_events.const import EVENT_LIVE
from tests.integration.conftest import Poll
from tests.integration.test_push import DOOR, DOOR_OPEN
from xprotect_simulator import Simulator, event_ids

NAMES = {
    "page": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{ states('lock.front_door') }} {% for x in range(9**9) %}",
    "placeholder": "{group} {name} {} %s %(x)s",
    "markdown": "[click](http://evil.example) ![x](http://evil.example/x.png)",
    "lines": "Gate\r\n2026-01-01 00:00:00 ERROR forged",
    "terminal": "\x1b[2J\x00\x07",
    "half": "half \ud83d",
    "turned": "gnp.\u202eexe",
    "long": "x" * 10_000,
    "empty": " ",
    "path": "../../../config/secrets.yaml",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
async def test_a_name_is_shown_as_it_is_and_does_nothing(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    """It goes into registries, states, the bus, the log and every open page."""
    live = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[0]
    gate = simulator.world.named("Gate open")
    simulator.world.rename(camera, name)
    simulator.world.rename(gate, name)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    simulator.world.emit(gate.id, camera, tag=name)
    simulator.world.emit(event_ids.MOTION_STARTED, camera, data={name: [name, 10**30]})
    await poll()
    assert entry.state is ConfigEntryState.LOADED
    assert {gate.id, event_ids.MOTION_STARTED} <= {one.data["type_id"] for one in live}
    # What Home Assistant cannot write it can neither store nor send.
    for event in live:
        assert json_bytes(event.data)
    for state in hass.states.async_all():
        assert json_bytes(state.as_dict())
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert all(json_bytes(one.dict_repr) for one in devices)
    assert all(json_bytes(one.as_partial_dict) for one in entities)
    assert all(len(one.entity_id) <= 255 for one in entities)
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "get_states"})
    assert (await client.receive_json())["success"]
    assert not [one for one in caplog.text.splitlines() if one.startswith("2026-01-01")]
    assert "Traceback" not in caplog.text


async def test_sources_without_end_do_not_fill_the_registry(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each state of more than two sides is a sensor, which stays for ever."""
    monkeypatch.setattr(source_states, "MAX_MULTI_STATE", 2)
    simulator.world.add_event_type(DOOR_OPEN, DOOR)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for camera in simulator.world.cameras[:4]:
        simulator.world.emit(DOOR_OPEN.id, camera)
    await poll()
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert [one.translation_key for one in entities].count("state_group") == 2
