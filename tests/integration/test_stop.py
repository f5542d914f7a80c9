"""Home Assistant stops, which unloads no entry but closes its connections."""

import gc
import logging

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.api import UnreachableError
from custom_components.xprotect_events.storage_watch import LOOK_AFTER
from tests.integration.conftest import A_WHILE, Poll
from tests.integration.entries import load
from xprotect_simulator import Simulator


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "ptz_presets": True}])
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_what_was_due_after_the_stop_is_not_begun(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Timers go on, and their requests could only fail."""
    simulator.faults.enable("server_error:503:path=*/ptzpresets")
    await load(hass, entry)
    simulator.world.rename(simulator.world.cameras[0], "Another")
    await poll()
    await hass.async_stop()
    simulator.requests.clear()
    caplog.clear()
    await poll(LOOK_AFTER + 1)
    await poll(A_WHILE)
    # Otherwise an error of a task would be logged after the test.
    gc.collect()
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert not simulator.requests


async def test_a_request_after_the_stop_fails_like_any_other(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Callers expect errors of the client only."""
    client = loaded.runtime_data.client
    await hass.async_stop()
    with pytest.raises(UnreachableError, match="closed"):
        await client.configuration.sites()
