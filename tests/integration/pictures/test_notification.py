"""The blueprint *Notification of events* with pictures."""

from pathlib import Path

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.architecture.sources import ROOT
from tests.integration.pictures.conftest import Happen, check
from xprotect_simulator import Item, event_ids
from xprotect_simulator.recorders.listeners import Recorder


@pytest.fixture
async def phone(
    hass: HomeAssistant, loaded: MockConfigEntry, tmp_path: Path
) -> list[ServiceCall]:
    """Make the automation for a phone with the app; return what the phone gets."""
    app = MockConfigEntry(domain="mobile_app", title="Ann's phone")
    app.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=app.entry_id,
        identifiers={("mobile_app", "1")},
        name="Ann's phone",
    )
    calls = async_mock_service(hass, "notify", "mobile_app_ann_s_phone")
    (tmp_path / "blueprints").symlink_to(ROOT / "blueprints", target_is_directory=True)
    hass.config.config_dir = str(tmp_path)
    await async_process_ha_core_config(hass, {"external_url": "https://home.example"})
    assert await async_setup_component(hass, "persistent_notification", {})
    use = {
        "path": "xprotect_events/event_notification.yaml",
        "input": {
            "event_types": [event_ids.MOTION_STARTED, "Gate open"],
            "phones": [device.id],
        },
    }
    config = {"automation": {"alias": "Made", "use_blueprint": use}}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    assert loaded.runtime_data
    return calls


def shown(hass: HomeAssistant) -> str:
    """Return the notification in Home Assistant."""
    (only,) = persistent_notification._async_get_or_create_notifications(hass).values()
    return only["message"]


async def test_the_phone_gets_the_path_and_others_a_link(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    phone: list[ServiceCall],
    happen: Happen,
    recorder: Recorder,
    camera: Item,
) -> None:
    """It is told at once: nothing is fetched before somebody looks."""
    await http_client()
    event = await happen(camera)
    (call,) = phone
    assert call.data["title"] == "Front door: Motion Started"
    assert call.data["data"] == {"image": happen.path_of(event)}
    assert not recorder.ledger.calls
    link = shown(hass).rpartition("](")[2].rstrip(")")
    stranger = await hass_client_no_auth()
    picture = await stranger.get(link.removeprefix("https://home.example"))
    check(await picture.read(), event, camera)


async def test_what_has_no_picture_is_told_all_the_same(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    phone: list[ServiceCall],
    happen: Happen,
) -> None:
    """A user-defined event is of no camera."""
    await http_client()
    await happen(None, happen.simulator.world.named("Gate open").id)
    (call,) = phone
    assert not call.data["data"]
    assert "![" not in shown(hass)
