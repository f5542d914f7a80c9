"""Tokens, links and addresses of recorders are not kept anywhere."""

import json
import logging

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import JSONEncoder
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from custom_components.xprotect_events.diagnostics import (
    async_get_config_entry_diagnostics,
)
from tests.integration.pictures.conftest import Happen
from xprotect_simulator import Item, Simulator
from xprotect_simulator.recorders.listeners import Recorder

A_RECORDER = "5b0b6f36-0ef2-4a7b-a08e-3f5f7b4c0a11"
ADDRESS = "10.20.30.40:7563"


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Turn pictures on, with an address of a recorder."""
    return {
        "delivery": "poll",
        "pictures": "recorders",
        "recorder_addresses": {A_RECORDER: ADDRESS},
    }


async def test_no_secret_of_a_picture_is_kept(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    happen: Happen,
    loaded: MockConfigEntry,
    simulator: Simulator,
    camera: Item,
    recorder: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither in states, events, the log nor the diagnostics file."""
    caplog.set_level(logging.DEBUG)
    fired = async_capture_events(hass, EVENT_LIVE)
    event = await happen(camera)
    client = await http_client()
    await client.get(happen.path_of(event))
    link = await hass.services.async_call(
        DOMAIN,
        "get_event_picture",
        {"config_entry_id": loaded.entry_id, "event_id": event.id},
        blocking=True,
        return_response=True,
    )
    assert link is not None
    simulator.faults.enable("recorder_stale_token:count=9")
    await client.get(happen.path_of(await happen(camera)))
    await recorder.stop()
    await client.get(happen.path_of(await happen(camera)))
    described = json.dumps(
        await async_get_config_entry_diagnostics(hass, loaded), cls=JSONEncoder
    )
    states = json.dumps([one.as_dict() for one in hass.states.async_all()], default=str)
    events = json.dumps([one.data for one in fired])
    own_lines = [one.getMessage() for one in caplog.records if DOMAIN in one.name]
    for text in (described, states, events, "\n".join(own_lines)):
        assert "TOKEN#" not in text
        assert "authSig" not in text
        assert ADDRESS not in text
        assert simulator.recorders.all[0].url() not in text
    assert '"gateway_has_live_pictures"' in described
    assert recorder.item.id in described
