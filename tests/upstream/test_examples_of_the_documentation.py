"""The examples of the documentation are valid."""

import re
from typing import Any

from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest

from custom_components.xprotect_events import services
from custom_components.xprotect_events.const import DOMAIN
from tests.upstream.files import DOCUMENTATION

SCHEMAS = {
    "acknowledge_alarm": services.ALARM_SCHEMA,
    "close_alarm": services.ALARM_SCHEMA,
    "trigger_event": services.TRIGGER_EVENT_SCHEMA,
    "get_event": services.GET_EVENT_SCHEMA,
    "get_events": services.GET_EVENTS_SCHEMA,
    "start_recording": services.RECORDING_SCHEMA,
    "stop_recording": services.RECORDING_SCHEMA,
    "get_event_picture": services.GET_EVENT_PICTURE_SCHEMA,
    "save_event_picture": services.SAVE_EVENT_PICTURE_SCHEMA,
}


def examples() -> list[dict[str, Any]]:
    """Return every example that is a mapping, in the order of the pages."""
    pattern = r"^```yaml\n(.*?)^```"
    blocks = re.findall(pattern, DOCUMENTATION, re.DOTALL | re.MULTILINE)
    return [found for block in blocks if isinstance(found := parse_yaml(block), dict)]


AUTOMATIONS = [one for one in examples() if "triggers" in one]
CALLS = [
    one for one in examples() if str(one.get("action", "")).startswith(f"{DOMAIN}.")
]


@pytest.mark.parametrize("example", AUTOMATIONS)
async def test_home_assistant_accepts_the_automations(
    hass: HomeAssistant, example: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Home Assistant's own validation accepts it."""
    config = {"actions": []} | example | {"alias": "Made"}
    assert await async_setup_component(hass, AUTOMATION, {AUTOMATION: config})
    await hass.async_block_till_done()
    state = hass.states.get("automation.made")
    assert state is not None
    assert state.state == "on", caplog.text


@pytest.mark.parametrize("example", CALLS)
def test_an_action_only_has_existing_fields(example: dict[str, Any]) -> None:
    """Home Assistant's own validation accepts it."""
    name = example["action"].removeprefix(f"{DOMAIN}.")
    assert SCHEMAS[name](example["data"])


def test_examples_are_found() -> None:
    """Otherwise the other tests would check nothing."""
    assert len(AUTOMATIONS) >= 3
    assert len(CALLS) >= 2
