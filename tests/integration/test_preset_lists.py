"""When the presets of cameras are listed, and what a camera that fails changes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
import logging

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import preset_button
from tests.integration.conftest import A_WHILE, Poll
from tests.integration.entries import load
from xprotect_simulator import Item, Options, Simulator

# Seconds until presets may be listed again.
FIVE_MINUTES = 310.0


@pytest.fixture
def simulator_options() -> Options:
    """Return a site whose tokens last for hours, which pass here within seconds."""
    return Options(token_life=timedelta(days=30))


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Show presets."""
    return {"delivery": "poll", "ptz_presets": True}


@pytest.fixture
def cameras(simulator: Simulator) -> list[Item]:
    """Let all cameras turn to one preset, and return them as they are listed."""
    world = simulator.world
    preset = world.items("ptzPresets")[0]
    for number, camera in enumerate(world.cameras):
        if not camera.extra["ptz"]:
            extra = {**camera.extra, "ptz": True}
            world.inventory.put(replace(camera, extra=extra))
            own = f"0a000000-0000-4000-8000-00000000000{number}"
            world.inventory.put(replace(preset, id=own, parent=camera.path))
    return sorted(world.cameras, key=lambda one: one.id)


def buttons(hass: HomeAssistant) -> Iterator[str]:
    """Yield the names of the buttons of presets."""
    return (
        one.name for one in hass.states.async_all("button") if " Preset " in one.name
    )


async def test_a_camera_that_fails_keeps_no_others_from_their_presets(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    cameras: list[Item],
    poll: Poll,
) -> None:
    """Not even three of them, and it gets its own when the server answers."""
    for camera in cameras[:3]:
        path = f"*/cameras/{camera.id}/ptzpresets"
        simulator.faults.enable(f"server_error:502:path={path}")
    await load(hass, entry)
    await poll(A_WHILE)
    found = [*buttons(hass)]
    for camera in cameras[:3]:
        assert not [one for one in found if one.startswith(camera.name)]
    for camera in cameras[3:]:
        assert [one for one in found if one.startswith(camera.name)]
    simulator.faults.clear()
    await poll(A_WHILE)
    for camera in cameras:
        assert [one for one in buttons(hass) if one.startswith(camera.name)]


async def test_a_server_that_is_down_gets_few_requests_for_presets(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    cameras: list[Item],
    poll: Poll,
) -> None:
    """A large site has hundreds of such cameras."""
    simulator.faults.enable("server_error:503:path=*/ptzpresets")
    await load(hass, entry)
    await poll(A_WHILE)
    asked = [one for one in simulator.requests if "ptzPresets" in one.path]
    assert len(asked) == 2 * 3 < 2 * len(cameras)


@pytest.mark.usefixtures("loaded")
async def test_what_changes_soon_after_a_listing_is_shown_after_the_pause(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next reading of the site may be an hour later."""
    home = simulator.world.items("ptzPresets")[0]
    simulator.world.rename(home, "Start")
    await poll()
    await poll()
    assert "Garden Preset Start" not in buttons(hass)
    # The loop's own clock stands still here.
    monkeypatch.setattr(preset_button, "PAUSE", 0.0)
    await poll(FIVE_MINUTES)
    assert "Garden Preset Start" in buttons(hass)


@pytest.mark.usefixtures("loaded")
async def test_a_button_that_the_user_has_disabled_is_left_alone(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    simulator: Simulator,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Home Assistant would log a bug of the integration at each listing."""
    monkeypatch.setattr(preset_button, "PAUSE", 0.0)
    (home,) = (one for one in hass.states.async_all() if one.name.endswith(" Home"))
    entity_registry.async_update_entity(
        home.entity_id, disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.async_block_till_done()
    simulator.world.rename(simulator.world.items("ptzPresets")[0], "Start")
    await poll()
    await poll()
    assert hass.states.get(home.entity_id) is None
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_the_button_of_a_deleted_preset_is_removed_after_a_day(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also if it was deleted before the start; not while a list is empty."""
    monkeypatch.setattr(preset_button, "PAUSE", 0.0)
    home, gate, pond = simulator.world.items("ptzPresets")
    await hass.config_entries.async_unload(loaded.entry_id)
    simulator.world.remove(home)
    await load(hass, loaded)
    simulator.world.remove(gate)

    async def shown_after(absence: timedelta) -> set[str]:
        monkeypatch.setattr(preset_button, "GONE_AFTER", absence)
        simulator.world.rename(simulator.world.cameras[0], f"Renamed {absence}")
        for _ in range(3):
            await poll()
        registered = er.async_get(hass).entities.values()
        ids = {one.unique_id for one in registered if one.unique_id.endswith("_preset")}
        return {
            item.name
            for item in (home, gate, pond)
            if any(item.id in unique_id for unique_id in ids)
        }

    everything = {home.name, gate.name, pond.name}
    assert await shown_after(timedelta(hours=24)) == everything
    simulator.faults.enable("empty_lists:ptzpresets")
    assert await shown_after(timedelta()) == everything
    simulator.faults.clear()
    assert await shown_after(timedelta()) == {pond.name}
    simulator.world.add(gate)
    assert await shown_after(timedelta()) == {gate.name, pond.name}
    assert "Garden Preset Gate" in buttons(hass)
