"""Automations from our blueprints, at a site with a simulated clock."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from homeassistant import core
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.architecture.sources import ROOT
from tests.integration.lossless import conftest as lossless
from tests.integration.lossless.scene import Scene

BLUEPRINTS = "blueprints"

# The scene of the lossless tests, in which time passes at once.
clock = lossless.clock
unset_scene = lossless.unset_scene
scene = lossless.scene

type Automate = Callable[..., Awaitable[None]]
type Calls = list[ServiceCall]


@pytest.fixture(autouse=True)
async def installed(hass: HomeAssistant, tmp_path: Path) -> None:
    """Copy the blueprints to Home Assistant's folder."""
    (tmp_path / BLUEPRINTS).symlink_to(ROOT / BLUEPRINTS, target_is_directory=True)
    hass.config.config_dir = str(tmp_path)
    assert await async_setup_component(hass, "persistent_notification", {})


@pytest.fixture
def automate(hass: HomeAssistant, scene: Scene) -> Automate:
    """Return a function that creates an automation from a blueprint and its inputs."""

    async def make(blueprint: str, **inputs: object) -> None:
        use = {"path": f"xprotect_events/{blueprint}.yaml", "input": inputs}
        config = {AUTOMATION: {"alias": "Made", "use_blueprint": use}}
        assert await async_setup_component(hass, AUTOMATION, config)
        await scene.time.settle()
        state = hass.states.get("automation.made")
        assert state is not None
        assert state.state == "on"

    return make


@pytest.fixture
def wall_clock(scene: Scene) -> Iterator[None]:
    """Make `now()` and the times of states follow the scene, instead of real time."""
    clock = scene.time.clock

    def seconds() -> float:
        return clock.now().timestamp()

    def now(time_zone: tzinfo | None = None) -> datetime:
        return clock.now().astimezone(time_zone or dt_util.get_default_time_zone())

    with (
        patch.object(core, "time", SimpleNamespace(time=seconds)),
        patch.object(entity, "timer", seconds),
        patch.object(dt_util, "now", now),
    ):
        yield


@pytest.fixture
def notified(hass: HomeAssistant) -> Calls:
    """Collect the notifications to phones."""
    return async_mock_service(hass, "notify", "send_message")
