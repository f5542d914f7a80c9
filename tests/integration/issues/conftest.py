"""A site with a simulated clock, and its repairs."""

from collections.abc import Callable
import json
from pathlib import Path
import re

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.xprotect_events as integration
from custom_components.xprotect_events.const import DOMAIN
from tests.integration import name_server
from tests.integration.lossless.conftest import clock, unset_scene
from tests.integration.lossless.scene import Scene

__all__ = ["clock", "unset_scene"]

# Seconds.
MINUTES = 60.0
# The inventory is read every hour.
AN_HOUR = 3660.0
# The placeholders of an issue about the site as a whole.
SITE = {"name": "Simulated site"}

ENGLISH = "translations/en.json"

names = name_server.names

type ShownIssues = Callable[[], dict[str, dict[str, str]]]


@pytest.fixture
def shown_issues(hass: HomeAssistant, entry: MockConfigEntry) -> ShownIssues:
    """Return a function that returns the placeholders of all issues by their keys."""
    texts = json.loads((Path(integration.__file__).parent / ENGLISH).read_text())

    def find() -> dict[str, dict[str, str]]:
        found = {
            str(issue.translation_key): dict(issue.translation_placeholders or {})
            for issue in ir.async_get(hass).issues.values()
            if issue.domain == DOMAIN
            and issue.active
            and issue.issue_id.endswith(f"_{entry.entry_id}")
        }
        for key, given in found.items():
            text = str(texts["issues"][key])
            assert set(re.findall(r"{(\w+)}", text)) == set(given), key
        return found

    return find


async def restart_entry(scene: Scene) -> None:
    """Reload the entry; its first polls are over."""
    await scene.hass.config_entries.async_reload(scene.entry.entry_id)
    await scene.time.settle()


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """Return the current state of the entry."""
    return entry.state
