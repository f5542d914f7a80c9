"""Whatever fails between XProtect and Home Assistant costs no event."""

from homeassistant.config_entries import ConfigEntryState
import pytest

from tests.integration.lossless.scene import Scene
from tests.integration.lossless.troubles import NUISANCES, OUTAGES, Trouble

# The longest wait between two attempts, and the longest that an attempt takes.
BACK_AFTER = 125
# Of ten minutes: waits double to a minute, with up to two attempts each time.
MOST_REQUESTS = 80
MOST_LOGINS = 25


@pytest.mark.parametrize("trouble", OUTAGES.values(), ids=list(OUTAGES))
async def test_an_outage_is_seen_and_got_over_and_costs_no_event(
    scene: Scene, trouble: Trouble
) -> None:
    """Nobody stands by at night to reload an integration."""
    runtime = scene.entry.runtime_data
    async with trouble(scene):
        requests, logins = len(scene.simulator.requests), scene.logins
        await scene.busy_time(600)
        assert (scene.delivery, scene.motion) == ("down", "unavailable")
        assert len(scene.simulator.requests) - requests < MOST_REQUESTS
        assert scene.logins - logins < MOST_LOGINS
    await scene.busy_time(BACK_AFTER)
    assert (scene.delivery, scene.motion) == ("poll", scene.expected_motion)
    scene.assert_everything_arrived_once()
    assert len(scene.lines("Error", "events data")) == 1
    assert len(scene.lines("events data recovered")) == 1
    assert len(scene.lines("Catching up")) == 1
    assert len(scene.lines("Caught up")) == 1
    assert scene.entry.state is ConfigEntryState.LOADED
    assert scene.entry.runtime_data is runtime


@pytest.mark.parametrize("trouble", NUISANCES.values(), ids=list(NUISANCES))
async def test_a_nuisance_costs_no_event_and_nobody_notices_it(
    scene: Scene, trouble: Trouble
) -> None:
    """An entity that flickers starts automations for nothing."""
    seen = scene.watch(scene.delivery_id)
    async with trouble(scene):
        scene.note_what_the_server_added()
        await scene.busy_time(300)
    await scene.busy_time(30)
    scene.assert_everything_arrived_once()
    assert scene.motion == scene.expected_motion
    assert seen == []
    assert scene.lines() == []
    assert not scene.bus.missed
