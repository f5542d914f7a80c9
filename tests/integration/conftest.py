"""A simulated XProtect server, and the integration set up against it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.xprotect_events.const import DOMAIN
from xprotect_simulator import Options, Simulator

type Poll = Callable[[], Awaitable[None]]


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """Serve a quiet site of six cameras: what happens there the test decides."""
    async with Simulator(Options(scenario="quiet")) as running:
        yield running


@pytest.fixture
def entry(simulator: Simulator) -> MockConfigEntry:
    """Describe the simulated site as a config entry that is not set up yet."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=simulator.world.site.name,
        unique_id=simulator.world.site.id,
        data={
            "url": simulator.url,
            "authentication": "basic",
            "username": "demo",
            "password": "demo",
            "verify_ssl": True,
        },
    )


@pytest.fixture
async def loaded(
    hass: HomeAssistant, entry: MockConfigEntry
) -> AsyncIterator[MockConfigEntry]:
    """Set the integration up, and unload it at the end."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
def poll(hass: HomeAssistant, loaded: MockConfigEntry) -> Poll:
    """Return a function that lets the poll interval pass and the poll finish."""

    async def let_it_poll() -> None:
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=3))
        await hass.async_block_till_done(wait_background_tasks=True)

    return let_it_poll
