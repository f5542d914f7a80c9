"""The lists are read, and alarms polled, in the middle of an unload."""

import asyncio
from collections.abc import Iterable
import logging
from typing import cast
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_RESTORED, STATE_ON, Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.background_listing import BackgroundListing
from custom_components.xprotect_events.devices import SyncListener, XProtectDevices
from tests.integration.conftest import A_WHILE, Poll, StateOf
from tests.integration.entries import load
from xprotect_simulator import Simulator, event_ids

EVERYTHING = {
    "delivery": "poll",
    "alarms": True,
    "pictures": "gateway",
    "ptz_presets": True,
    "switch_outputs": True,
}


@pytest.mark.parametrize("entry_options", [EVERYTHING], ids=["everything"])
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_what_is_listed_during_an_unload_waits_for_the_next_start(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    binary_state: StateOf,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its entities would stay, and keep those of the next start from being added."""
    unload = hass.config_entries.async_unload_platforms
    world = simulator.world

    async def unload_slowly(
        entry: ConfigEntry, platforms: Iterable[Platform | str]
    ) -> bool:
        is_unloaded = await unload(entry, platforms)
        world.add_user_defined_event("Another")
        world.add_camera("Attic")
        simulator.alarms.raise_alarm("Fire")
        await loaded.runtime_data.inventory.async_refresh()
        await poll(12)
        return is_unloaded

    with patch.object(hass.config_entries, "async_unload_platforms", unload_slowly):
        assert await hass.config_entries.async_unload(loaded.entry_id)
    left = [one for one in hass.states.async_all() if ATTR_RESTORED in one.attributes]
    assert hass.states.async_all() == left
    await load(hass, loaded)
    attic = world.cameras[-1]
    world.emit(event_ids.MOTION_STARTED, attic)
    await poll()
    assert binary_state(attic, "motion") == STATE_ON
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_nothing_is_listed_for_a_reading_that_ends_after_the_unload(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """The runtime data is gone, and nothing would end the requests."""
    runs = 0
    listeners: list[SyncListener] = []

    async def confirmed() -> None:
        """Return at once, because the site is confirmed."""

    async def work() -> None:
        nonlocal runs
        runs += 1

    class Devices:
        def listen(self, listener: SyncListener) -> CALLBACK_TYPE:
            listeners.append(listener)
            return lambda: None

    listing = BackgroundListing(hass, loaded, "things", confirmed, work)
    listing.follow(cast(XProtectDevices, Devices()), lambda: None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert runs == 1
    assert await hass.config_entries.async_unload(loaded.entry_id)
    for listener in listeners:
        await listener()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert runs == 1


async def test_an_unexpected_error_of_a_listing_is_logged_once_and_it_goes_on(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing else would add the entities before a restart."""
    outcomes: list[BaseException | None] = [
        ValueError(),
        asyncio.CancelledError(),
        None,
    ]

    async def confirmed() -> None:
        """Return at once, because the site is confirmed."""

    async def work() -> None:
        if outcome := outcomes.pop(0):
            raise outcome

    BackgroundListing(hass, loaded, "things", confirmed, work).begin()
    await hass.async_block_till_done(wait_background_tasks=True)
    await poll(A_WHILE)
    await poll(A_WHILE)
    assert not outcomes
    errors = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert [one.getMessage() for one in errors] == [
        "Listing the things failed; going on"
    ]


async def test_a_listing_that_waits_for_the_site_is_not_queued_twice(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """A site may be unreachable for days, and its lists would be read in a row."""
    is_confirmed = asyncio.Event()
    runs = 0

    async def confirmed() -> None:
        await is_confirmed.wait()

    async def work() -> None:
        nonlocal runs
        runs += 1

    listing = BackgroundListing(hass, loaded, "things", confirmed, work)
    listing.begin()
    for _ in range(3):
        listing.run_soon()
    is_confirmed.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert runs == 1
