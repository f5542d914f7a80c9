"""Two sites whose cameras have the same names: each shows its own."""

from collections.abc import AsyncIterator
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import Poll
from tests.integration.entries import load
from tests.video.viewer import Viewer
from xprotect_simulator import Item, Options, Simulator, event_ids


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Turn pictures and the live view on."""
    return {"delivery": "poll", "pictures": "recorders", "live_view": True}


@pytest.fixture
async def other(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> AsyncIterator[tuple[Simulator, MockConfigEntry]]:
    """Return a second site with the same names as the first, and its entry."""
    options = Options(cameras=4, recorders=2, recorder_port=0, seed=7)
    async with Simulator(options, clock=simulator.clock) as site:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=loaded.title,
            unique_id=site.world.site.id,
            data={**loaded.data, "url": site.url},
            options=loaded.options,
        )
        entry.add_to_hass(hass)
        await load(hass, entry)
        yield site, entry
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def page(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    """Return the connection of a user's page."""
    assert await async_setup_component(hass, "media_source", {})
    return await hass_ws_client(hass)


async def look(
    page: MockHAClientWebSocket, viewer: Viewer, entity_id: str
) -> dict[str, Any]:
    """Open the dialog of a camera; return its first message."""
    offer = {"entity_id": entity_id, "offer": await viewer.offer()}
    await page.send_json_auto_id({"type": "camera/webrtc/offer", **offer})
    shown = await message_of(page, "answer", "error")
    if shown["type"] == "answer":
        await viewer.answer(shown["answer"])
        await viewer.picture()
    return shown


async def message_of(page: MockHAClientWebSocket, *types: str) -> dict[str, Any]:
    """Return a dialog's next message of these types."""
    while True:
        event: dict[str, Any] = (await page.receive_json()).get("event", {})
        if event.get("type") in types:
            return event


def camera_entity(registry: er.EntityRegistry, site: Simulator, camera: Item) -> str:
    """Return the camera entity of a camera."""
    unique_id = f"{site.world.site.id}_{camera.id}_camera"
    found = registry.async_get_entity_id(Platform.CAMERA, DOMAIN, unique_id)
    assert found is not None
    return found


async def test_cameras_of_the_same_name_show_their_own_video(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    other: tuple[Simulator, MockConfigEntry],
    entity_registry: er.EntityRegistry,
    page: MockHAClientWebSocket,
    poll: Poll,
) -> None:
    """An outage of one site, or of its entry, does not affect views of the other."""
    second, _ = other
    mine, theirs = (site.world.cameras[0] for site in (simulator, second))
    assert mine.name == theirs.name
    mine_id = camera_entity(entity_registry, simulator, mine)
    theirs_id = camera_entity(entity_registry, second, theirs)
    assert mine_id != theirs_id
    async with Viewer() as viewer, Viewer() as viewer_of_other:
        await look(page, viewer, mine_id)
        assert (len(simulator.video), len(second.video)) == (1, 0)
        await look(page, viewer_of_other, theirs_id)
        assert (len(simulator.video), len(second.video)) == (1, 1)
        simulator.world.emit(event_ids.COMMUNICATION_ERROR, mine)
        await poll()
        assert "this camera" in (await message_of(page, "error"))["message"]
        assert (len(simulator.video), len(second.video)) == (0, 1)
        await hass.config_entries.async_unload(loaded.entry_id)
        assert len(second.video) == 1
        await viewer_of_other.picture()


async def test_recorded_video_is_that_of_the_site_whose_event_was_opened(
    simulator: Simulator,
    other: tuple[Simulator, MockConfigEntry],
    entity_registry: er.EntityRegistry,
    page: MockHAClientWebSocket,
    poll: Poll,
) -> None:
    """Each site has a separate entity for it, and both have the same name."""
    second, entry = other
    event = second.world.emit(event_ids.MOTION_STARTED, second.world.cameras[0])
    await poll()
    path = f"media-source://{DOMAIN}/{entry.entry_id}/event/{event.id}"
    command = {"type": "media_source/browse_media", "media_content_id": path}
    await page.send_json_auto_id(command)
    _, video = (await page.receive_json())["result"]["children"]
    entity_id = video["media_content_id"].removeprefix("media-source://camera/")
    entity = entity_registry.async_get(entity_id)
    assert entity is not None
    assert entity.config_entry_id == entry.entry_id
    async with Viewer() as viewer:
        await look(page, viewer, entity_id)
    assert (simulator.video.opened, second.video.opened) == (0, 1)
    # The page has not opened an event of the first site.
    (first,) = (
        one.entity_id
        for one in entity_registry.entities.values()
        if one.unique_id == f"{simulator.world.site.id}_recorded_video"
    )
    async with Viewer() as viewer:
        assert "Open one" in (await look(page, viewer, first))["message"]
