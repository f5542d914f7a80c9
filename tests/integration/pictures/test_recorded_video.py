"""Recorded video of an event, as requested by the media browser and its dialog."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

from homeassistant.components.camera import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.xprotect_events import chosen_events
from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import Poll
from tests.integration.pictures.conftest import Happen
from tests.video.viewer import Viewer
from xprotect_simulator import Item, Options, Simulator, StoredEvent, event_ids

RECORDED = "camera.simulated_site_recorded_video"

type Ask = Callable[..., Awaitable[dict[str, Any]]]
type OpenPage = Callable[[], Awaitable[Page]]


class Page:
    """A user's page: browses media, and opens the dialog of recorded video."""

    def __init__(self, socket: MockHAClientWebSocket, entry: MockConfigEntry) -> None:
        self.socket = socket
        self._root = f"media-source://{DOMAIN}/{entry.entry_id}"

    async def browse(self, event: StoredEvent) -> dict[str, Any]:
        """Open an event; returns the reply."""
        command = "media_source/browse_media"
        path = f"{self._root}/event/{event.id}"
        await self.socket.send_json_auto_id({"type": command, "media_content_id": path})
        reply: dict[str, Any] = await self.socket.receive_json()
        return reply

    async def look(self, viewer: Viewer) -> dict[str, Any]:
        """Open the dialog; returns its first message."""
        offer = {"entity_id": RECORDED, "offer": await viewer.offer()}
        command = {"type": "camera/webrtc/offer", **offer}
        await self.socket.send_json_auto_id(command)
        assert (await self.socket.receive_json())["success"]
        assert (await self.message())["type"] == "session"
        shown = await self.message()
        if shown["type"] == "answer":
            await viewer.answer(shown["answer"])
        return shown

    async def refused(self) -> str:
        """Open the dialog; returns the error text instead of a picture."""
        async with Viewer() as viewer:
            shown = await self.look(viewer)
        assert shown["type"] == "error"
        return str(shown["message"])

    async def message(self) -> dict[str, Any]:
        """Return the dialog's next message that is not a candidate address."""
        async with asyncio.timeout(15):
            while True:
                event: dict[str, Any] = (await self.socket.receive_json())["event"]
                if event["type"] != "candidate":
                    return event


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Turn pictures and the live view on."""
    return {"delivery": "poll", "pictures": "recorders", "live_view": True}


@pytest.fixture
async def open_page(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> OpenPage:
    """Return a function that opens pages, all with one login."""
    assert await async_setup_component(hass, "media_source", {})

    async def open_one() -> Page:
        return Page(await hass_ws_client(hass), loaded)

    return open_one


@pytest.fixture
async def page(open_page: OpenPage) -> Page:
    """Return a user's page."""
    return await open_page()


async def test_an_event_is_played_from_its_moment(
    hass: HomeAssistant,
    simulator: Simulator,
    page: Page,
    happen: Happen,
    camera: Item,
    poll: Poll,
) -> None:
    """The recordings of a lost camera can be played, too."""
    await hass.config.async_set_time_zone("UTC")
    event = await happen(camera)
    await poll()
    result = (await page.browse(event))["result"]
    assert (
        result["title"] == f"Front door, {event.time:%Y-%m-%d %H:%M:%S} Motion Started"
    )
    picture, video = result["children"]
    assert (picture["title"], video["title"]) == ("Picture", "Recorded video")
    assert video["media_content_id"] == f"media-source://camera/{RECORDED}"
    async with Viewer() as viewer:
        assert (await page.look(viewer))["type"] == "answer"
        shown = [await viewer.moment() for _ in range(3)]
        assert 0 <= (shown[0] - event.time).total_seconds() < 1
        assert shown[0] < shown[1] < shown[2]
        simulator.world.emit(event_ids.COMMUNICATION_ERROR, camera)
        await poll()
        assert len(simulator.video) == 1
        simulator.faults.enable("event_server_down")
        await poll()
        await poll()
        assert "server is lost" in (await page.message())["message"]
    assert len(simulator.login_attempts) == 1


