"""The option Live view enables cameras that Pictures alone has disabled."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import entity_budget
from custom_components.xprotect_events.const import DOMAIN
from tests.integration.entries import load, reload
from xprotect_simulator import Simulator


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Turn pictures on, and no live view."""
    return {"delivery": "poll", "pictures": "gateway"}


async def test_live_view_enables_all_cameras_but_those_disabled_by_the_user(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    simulator: Simulator,
) -> None:
    """Without an action of the user."""
    ids = [
        entity_registry.async_get_entity_id(
            Platform.CAMERA, DOMAIN, f"{simulator.world.site.id}_{one.id}_camera"
        )
        for one in simulator.world.cameras
    ]
    first, *others = (one or "" for one in ids)
    assert hass.states.get(others[0]) is None
    by_user = er.RegistryEntryDisabler.USER
    entity_registry.async_update_entity(first, disabled_by=by_user)
    options = {**loaded.options, "live_view": True}
    hass.config_entries.async_update_entry(loaded, options=options)
    await reload(hass, loaded)
    assert hass.states.get(first) is None
    assert all(hass.states.get(one) for one in others)


async def test_new_cameras_stay_disabled_if_new_entities_are(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: Simulator
) -> None:
    """Home Assistant's own setting applies, even after a reload."""
    options = {**entry.options, "live_view": True}
    hass.config_entries.async_update_entry(
        entry, options=options, pref_disable_new_entities=True
    )
    await load(hass, entry)
    assert simulator.world.cameras
    assert not hass.states.async_entity_ids(Platform.CAMERA)
    await reload(hass, entry)
    assert not hass.states.async_entity_ids(Platform.CAMERA)


async def test_cameras_beyond_the_budget_stay_disabled(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At Home Assistant's limit a new camera would get no entity at all."""
    registered = er.async_entries_for_config_entry(entity_registry, loaded.entry_id)
    enabled = sum(not one.disabled for one in registered)
    cameras = len(simulator.world.cameras)
    options = {**loaded.options, "live_view": True}
    hass.config_entries.async_update_entry(loaded, options=options)
    for room, shown in ((cameras - 1, 0), (cameras, cameras)):
        monkeypatch.setattr(entity_budget, "BUDGET", enabled + room)
        await reload(hass, loaded)
        live = hass.states.async_entity_ids(Platform.CAMERA)
        assert len([one for one in live if "recorded" not in one]) == shown


@pytest.mark.parametrize("off", [{"live_view": False}, {"pictures": "off"}], ids=str)
async def test_recorded_video_is_removed_without_either_option(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    simulator: Simulator,
    off: dict[str, object],
) -> None:
    """It needs both options, and is removed without them."""

    def recorded_video() -> str | None:
        return entity_registry.async_get_entity_id(
            Platform.CAMERA, DOMAIN, f"{simulator.world.site.id}_recorded_video"
        )

    options = {**entry.options, "live_view": True}
    hass.config_entries.async_update_entry(entry, options=options)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert recorded_video()
    hass.config_entries.async_update_entry(entry, options={**options, **off})
    await reload(hass, entry)
    assert not recorded_video()
