"""A site and an integration that share a simulated clock."""

from collections.abc import AsyncIterator

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.conftest import A_MORNING
from tests.integration.lossless.passing_time import PassingTime, SharedClock
from tests.integration.lossless.scene import Bus, Scene
from xprotect_simulator import Simulator


@pytest.fixture(autouse=True)
def second_try_after() -> None:
    """Keep the second before the second attempt, because time is simulated here."""


@pytest.fixture
def clock() -> SharedClock:
    """Return the clock of both sides."""
    return SharedClock(A_MORNING)


@pytest.fixture
async def unset_scene(
    hass: HomeAssistant,
    clock: SharedClock,
    simulator: Simulator,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Scene]:
    """Return a site whose integration is not set up yet."""
    caplog.set_level("INFO")
    bus = Bus()
    bus.listen(hass)
    time = PassingTime(clock)
    with time.taken_over():
        yield Scene(
            hass=hass,
            simulator=simulator,
            time=time,
            entry=entry,
            bus=bus,
            caplog=caplog,
        )
        for loaded in hass.config_entries.async_loaded_entries(entry.domain):
            await hass.config_entries.async_unload(loaded.entry_id)


@pytest.fixture
async def scene(unset_scene: Scene) -> Scene:
    """Return a site that delivers events; motion has just ended at the camera."""
    await unset_scene.set_up()
    unset_scene.emit(2)
    await unset_scene.time.passes(21)
    assert unset_scene.delivery == "poll"
    unset_scene.assert_everything_arrived_once()
    unset_scene.caplog.clear()
    return unset_scene
