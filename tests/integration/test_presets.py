"""PTZ presets as buttons, with their option."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import (
    async_remove_config_entry_device,
    preset_button,
)
from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import A_WHILE, DeviceOf, Poll
from tests.integration.entries import load, reload
from xprotect_simulator import Item, Options, Simulator, event_ids
from xprotect_simulator.site.security import PTZ

AN_HOUR = 3700.0
WANTED = {"delivery": "poll", "ptz_presets": True}

type ButtonOf = Callable[[Item], str | None]


@pytest.fixture
def simulator_options() -> Options:
    """Return a site whose tokens last for hours, which pass here within seconds."""
    return Options(token_life=timedelta(days=30))


@pytest.fixture
def presets(simulator: Simulator) -> tuple[Item, ...]:
    """Return the presets of the one camera that can be turned."""
    return simulator.world.items("ptzPresets")


@pytest.fixture
def button_of(entity_registry: er.EntityRegistry, simulator: Simulator) -> ButtonOf:
    """Return a function that finds the button of a preset."""

    def find(preset: Item) -> str | None:
        camera = (preset.parent or "").partition("/")[2]
        return entity_registry.async_get_entity_id(
            Platform.BUTTON,
            DOMAIN,
            f"{simulator.world.site.id}_{camera}_{preset.id}_preset",
        )

    return find


async def press(hass: HomeAssistant, button: str | None) -> None:
    """Press a button, like a user."""
    target = {ATTR_ENTITY_ID: button}
    await hass.services.async_call(Platform.BUTTON, "press", target, blocking=True)


@pytest.mark.usefixtures("loaded")
async def test_without_the_option_presets_are_neither_read_nor_used(
    simulator: Simulator, presets: tuple[Item, ...], button_of: ButtonOf
) -> None:
    """A camera that is turned away does not record the scene."""
    assert [button_of(one) for one in presets] == [None] * 3
    assert not any("ptzPresets" in one.path for one in simulator.requests)


@pytest.mark.parametrize("entry_options", [WANTED], ids=str)
@pytest.mark.usefixtures("loaded")
async def test_a_press_moves_the_camera_in_xprotect(
    hass: HomeAssistant,
    simulator: Simulator,
    presets: tuple[Item, ...],
    button_of: ButtonOf,
) -> None:
    """Only presets of PTZ cameras are requested."""
    asked = {one.path for one in simulator.requests if "ptzPresets" in one.path}
    assert len(asked) == 1
    gate = next(one for one in presets if one.name == "Gate")
    button = button_of(gate)
    state = hass.states.get(button or "")
    assert state is not None
    assert state.name == "Garden Preset Gate"
    await press(hass, button)
    camera = gate.parent or ""
    assert simulator.world.ptz_positions == {camera: gate.path}
    reported = [one.type for one in simulator.world.ledger.happened[-2:]]
    assert reported == [event_ids.PTZ_SESSION_STARTED, event_ids.PTZ_SESSION_STOPPED]
    simulator.faults.enable("recorder_silent:504")
    with pytest.raises(HomeAssistantError) as refusal:
        await press(hass, button)
    assert refusal.value.translation_key == "recorder_silent"


@pytest.mark.parametrize("entry_options", [WANTED], ids=str)
@pytest.mark.usefixtures("loaded")
async def test_presets_are_added_removed_and_renamed_without_a_reload(
    hass: HomeAssistant,
    simulator: Simulator,
    presets: tuple[Item, ...],
    button_of: ButtonOf,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unlisted presets are unavailable, and return with the user's changes."""
    monkeypatch.setattr(preset_button, "PAUSE", 0.0)
    world = simulator.world
    home, gate, _ = presets
    world.rename(home, "Start")
    world.remove(gate)
    await poll(AN_HOUR)
    states = [hass.states.get(button_of(one) or "") for one in (home, gate)]
    assert [one and one.name for one in states] == [
        "Garden Preset Start",
        "Garden Preset Gate",
    ]
    assert [one and one.state == STATE_UNAVAILABLE for one in states] == [False, True]
    simulator.faults.enable("forbidden:cameras")
    world.add(gate)
    await poll(AN_HOUR)
    simulator.faults.clear()
    await poll(AN_HOUR)
    await poll(AN_HOUR)
    state = hass.states.get(button_of(gate) or "")
    assert state is not None
    assert state.state != STATE_UNAVAILABLE


