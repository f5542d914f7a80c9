"""The live view of a camera, as Home Assistant's own dialog opens it."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
)

from custom_components.xprotect_events import live_view
from tests.integration.conftest import Poll
from tests.integration.live_view.conftest import Look, message
from tests.video.viewer import Viewer
from xprotect_simulator import Item, Simulator, event_ids

pytestmark = pytest.mark.usefixtures("loaded")


async def test_a_dialog_shows_the_camera(simulator: Simulator, look: Look) -> None:
    """The video comes from XProtect; Home Assistant only passes on two texts."""
    async with Viewer() as viewer:
        assert (await look(viewer))["type"] == "answer"
        await viewer.picture()
    assert len(simulator.login_attempts) == 1


async def test_there_is_no_stream_through_home_assistant(
    page: MockHAClientWebSocket, entity_id: str
) -> None:
    """A stream through Home Assistant would need a password in its address."""
    await page.send_json_auto_id(
        {"type": "camera/capabilities", "entity_id": entity_id}
    )
    reply = await page.receive_json()
    assert reply["result"]["frontend_stream_types"] == ["web_rtc"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("video_h265", "does not send H.264"),
        ("video_refused:403", "Give the role the right View live"),
        ("video_refused:404", "needs XProtect 2023 R1"),
        ("video_refused:400", "privacy mask"),
        ("video_refused:502", "could not be opened"),
    ],
)
async def test_a_dialog_says_why_there_is_no_picture(
    simulator: Simulator, look: Look, fault: str, sentence: str
) -> None:
    """A black picture does not show its cause."""
    simulator.faults.enable(fault)
    async with Viewer() as viewer:
        shown = await look(viewer)
    assert shown["type"] == "error"
    assert sentence in shown["message"]
    assert len(simulator.video) == 0


@pytest.mark.parametrize("language", ["de"])
async def test_the_sentence_is_in_the_language_of_home_assistant(
    hass: HomeAssistant, simulator: Simulator, look: Look, language: str
) -> None:
    """The users of the page read it."""
    hass.config.language = language
    simulator.faults.enable("video_h265")
    async with Viewer() as viewer:
        shown = await look(viewer)
    assert "sendet kein H.264" in shown["message"]


async def test_a_lost_camera_closes_the_picture(
    simulator: Simulator,
    camera: Item,
    look: Look,
    page: MockHAClientWebSocket,
    poll: Poll,
) -> None:
    """It would freeze, and look like a quiet street."""
    async with Viewer() as viewer:
        await look(viewer)
        simulator.world.emit(event_ids.COMMUNICATION_ERROR, camera)
        await poll()
        assert "lost the connection to this camera" in (await message(page))["message"]
    assert len(simulator.video) == 0


async def test_a_camera_that_is_disabled_closes_the_picture(
    simulator: Simulator,
    camera: Item,
    look: Look,
    page: MockHAClientWebSocket,
    loaded: MockConfigEntry,
) -> None:
    """XProtect sends no event then, and its recording server no more pictures."""
    async with Viewer() as viewer:
        await look(viewer)
        simulator.world.disable(camera)
        await loaded.runtime_data.inventory.async_refresh()
        assert "lost the connection to this camera" in (await message(page))["message"]
    assert len(simulator.video) == 0


async def test_a_lost_server_closes_the_picture(
    simulator: Simulator, look: Look, page: MockHAClientWebSocket, poll: Poll
) -> None:
    """From then on the cameras' pictures are unknown."""
    async with Viewer() as viewer:
        await look(viewer)
        simulator.faults.enable("event_server_down")
        await poll()
        await poll()
        assert "server is lost" in (await message(page))["message"]


async def test_a_closed_dialog_ends_its_session(
    hass: HomeAssistant, simulator: Simulator, look: Look, page: MockHAClientWebSocket
) -> None:
    """A gateway supports a limited number of sessions."""
    async with Viewer() as viewer:
        await look(viewer)
        assert len(simulator.video) == 1
        await page.close()
        await hass.async_block_till_done(wait_background_tasks=True)
        assert len(simulator.video) == 0


async def test_unloading_ends_all_sessions(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, look: Look
) -> None:
    """A disabled entry shows no video."""
    async with Viewer() as viewer:
        await look(viewer)
        assert await hass.config_entries.async_unload(loaded.entry_id)
        assert len(simulator.video) == 0


async def test_the_number_of_viewers_of_a_camera_is_limited(
    simulator: Simulator, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each costs the gateway a stream."""
    monkeypatch.setattr(live_view, "MAX_VIEWS_OF_CAMERA", 1)
    async with Viewer() as first, Viewer() as second:
        assert (await look(first))["type"] == "answer"
        shown = await look(second)
    assert "Too many people" in shown["message"]
    assert len(simulator.video) == 1


@pytest.mark.parametrize("entry_options", [{"delivery": "poll"}])
async def test_without_the_option_there_are_no_cameras(
    hass: HomeAssistant,
) -> None:
    """The view is experimental, and costs nothing unless it is chosen."""
    assert not hass.states.async_entity_ids(Platform.CAMERA)
    assert "camera" not in hass.config.components
