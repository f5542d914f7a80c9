"""The blueprint *Notification of events* with pictures."""

from collections.abc import Awaitable, Callable
from pathlib import Path
import re
from typing import override

from homeassistant.components import persistent_notification
from homeassistant.components.media_source import async_browse_media
from homeassistant.components.notify import NotifyEntity
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockEntityPlatform,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.architecture.sources import ROOT
from tests.integration.pictures.conftest import Happen, check
from xprotect_simulator import Item, event_ids
from xprotect_simulator.recorders.listeners import Recorder

type Automate = Callable[..., Awaitable[None]]


class Phone(NotifyEntity):
    """The notify entity of a phone, which accepts a text and a title."""

    def __init__(self, number: int, name: str) -> None:
        self._attr_unique_id = str(number)
        self._attr_name = name
        self._attr_device_info = DeviceInfo(
            identifiers={("mobile_app", str(number))}, name=name
        )
        self.messages: list[str] = []

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        self.messages.append(message)


@pytest.fixture
async def phones(hass: HomeAssistant) -> dict[str, Phone]:
    """Return phones with the app, by their entities; two have the same name."""
    assert await async_setup_component(hass, "notify", {})
    names = ("Ann's phone", "Bob", "Bob", "Élodie  (new)")
    phones = [Phone(number, name) for number, name in enumerate(names)]
    app = MockConfigEntry(domain="mobile_app")
    app.add_to_hass(hass)
    platform = MockEntityPlatform(hass, domain="notify", platform_name="mobile_app")
    platform.config_entry = app
    await platform.async_add_entities(phones)
    return {one.entity_id: one for one in phones}


@pytest.fixture
async def automate(
    hass: HomeAssistant, loaded: MockConfigEntry, tmp_path: Path
) -> Automate:
    """Return a function that creates the automation."""
    (tmp_path / "blueprints").symlink_to(ROOT / "blueprints", target_is_directory=True)
    hass.config.config_dir = str(tmp_path)
    await async_process_ha_core_config(hass, {"external_url": "https://home.example"})
    assert await async_setup_component(hass, "persistent_notification", {})
    assert await async_setup_component(hass, "media_source", {})
    assert loaded.runtime_data

    async def make(**inputs: object) -> None:
        chosen = {"event_types": [event_ids.MOTION_STARTED, "Gate open"], **inputs}
        use = {
            "path": "xprotect_events/event_notification.yaml",
            "input": chosen,
        }
        config = {"automation": {"alias": "Made", "use_blueprint": use}}
        assert await async_setup_component(hass, "automation", config)
        await hass.async_block_till_done()

    return make


def shown(hass: HomeAssistant) -> str:
    """Return the notification in Home Assistant."""
    (only,) = persistent_notification._async_get_or_create_notifications(hass).values()
    return only["message"]


def page_of(message: str) -> str:
    """Return the address of the link in a notification."""
    return message.rpartition("](")[2].rstrip(")")


async def opened(hass: HomeAssistant, page: str) -> str:
    """Return the thumbnail that the frontend shows at a page's address."""
    kind, _, media = URL(page).parts[-1].partition(",")
    assert page.startswith("/media-browser/browser/")
    assert kind == "image"
    (picture,) = (await async_browse_media(hass, media)).children or ()
    assert picture.thumbnail is not None
    return picture.thumbnail


async def test_phones_get_the_picture_and_others_the_text(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    phones: dict[str, Phone],
    automate: Automate,
    happen: Happen,
    recorder: Recorder,
    camera: Item,
) -> None:
    """Nothing is fetched before; phones that share a name get the text."""
    await http_client()
    ann = async_mock_service(hass, "notify", "mobile_app_ann_s_phone")
    bob = async_mock_service(hass, "notify", "mobile_app_bob")
    elodie = async_mock_service(hass, "notify", "mobile_app_elodie_new")
    await automate(notify_entities=list(phones))
    event = await happen(camera)
    for (call,) in (ann, elodie):
        assert call.data["title"] == "Front door: Motion Started"
        assert call.data["data"]["image"] == happen.path_of(event)
        page = call.data["data"]["clickAction"]
        assert await opened(hass, page) == happen.path_of(event)
    assert not bob
    assert [len(one.messages) for one in phones.values()] == [0, 1, 1, 0]
    assert not recorder.ledger.calls


async def test_in_home_assistant_a_link_without_a_secret_opens_the_picture(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    automate: Automate,
    happen: Happen,
    camera: Item,
) -> None:
    """All users see notifications, but only some may see the camera."""
    client = await http_client()
    done = async_mock_service(hass, "test", "act")
    act = {"action": "test.act", "data": {"url": "{{ picture.url }}"}}
    await automate(picture_text="Look", more_actions=[act])
    event = await happen(camera)
    message = shown(hass)
    assert "[Look](/media-browser/" in message
    assert "authSig" not in message
    thumbnail = await opened(hass, page_of(message))
    check(await (await client.get(thumbnail)).read(), event, camera)
    assert [call.data["url"] for call in done] == [""]


async def test_a_link_can_show_the_picture_to_everybody(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    automate: Automate,
    happen: Happen,
    camera: Item,
) -> None:
    """Messengers need such a link, and the notification shows the picture itself."""
    await http_client()
    done = async_mock_service(hass, "test", "act")
    act = {"action": "test.act", "data": {"url": "{{ picture.url }}"}}
    await automate(signed_link=True, more_actions=[act])
    event = await happen(camera)
    message = shown(hass)
    found = re.search(r"\[!\[Show the picture\]\((\S+)\)\]\(/media-browser/", message)
    assert found is not None
    assert [call.data["url"] for call in done] == [f"https://home.example{found[1]}"]
    stranger = await hass_client_no_auth()
    picture = await stranger.get(found[1])
    check(await picture.read(), event, camera)


@pytest.mark.parametrize("signed_link", [False, True])
async def test_an_event_without_a_picture_sends_a_text(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    phones: dict[str, Phone],
    automate: Automate,
    happen: Happen,
    signed_link: bool,
) -> None:
    """A user-defined event has no camera; then a plain notification is sent."""
    await http_client()
    await automate(notify_entities=list(phones), signed_link=signed_link)
    await happen(None, happen.simulator.world.named("Gate open").id)
    assert [len(one.messages) for one in phones.values()] == [1, 1, 1, 1]
    assert "](" not in shown(hass)


async def test_a_phone_that_fails_does_not_affect_the_others(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    phones: dict[str, Phone],
    automate: Automate,
    happen: Happen,
    camera: Item,
) -> None:
    """One phone is off, and the app of another is not loaded."""
    await http_client()
    async_mock_service(
        hass,
        "notify",
        "mobile_app_ann_s_phone",
        raise_exception=HomeAssistantError("Off"),
    )
    elodie = async_mock_service(hass, "notify", "mobile_app_elodie_new")
    done = async_mock_service(hass, "test", "act")
    _, bob, _, _ = phones
    hass.states.async_set(bob, "unavailable")
    more = [{"action": "test.act"}]
    await automate(notify_entities=list(phones), more_actions=more)
    await happen(camera)
    assert len(elodie) == len(done) == 1