@pytest.mark.parametrize("entry_options", [WANTED], ids=str)
async def test_presets_that_cannot_be_listed_at_the_start_come_soon(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    presets: tuple[Item, ...],
    button_of: ButtonOf,
    poll: Poll,
) -> None:
    """The lists of the site are read again only an hour later."""
    simulator.faults.enable("server_error:503:path=*/ptzpresets")
    await load(hass, entry)
    assert [button_of(one) for one in presets] == [None] * 3
    simulator.faults.clear()
    await poll(A_WHILE)
    assert None not in [button_of(one) for one in presets]


@pytest.mark.parametrize("entry_options", [WANTED], ids=str)
async def test_presets_return_with_a_camera_whose_device_was_deleted(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
    presets: tuple[Item, ...],
    button_of: ButtonOf,
    device_of: DeviceOf,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a reload, like its other entities."""
    monkeypatch.setattr(preset_button, "PAUSE", 0.0)
    camera = simulator.world.inventory.get(presets[0].parent or "")
    simulator.faults.enable(f"source_disappears:{camera.path}")
    await poll(AN_HOUR)
    device = device_of(camera)
    assert await async_remove_config_entry_device(hass, loaded, device)
    dr.async_get(hass).async_remove_device(device.id)
    await hass.async_block_till_done()
    assert button_of(presets[0]) is None
    simulator.faults.clear()
    await poll(AN_HOUR)
    await poll(AN_HOUR)
    state = hass.states.get(button_of(presets[0]) or "")
    assert state is not None
    assert state.state != STATE_UNAVAILABLE


@pytest.mark.parametrize("entry_options", [WANTED], ids=str)
async def test_a_missing_right_is_reported_and_switching_the_option_off_removes_all(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
    presets: tuple[Item, ...],
    button_of: ButtonOf,
    poll: Poll,
) -> None:
    """By a repair, and by an error of a press."""
    issue = f"ptz_forbidden_{loaded.entry_id}"
    assert not ir.async_get(hass).async_get_issue(DOMAIN, issue)
    simulator.identity.deny("cameras", PTZ)
    await poll(AN_HOUR)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
    with pytest.raises(HomeAssistantError) as refusal:
        await press(hass, button_of(presets[0]))
    assert refusal.value.translation_key == "permission_denied"
    hass.config_entries.async_update_entry(loaded, options={"delivery": "poll"})
    await reload(hass, loaded)
    assert button_of(presets[0]) is None
    assert not ir.async_get(hass).async_get_issue(DOMAIN, issue)


@pytest.mark.parametrize("entry_options", [WANTED], ids=str)
@pytest.mark.usefixtures("loaded")
async def test_presets_of_a_camera_without_ptz_are_unavailable(
    hass: HomeAssistant,
    simulator: Simulator,
    presets: tuple[Item, ...],
    button_of: ButtonOf,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A press could only fail."""
    monkeypatch.setattr(preset_button, "PAUSE", 0.0)
    world = simulator.world
    camera = world.inventory.get(presets[0].parent or "")

    async def set_ptz(*, is_on: bool) -> set[bool]:
        world.inventory.put(replace(camera, extra={**camera.extra, "ptz": is_on}))
        world.rename(camera.path, f"Camera {is_on}")
        await poll(AN_HOUR)
        states = [hass.states.get(button_of(one) or "") for one in presets]
        return {one is None or one.state == STATE_UNAVAILABLE for one in states}

    assert await set_ptz(is_on=False) == {True}
    assert await set_ptz(is_on=True) == {False}
