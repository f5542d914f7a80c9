"""Triggers of Home Assistant itself, which people use without a blueprint."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.integration.lossless.scene import Scene
from tests.integration.lossless.troubles import server_stopped


def received(entity_id: str) -> dict[str, Any]:
    """Return the trigger that event entities bring with them."""
    return {
        "trigger": "event.received",
        "target": {"entity_id": entity_id},
        "options": {"event_type": "motion_started"},
    }


def state(entity_id: str) -> dict[str, Any]:
    """Return the plain trigger, which has to leave both ways of an outage out."""
    return {
        "trigger": "state",
        "entity_id": entity_id,
        "not_from": ["unavailable", "unknown"],
        "not_to": ["unavailable", "unknown"],
    }


@pytest.mark.parametrize("trigger", [received, state])
async def test_an_event_entity_that_comes_back_is_not_a_new_event(
    hass: HomeAssistant, scene: Scene, trigger: Callable[[str], dict[str, Any]]
) -> None:
    """The last event before an outage would otherwise happen twice."""
    done = async_mock_service(hass, "test", "act")
    entity_id = scene.entity_id(Platform.EVENT, scene.camera, "event")
    config: Mapping[str, Any] = {
        "alias": "Made",
        "triggers": [trigger(entity_id)],
        "actions": [{"action": "test.act"}],
    }
    assert await async_setup_component(hass, AUTOMATION, {AUTOMATION: config})
    scene.emit()
    await scene.time.passes(3)
    assert len(done) == 1
    async with server_stopped(scene):
        scene.emit(2)
        await scene.time.passes(120)
        assert hass.states.is_state(entity_id, "unavailable")
    await scene.time.passes(125)
    assert len(scene.bus.missed) == 2
    await hass.config_entries.async_reload(scene.entry.entry_id)
    await scene.time.passes(10)
    assert len(done) == 1
    scene.simulator.world.emit(scene.emitted[0].type, scene.camera)
    await scene.time.passes(3)
    assert len(done) == 2
