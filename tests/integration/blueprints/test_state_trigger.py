"""A plain state trigger on an event entity."""

from typing import Any

from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.integration.lossless.scene import Scene
from tests.integration.lossless.troubles import server_stopped

AWAY = ["unavailable", "unknown"]


@pytest.mark.parametrize(
    ("left_out", "is_enough"),
    [({"not_from": AWAY}, False), ({"not_from": AWAY, "not_to": AWAY}, True)],
    ids=["not_from", "not_from and not_to"],
)
async def test_both_directions_of_an_outage_have_to_be_excluded(
    hass: HomeAssistant, scene: Scene, left_out: dict[str, list[str]], is_enough: bool
) -> None:
    """The documentation recommends this; otherwise one event triggers several times."""
    done = async_mock_service(hass, "test", "act")
    entity_id = scene.entity_id(Platform.EVENT, scene.camera, "event")
    config: dict[str, Any] = {
        "alias": "Made",
        "triggers": [{"trigger": "state", "entity_id": entity_id, **left_out}],
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
    assert (len(done) == 1) is is_enough
