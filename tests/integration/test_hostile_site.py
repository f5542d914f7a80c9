"""A site whose names and events were chosen by an attacker."""

from collections.abc import Mapping
from datetime import timedelta
from logging import DEBUG

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.json import json_bytes
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.xprotect_events import button, devices, source_states
from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import Poll
from tests.integration.entries import load
from tests.integration.push.conftest import DOOR, DOOR_OPEN
from xprotect_simulator import Options, Simulator, event_ids

# Days pass here within seconds, and the client would pause its sign-ins.
LONG_TOKENS = pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet", token_life=timedelta(days=30))]
)

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
async def test_a_name_is_shown_unchanged_and_is_harmless(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    """It is in registries, states, events, the log and every open page."""
    live = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[0]
    gate = simulator.world.named("Gate open")
    simulator.world.rename(camera, name)
    simulator.world.rename(gate, name)
    await load(hass, entry)
    simulator.world.emit(gate.id, camera, tag=name)
    simulator.world.emit(event_ids.MOTION_STARTED, camera, data={name: [name, 10**30]})
    await poll()
    assert entry.state is ConfigEntryState.LOADED
    assert {gate.id, event_ids.MOTION_STARTED} <= {one.data["type_id"] for one in live}
    # Home Assistant can neither store nor send what it cannot encode.
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
    # At debug level Home Assistant itself logs each event and state unchanged.
    lines = "\n".join(
        record.getMessage() for record in caplog.records if record.levelno > DEBUG
    )
    assert not [one for one in lines.splitlines() if one.startswith("2026-01-01")]
    assert "Traceback" not in caplog.text


async def test_the_number_of_state_sensors_is_limited(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each state group with more than two states is a sensor, which stays for ever."""
    monkeypatch.setattr(source_states, "MAX_STATE_SENSORS", 2)
    simulator.world.add_event_type(DOOR_OPEN, DOOR)
    await load(hass, entry)
    for camera in simulator.world.cameras[:4]:
        simulator.world.emit(DOOR_OPEN.id, camera)
    await poll()
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert [one.translation_key for one in entities].count("state_group") == 2
    placeholders = {"name": "Simulated site", "count": "2"}
    assert issues(hass)["too_many_state_sensors"] == placeholders


def issues(hass: HomeAssistant) -> dict[str | None, Mapping[str, str] | None]:
    """Return the placeholders of all issues by their keys."""
    registry = ir.async_get(hass)
    return {
        one.translation_key: one.translation_placeholders
        for one in registry.issues.values()
        if one.active and one.translation_key != "clear_text"
    }


def registered(hass: HomeAssistant, entry: MockConfigEntry) -> int:
    """Return the number of devices of the entry without the server's."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return len(found) - 1


@LONG_TOKENS
async def test_the_number_of_devices_is_limited(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are reported once, and their events still arrive."""
    live = async_capture_events(hass, EVENT_LIVE)
    monkeypatch.setattr(devices, "MAX_DEVICES", 12)
    await load(hass, entry)
    assert registered(hass, entry) == 12
    left_out = issues(hass)["too_many_devices"]
    assert left_out is not None
    camera = simulator.world.cameras[-1]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert live[-1].data["source"] == camera.path
    for one in simulator.world.cameras[1:]:
        simulator.world.remove(one)
    for _ in range(14):
        await poll(7200.0)
    assert "too_many_devices" not in issues(hass)


async def test_the_number_of_new_devices_an_hour_is_limited(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant keeps removed entities and devices for thirty days."""
    monkeypatch.setattr(devices, "MAX_NEW_DEVICES", 3)
    await load(hass, entry)
    before = registered(hass, entry)
    for _ in range(2):
        for camera in simulator.world.cameras:
            simulator.world.remove(camera)
        for number in range(5):
            simulator.world.add_camera(f"Camera {number}")
        await poll()
        await poll()
    assert registered(hass, entry) == before + 3
    assert issues(hass)["too_many_new_devices"] is not None


@LONG_TOKENS
async def test_the_number_of_buttons_is_limited(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each would have a button for ever; the action accepts them without one."""
    monkeypatch.setattr(button, "MAX_BUTTONS", 5)
    await load(hass, entry)
    events = simulator.world.user_defined_events
    assert len(hass.states.async_entity_ids("button")) <= 5
    buttons = [
        one
        for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if one.domain == "button"
    ]
    assert len(buttons) == 5
    assert issues(hass)["too_many_buttons"] == {
        "name": "Simulated site",
        "count": str(len(events) - 5),
    }
    for event in events[1:]:
        simulator.world.remove(event)
    for _ in range(14):
        await poll(7200.0)
    assert "too_many_buttons" not in issues(hass)


HOSTILE = "![x](http://evil.example/x.png) [sign in](https://evil.example) <b>a@b.c"


async def test_a_site_s_name_is_plain_text_in_every_form(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """`shown_texts` checks every placeholder and title of this and all other tests."""
    simulator.world.rename(simulator.world.site, HOSTILE)
    await hass.config_entries.async_remove(entry.entry_id)
    flows = hass.config_entries.flow
    result = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await flows.async_configure(
        result["flow_id"],
        {
            "url": simulator.url,
            "authentication": "basic",
            "username": "demo",
            "password": "demo",
            "verify_ssl": True,
            "advanced": {},
        },
    )
    while result["type"] is FlowResultType.FORM:
        assert not result["errors"]
        result = await flows.async_configure(result["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    made = result["result"]
    assert made.title.startswith("!?x?(http?//evil.example")
    await hass.async_block_till_done()
    hass.config_entries.async_update_entry(made, title=HOSTILE)
    for source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
        form = await flows.async_init(
            DOMAIN,
            context={"source": source, "entry_id": made.entry_id},
            data=dict(made.data) if source == SOURCE_REAUTH else None,
        )
        assert form["type"] is FlowResultType.FORM
        assert "](" not in str(form["description_placeholders"])
