"""A role that loses its rights while Home Assistant runs."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import Poll
from xprotect_simulator import Options, Simulator

# Seconds. The site is read every hour; tests skip every second reading.
TWO_HOURS = 7200.0
# Servers from 2024 R2 on report the user's rights.
SILENT = "forbidden:securitynamespaces,effectivepermissions"


@pytest.fixture
def simulator_options() -> Options:
    """Return a site whose tokens last for a day, which passes here within seconds."""
    return Options(cameras=10, token_life=timedelta(days=30))


def known(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, object]:
    """Return all changes by users to devices and entities."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {
        **{one.entity_id: (one.id, one.device_id) for one in entities},
        **{one.id: (one.name, one.area_id, one.via_device_id) for one in devices},
    }


def lose(simulator: Simulator, what: str) -> None:
    """Take rights from the role."""
    world = simulator.world
    kinds = ("microphones", "speakers", "inputEvents", "outputs")
    others = [item.path for kind in kinds for item in world.items(kind)]
    if what == "five of ten cameras":
        cameras = [camera.path for camera in world.cameras]
        simulator.identity.limit_sources([*cameras[:5], *others])
    elif what == "all devices":
        simulator.identity.limit_sources([])
    else:
        simulator.faults.enable("empty_lists")


@pytest.mark.parametrize("reports_rights", [True, False])
@pytest.mark.parametrize(
    ("what", "hours"),
    # Empty lists never remove items, shorter ones only after a day.
    [("five of ten cameras", 22), ("all devices", 26), ("all lists", 26)],
)
async def test_a_role_that_loses_rights_removes_no_device_area_or_entity(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
    poll: Poll,
    what: str,
    hours: int,
    *,
    reports_rights: bool,
) -> None:
    """Once, ten devices with areas and entities were removed and added again."""
    areas, registry = ar.async_get(hass), dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(registry, loaded.entry_id):
        area = areas.async_get_or_create(f"Where {device.name} is")
        registry.async_update_device(device.id, area_id=area.id)
    before = known(hass, loaded)
    if not reports_rights:
        simulator.faults.enable(SILENT)
    lose(simulator, what)
    for _ in range(0, hours, 2):
        await poll(TWO_HOURS)
    is_explained = reports_rights and what == "all devices"
    key = "cameras_hidden" if is_explained else "rights_lost"
    issue_id = f"{key}_{loaded.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert known(hass, loaded) == before
    # A user restarts it to see whether that helps.
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert known(hass, loaded) == before
    simulator.faults.disable("empty_lists")
    simulator.identity.limit_sources(None)
    await poll(TWO_HOURS)
    assert known(hass, loaded) == before
    assert not ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
