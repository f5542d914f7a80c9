"""Whether outputs are switched or triggered: asked once, and not only at the start."""

import asyncio
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import site_confirmation
from custom_components.xprotect_events.const import CONF_SWITCH_OUTPUTS
from tests.integration.conftest import A_WHILE, Poll
from tests.integration.entries import load
from xprotect_simulator import ManualClock, Simulator

AN_HOUR = 3700.0
# Seconds of a sign-in that is slower than the set-up waits for.
SLOW = 5.0


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Switch outputs."""
    return {"delivery": "poll", CONF_SWITCH_OUTPUTS: True}


def having(hass: HomeAssistant, key: str) -> list[str]:
    """Return the entities of outputs with this key."""
    registered = er.async_get(hass).entities.values()
    return [one.entity_id for one in registered if one.unique_id.endswith(f"_{key}")]


async def test_a_slow_server_that_refuses_the_tasks_causes_one_reload(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each reload signs in again, and all entities would be unavailable for good."""
    await load(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    monkeypatch.setattr(site_confirmation, "SET_UP_TIMEOUT", 0.0)
    simulator.faults.enable("forbidden:outputs:path=/api/rest/v1/outputs/*")
    simulator.faults.enable(f"slow:{SLOW}:path=*connect/token")
    signing_in = asyncio.create_task(answer_after_each_set_up(entry, clock))
    set_ups: list[str] = []

    def reload_a_few_times(entry_id: str) -> None:
        set_ups.append(entry_id)
        if len(set_ups) < 4:
            schedule(entry_id)

    schedule = hass.config_entries.async_schedule_reload
    with patch.object(hass.config_entries, "async_schedule_reload", reload_a_few_times):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    signing_in.cancel()
    assert len(set_ups) == 1
    assert not having(hass, "switch")


async def answer_after_each_set_up(entry: ConfigEntry, clock: ManualClock) -> None:
    """Let the server answer a sign-in as soon as the entry is loaded."""
    while True:
        await clock.until_asleep()
        while entry.state is not ConfigEntryState.LOADED:
            changed = asyncio.Event()
            stop = entry.async_on_state_change(changed.set)
            await changed.wait()
            stop()
        await clock.advance(SLOW)


async def test_outputs_that_are_listed_later_are_asked_for_their_tasks(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: Simulator, poll: Poll
) -> None:
    """A site without outputs cannot be asked, and a switch could not switch off."""
    simulator.faults.enable("empty_lists:outputs")
    simulator.faults.enable("output_tasks:Trigger")
    await load(hass, entry)
    assert not [one for one in simulator.requests if "tasks" in one.query]
    simulator.faults.disable("empty_lists")
    simulator.world.rename(simulator.world.items("outputs")[0], "Another siren")
    for _ in range(3):
        await poll()
    await poll(A_WHILE)
    assert len(having(hass, "pulse")) == 2
    assert not having(hass, "switch")


async def test_an_output_that_may_not_be_used_leaves_the_others_their_switches(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: Simulator
) -> None:
    """A role should only have the right for those that Home Assistant switches."""
    first, _ = simulator.world.items("outputs")
    simulator.faults.enable(f"server_error:403:path=*/outputs/{first.id}?*")
    await load(hass, entry)
    assert len(having(hass, "switch")) == 2


async def test_outputs_that_were_all_replaced_meanwhile_get_switches(
    hass: HomeAssistant, loaded: MockConfigEntry, simulator: Simulator, poll: Poll
) -> None:
    """The lists of the last run have only those that do not exist any more."""
    before = having(hass, "switch")
    assert len(before) == 2
    await hass.config_entries.async_unload(loaded.entry_id)
    for output in simulator.world.items("outputs"):
        simulator.faults.enable(f"server_error:404:path=*/outputs/{output.id}?*")
    await load(hass, loaded)
    assert having(hass, "switch") == before
    simulator.faults.clear()
    simulator.requests.clear()
    await poll(AN_HOUR)
    assert having(hass, "switch") == before
    assert [one for one in simulator.requests if "tasks" in one.query]
