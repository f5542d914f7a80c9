"""Reloads, changes of the site, faults and users, in any order.

A few orders run with each suite; `--hypothesis-profile thorough` tries many.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
import random
from typing import Any

from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import Unresolvable, async_browse_media
from homeassistant.config_entries import OperationNotAllowed
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
from hypothesis import settings
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import (
    async_remove_config_entry_device,
    picture_view,
    site_confirmation,
)
from custom_components.xprotect_events.api import sign_in_attempts
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.xprotect_events.engine import backoff
from tests.effort import THOROUGH
from xprotect_simulator import ManualClock, Options, Simulator, event_ids

STEPS = 120
ORDERS = 60 if settings().max_examples >= THOROUGH else 1
# Each is met now and then, alone or with another one.
FAULTS = [
    "server_error:503",
    "html",
    "garbage",
    "truncated",
    "reset",
    "forbidden:cameras",
    "empty_lists",
    "forbidden",
    "recorder_reset",
    "recorder_html",
    "recorder_no_rights",
    "still_empty",
    "alarms_missing",
    "alarms_plain",
    "event_server_down",
    "unauthorized_once",
    "soap_login_forbidden",
    "no_date",
    "recorder_stale_token",
    "clock_skew:7200",
    "output_tasks",
    "source_disappears",
    "gateway_missing",
]
# What users may be told; anything else is a fault of ours.
TOLD = (HomeAssistantError, BrowseError, Unresolvable, OperationNotAllowed)

type Step = Callable[[], Coroutine[Any, Any, object]]


@pytest.fixture
def simulator_options() -> Options:
    """Return a small site with recording servers."""
    return Options(cameras=3, recorders=2, recorder_port=0, scenario="quiet")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing in real time."""
    for module, name, seconds in (
        (backoff, "FIRST", 0.01),
        (sign_in_attempts, "PROBE_PAUSE", 0.0),
        (picture_view, "TURN_PAUSE", 0.0),
        (picture_view, "TURN_PATIENCE", 2),
        (site_confirmation, "SET_UP_TIMEOUT", 0.05),
    ):
        monkeypatch.setattr(module, name, seconds)


class Chance:
    """Does one thing after the other, without waiting for it."""

    def __init__(
        self, hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
    ) -> None:
        self.tasks: list[asyncio.Task[object]] = []
        self._hass = hass
        self._simulator = simulator
        self._entry = entry
        self._number = 0
        self.random = random.Random()  # noqa: S311 - seeded by the test

    def begin(self) -> None:
        """Change the site at once, or begin what a user does."""
        if self.random.random() < 0.5:
            self.random.choice((self.fault, self.camera, self.event, self.alarm))()
            return
        act: Step = self.random.choice(
            (self.reload, self.options, self.browse, self.ask, self.press, self.remove)
        )
        self.tasks.append(self._hass.loop.create_task(act()))

    def fault(self) -> None:
        """Enable a fault, or end all."""
        faults = self._simulator.faults
        if len(faults.enabled) < 2 and self.random.random() < 0.5:
            faults.enable(self.random.choice(FAULTS))
        else:
            faults.clear()

    def camera(self) -> None:
        """Add, rename or remove a camera."""
        world = self._simulator.world
        self._number += 1
        if len(world.cameras) < 2:
            world.add_camera(f"Camera {self._number}")
        elif len(world.cameras) > 6:
            world.remove(self.random.choice(world.cameras))
        else:
            world.rename(self.random.choice(world.cameras), f"Name {self._number}")
            world.add_user_defined_event(f"Event {self._number}")

    def event(self) -> None:
        """Start motion."""
        world = self._simulator.world
        world.emit(event_ids.MOTION_STARTED, self.random.choice(world.cameras))

    def alarm(self) -> None:
        """Raise an alarm."""
        self._simulator.alarms.raise_alarm("Fire")

    async def reload(self) -> None:
        """Reload the entry."""
        await self._hass.config_entries.async_reload(self._entry.entry_id)

    async def options(self) -> None:
        """Change options, and reload the entry."""
        chosen = {
            "pictures": self.random.choice(["off", "gateway", "recorders"]),
            "alarms": self.random.random() < 0.7,
            "switch_outputs": self.random.random() < 0.6,
            "ptz_presets": self.random.random() < 0.6,
        }
        self._hass.config_entries.async_update_entry(
            self._entry, options={**self._entry.options, **chosen}
        )
        await self.reload()

    async def browse(self) -> None:
        """Open the media browser at a camera."""
        camera = self.random.choice(self._simulator.world.cameras)
        path = f"media-source://{DOMAIN}/{self._entry.entry_id}/{camera.id}"
        await async_browse_media(self._hass, path)

    async def ask(self) -> None:
        """Read events by the action, and download the diagnostics."""
        await self._hass.services.async_call(
            DOMAIN, "get_events", {}, blocking=True, return_response=True
        )
        await async_get_config_entry_diagnostics(self._hass, self._entry)

    async def press(self) -> None:
        """Press a button, or switch an output on."""
        domain, service = self.random.choice(
            (("button", "press"), ("switch", "turn_on"))
        )
        if found := self._hass.states.async_entity_ids(domain):
            target = {"entity_id": self.random.choice(sorted(found))}
            await self._hass.services.async_call(domain, service, target, blocking=True)

    async def remove(self) -> None:
        """Remove a device that XProtect does not have any more."""
        registry = dr.async_get(self._hass)
        found = dr.async_entries_for_config_entry(registry, self._entry.entry_id)
        for device in self.random.sample(found, min(1, len(found))):
            if await async_remove_config_entry_device(self._hass, self._entry, device):
                registry.async_remove_device(device.id)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("delivery", ["poll", "auto"])
@pytest.mark.parametrize("order", range(ORDERS))
async def test_no_order_of_things_fails_or_leaves_anything(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    entry: MockConfigEntry,
    clock: ManualClock,
    delivery: str,
    order: int,
) -> None:
    """Users are told what failed, nothing hangs, and the entry can be removed."""
    options = {"delivery": delivery, "live_view": True, "pictures": "recorders"}
    hass.config_entries.async_update_entry(entry, options=options)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert await async_setup_component(hass, "media_source", {})
    chance = Chance(hass, simulator, entry)
    chance.random.seed(order)
    for _ in range(STEPS):
        chance.begin()
        if chance.random.random() < 0.1:
            await clock.advance(chance.random.choice([3, 40, 310, 3700]))
        for _ in range(chance.random.randrange(30)):
            await asyncio.sleep(0)
    simulator.faults.clear()
    async with asyncio.timeout(20):
        for task in chance.tasks:
            with suppress(*TOLD):
                await task
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()
    assert not hass.states.async_entity_ids()
    assert not [key for key in hass_storage if entry.entry_id in key]
    assert not [key for key in ir.async_get(hass).issues if key[0] == DOMAIN]
