"""At a site with too many entities the most important ones are enabled."""

from collections.abc import Iterator
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import entity_budget
from custom_components.xprotect_events.const import DOMAIN
from tests.integration.entries import load, reload
from xprotect_simulator import Simulator

SWITCHES_AND_PRESETS = {
    "delivery": "poll",
    "switch_outputs": True,
    "ptz_presets": True,
}


@pytest.fixture
def small_budget(simulator: Simulator) -> Iterator[None]:
    """Leave room for user-defined events and the most important entities only."""
    world = simulator.world
    kinds = (
        "userDefinedEvents",
        "recordingServers",
        "inputEvents",
        "outputs",
        "cameras",
    )
    room = sum(len(world.items(kind)) for kind in kinds)
    with patch.object(entity_budget, "BUDGET", room):
        yield


@pytest.fixture
def disabled(
    small_budget: None,  # noqa: ARG001 - before the integration is set up
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> dict[str, bool]:
    """Return whether each entity is disabled, by unique id."""
    entries = er.async_entries_for_config_entry(entity_registry, loaded.entry_id)
    return {entry.unique_id: entry.disabled for entry in entries}


async def test_microphones_speakers_and_hardware_do_not_hide_the_cameras(
    simulator: Simulator, loaded: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """Otherwise six cameras would be hidden among eighteen other devices."""
    world = simulator.world
    shown = {
        entity.unique_id.removeprefix(f"{world.site.id}_")
        for entity in er.async_entries_for_config_entry(
            entity_registry, loaded.entry_id
        )
        if not entity.disabled
    }
    for kind in ("hardware", "microphones", "speakers"):
        assert world.items(kind)
        for item in world.items(kind):
            assert [one for one in shown if one.startswith(item.id)] == []
    for camera in world.cameras:
        keys = ("motion", "event", "communication", "recording")
        assert {f"{camera.id}_{key}" for key in keys} <= shown


async def test_entities_enabled_by_the_user_stay_enabled(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Even after the next restart."""
    unit = simulator.world.named("Hanwha XNV-8083R (10.0.0.1)")
    unique_id = f"{simulator.world.site.id}_{unit.id}_communication"
    entity_id = entity_registry.async_get_entity_id("binary_sensor", DOMAIN, unique_id)
    assert entity_id is not None
    assert hass.states.get(entity_id) is None
    entity_registry.async_update_entity(entity_id, disabled_by=None)
    await reload(hass, loaded)
    assert hass.states.get(entity_id) is not None


def test_beyond_the_budget_the_less_wanted_kinds_are_disabled(
    simulator: Simulator, disabled: dict[str, bool]
) -> None:
    """Home Assistant drops any entities above its limit."""
    site = simulator.world.site.id
    for camera in simulator.world.cameras:
        assert not disabled[f"{site}_{camera.id}_motion"]
        assert disabled[f"{site}_{camera.id}_communication"]
        assert disabled[f"{site}_{camera.id}_recording"]


def test_the_entities_of_the_server_are_in_no_budget(
    simulator: Simulator, disabled: dict[str, bool]
) -> None:
    """At a large site they matter most: they show whether events arrive."""
    assert not disabled[f"{simulator.world.site.id}_delivery"]


@pytest.mark.parametrize("tasks", ["Trigger", None])
@pytest.mark.parametrize("entry_options", [SWITCHES_AND_PRESETS], ids=["all options"])
@pytest.mark.parametrize("budget", [0, 1000])
async def test_switches_and_presets_beyond_the_budget_are_disabled(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    entity_registry: er.EntityRegistry,
    monkeypatch: pytest.MonkeyPatch,
    tasks: str | None,
    budget: int,
) -> None:
    """Beyond its limit Home Assistant adds no entity, not even of a new camera."""
    if tasks is not None:
        simulator.faults.enable(f"output_tasks:{tasks}")
    monkeypatch.setattr(entity_budget, "BUDGET", budget)
    await load(hass, entry)
    found = [
        one.disabled
        for one in er.async_entries_for_config_entry(entity_registry, entry.entry_id)
        if one.unique_id.endswith(("_switch", "_pulse", "_preset"))
    ]
    assert found == [not budget] * 5