async def test_each_page_plays_the_event_that_it_has_opened(
    hass: HomeAssistant,
    simulator: Simulator,
    open_page: OpenPage,
    happen: Happen,
    monkeypatch: pytest.MonkeyPatch,
    loaded: MockConfigEntry,
) -> None:
    """Phones reconnect often; then the last event that their login opened is played."""
    monkeypatch.setattr(chosen_events, "MAX_LOGINS", 1)
    first, second = await open_page(), await open_page()
    events = [await happen(one) for one in simulator.world.cameras[:2]]
    await happen(None)
    chosen = loaded.runtime_data.chosen
    for page, event in zip((first, second), events, strict=True):
        await page.browse(event)
    connections = tuple(chosen._of_page)
    assert [chosen.find(one).event_id for one in connections] == [
        one.id for one in events
    ]
    await first.socket.close()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert chosen.find(connections[0]).event_id == events[1].id


async def test_a_dialog_closed_while_its_recording_is_sought_opens_no_session(
    hass: HomeAssistant,
    simulator: Simulator,
    page: Page,
    happen: Happen,
    camera: Item,
    loaded: MockConfigEntry,
) -> None:
    """Nothing would ever close it: it would even get each new token."""
    await page.browse(await happen(camera))
    sought, found = asyncio.Event(), asyncio.Event()

    async def of_event(*_: object) -> None:
        sought.set()
        await found.wait()

    runtime = loaded.runtime_data
    with patch.object(runtime.pictures.fetch, "of_event", of_event):
        async with Viewer() as viewer:
            command = {
                "type": "camera/webrtc/offer",
                "entity_id": RECORDED,
                "offer": await viewer.offer(),
            }
            await page.socket.send_json_auto_id(command)
            await sought.wait()
            await page.socket.close()
            await hass.async_block_till_done()
            found.set()
            await hass.async_block_till_done(wait_background_tasks=True)
    assert simulator.video.opened == 0
    assert len(runtime.views) == 0


async def test_recorded_video_needs_an_event(hass: HomeAssistant, page: Page) -> None:
    """Every user may open the dialog of its entity."""
    assert "Open one in the media browser" in await page.refused()
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, RECORDED)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("video_refused:403", "Give the role the right Playback"),
        ("video_refused:404", "needs XProtect 2023 R3"),
        ("video_refused:400", "privacy mask"),
        ("recorder_empty", "lacks the right View live or Playback"),
    ],
)
async def test_the_dialog_says_why_nothing_is_played(
    simulator: Simulator,
    page: Page,
    happen: Happen,
    camera: Item,
    poll: Poll,
    fault: str,
    sentence: str,
) -> None:
    """In the language of Home Assistant."""
    await page.browse(await happen(camera))
    for _ in range(3):
        # Too late to use the live picture for the event.
        await poll()
    simulator.faults.enable(fault)
    assert sentence in await page.refused()
    assert len(simulator.video) == 0


async def test_without_a_recording_nothing_is_played(
    simulator: Simulator, page: Page, happen: Happen, camera: Item, poll: Poll
) -> None:
    """Video of hours later would look like it."""
    event = await happen(camera)
    for _ in range(4):
        await poll()
    simulator.recorders.recordings.keep_only(camera.id, (simulator.clock.now(), None))
    await poll()
    await page.browse(event)
    assert "no recording of that moment" in await page.refused()
    assert simulator.video.opened == 0


@pytest.mark.parametrize(
    "simulator_options",
    [Options(cameras=2, recorder_port=0, product_version="23.2.1.1")],
)
async def test_an_older_gateway_is_not_asked(
    simulator: Simulator, page: Page, happen: Happen, camera: Item
) -> None:
    """It would send live video."""
    await page.browse(await happen(camera))
    assert "needs XProtect 2023 R3" in await page.refused()
    assert simulator.video.opened == 0


async def test_recordings_need_the_right_to_their_camera(
    simulator: Simulator,
    page: Page,
    happen: Happen,
    camera: Item,
    hass_admin_user: MockUser,
) -> None:
    """The entity shows video of all cameras; access to it is not enough."""
    event = await happen(camera)
    await page.browse(event)
    hass_admin_user.groups = []
    assert "may not see this camera" in await page.refused()
    hass_admin_user.mock_policy({"entities": {"entity_ids": {RECORDED: True}}})
    assert "may not see this camera" in await page.refused()
    assert not (await page.browse(event))["success"]
    assert simulator.video.opened == 0


@pytest.mark.parametrize(
    "entry_options", [{"delivery": "poll", "pictures": "recorders"}]
)
async def test_without_live_view_an_event_opens_its_picture(
    hass: HomeAssistant, page: Page, happen: Happen, camera: Item
) -> None:
    """As without video."""
    result = (await page.browse(await happen(camera)))["result"]
    assert [one["title"] for one in result["children"]] == ["Picture"]
    assert hass.states.get(RECORDED) is None
