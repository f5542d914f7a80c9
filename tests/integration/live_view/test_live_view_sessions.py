"""Sessions of the live view end with their dialog, and vice versa."""

import asyncio
import math
from unittest.mock import AsyncMock, patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
)

from custom_components.xprotect_events import live_view
from custom_components.xprotect_events.api import LiveVideo, Source, VideoSession
from custom_components.xprotect_events.api.auth import Authenticator
from custom_components.xprotect_events.api.token import Token
from custom_components.xprotect_events.live_view import Footage, LiveViews
from tests.integration.conftest import Poll
from tests.integration.live_view.conftest import Look, Page, message
from tests.video.viewer import Viewer
from xprotect_simulator import Item, ManualClock, Simulator
from xprotect_simulator.sign_in.users import Principal

pytestmark = pytest.mark.usefixtures("loaded")


def another_token(simulator: Simulator) -> Token:
    """Return a valid token that is not in use."""
    return Token(
        access_token=simulator.identity.issue(Principal()),
        given_at=0,
        renew_at=math.inf,
        expires_at=math.inf,
    )


async def test_a_session_gets_the_next_token(
    simulator: Simulator, look: Look, poll: Poll
) -> None:
    """The gateway ends a session together with the token that opened it."""
    async with Viewer() as viewer:
        await look(viewer)
        token = another_token(simulator)
        simulator.requests.clear()
        with patch.object(Authenticator, "token", AsyncMock(return_value=token)):
            await poll(61)
            await poll(61)
        assert len(simulator.video) == 1
    methods = [request.method for request in simulator.requests]
    assert methods.count("PATCH") == 1


async def test_addresses_that_come_later_are_passed_on_once(
    hass: HomeAssistant, simulator: Simulator, camera: Item, views: LiveViews
) -> None:
    """Gateways make their offer before they know all their addresses."""
    simulator.faults.enable("video_late_candidates")
    shown = Page()
    async with Viewer() as viewer:
        source = Source.parse(camera.path)
        await views.open(Footage(source), "1", await viewer.offer(), shown)
        await hass.async_block_till_done(wait_background_tasks=True)
        (answer,) = shown.received
        assert "candidate" not in answer
        assert len(shown.addresses) == len(set(shown.addresses)) > 0
        await viewer.answer(answer)
        for line, mid in shown.addresses:
            await viewer.add_candidate(line, mid)
        await viewer.picture()
    views.close("1")
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_addresses_of_a_refused_data_channel_are_not_passed_on(
    hass: HomeAssistant, simulator: Simulator, camera: Item, views: LiveViews
) -> None:
    """The browser would connect to it, and show nothing."""
    simulator.faults.enable("video_data_channel:own")
    shown = Page()
    async with Viewer() as viewer:
        source = Source.parse(camera.path)
        await views.open(Footage(source), "1", await viewer.offer(), shown)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert "candidate" in shown.received[0]
    assert shown.addresses == []
    views.close("1")
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_a_failed_request_for_addresses_is_repeated(
    hass: HomeAssistant, simulator: Simulator, camera: Item, views: LiveViews
) -> None:
    """The picture would stay black otherwise, without a reason."""
    simulator.faults.enable("video_late_candidates")
    simulator.faults.enable("server_error:500:path=*/icecandidates/*:count=2")
    shown = Page()
    async with Viewer() as viewer:
        source = Source.parse(camera.path)
        await views.open(Footage(source), "1", await viewer.offer(), shown)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert shown.addresses
    views.close("1")
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_a_dialog_closed_too_early_leaves_no_session(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: ManualClock,
    camera: Item,
    views: LiveViews,
) -> None:
    """The user opens another camera before the gateway has answered."""
    simulator.faults.enable("video_hangs:5")
    shown = Page()
    async with Viewer() as viewer:
        offer = await viewer.offer()
        opening = hass.async_create_task(
            views.open(Footage(Source.parse(camera.path)), "1", offer, shown)
        )
        await asyncio.sleep(0)
        views.close("1")
        while not opening.done():
            await clock.advance(1)
    assert shown.received == []
    assert len(views) == 0
    assert len(simulator.video) == 0


async def test_a_session_that_the_gateway_has_ended_closes_the_picture(
    hass: HomeAssistant,
    simulator: Simulator,
    look: Look,
    page: MockHAClientWebSocket,
    views: LiveViews,
    poll: Poll,
) -> None:
    """A browser does not notice: the picture would freeze for ever."""
    async with Viewer() as viewer:
        await look(viewer)
        await hass.async_block_till_done(wait_background_tasks=True)
        simulator.faults.enable("server_error:500:path=*/webrtc/*")
        await poll(16)
        simulator.faults.clear()
        assert len(views) == 1
        simulator.faults.enable("video_killed")
        await poll(16)
        assert "This video has ended" in (await message(page))["message"]
    assert len(views) == 0
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_a_session_that_ends_while_the_browser_connects_is_noticed_at_once(
    simulator: Simulator,
    look: Look,
    page: MockHAClientWebSocket,
    views: LiveViews,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next request for candidates shows it, without the timer."""
    monkeypatch.setattr(live_view, "CANDIDATES_EVERY", 0.05)
    async with Viewer() as viewer:
        await look(viewer)
        simulator.faults.enable("video_killed")
        assert "This video has ended" in (await message(page))["message"]
    assert len(views) == 0


async def test_a_gateway_that_forgets_candidates_ends_nothing(
    simulator: Simulator, look: Look, views: LiveViews, poll: Poll
) -> None:
    """It is unknown how long real gateways keep them."""
    async with Viewer() as viewer:
        await look(viewer)
        simulator.faults.enable("gateway_missing:path=*/icecandidates/*")
        await poll(16)
        await poll(16)
        assert len(views) == 1
        simulator.faults.clear()


async def test_a_reload_closes_the_picture(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    look: Look,
    page: MockHAClientWebSocket,
) -> None:
    """It can be opened again."""
    async with Viewer() as viewer, Viewer() as again:
        await look(viewer)
        assert await hass.config_entries.async_reload(loaded.entry_id)
        assert "This video has ended" in (await message(page))["message"]
        assert len(simulator.video) == 0
        assert (await look(again))["type"] == "answer"


async def test_a_dialog_closed_just_before_a_reload_leaves_no_session(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    camera: Item,
    views: LiveViews,
) -> None:
    """Home Assistant cancels the entry's background tasks."""
    close = LiveVideo.close

    async def close_late(video: LiveVideo, session: VideoSession) -> None:
        # As with a connection that has to be made first.
        await asyncio.sleep(0)
        await close(video, session)

    async with Viewer() as viewer:
        footage = Footage(Source.parse(camera.path))
        await views.open(footage, "1", await viewer.offer(), Page())
        assert len(simulator.video) == 1
        with patch.object(LiveVideo, "close", close_late):
            views.close("1")
            assert await hass.config_entries.async_reload(loaded.entry_id)
    assert len(simulator.video) == 0


async def test_a_request_that_is_cancelled_leaves_no_session(
    hass: HomeAssistant, simulator: Simulator, camera: Item, views: LiveViews
) -> None:
    """As when Home Assistant stops while the gateway takes the answer."""
    asked = asyncio.Event()

    async def answer(*_: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    with patch.object(LiveVideo, "answer", answer):
        async with Viewer() as viewer:
            footage = Footage(Source.parse(camera.path))
            opening = hass.async_create_task(
                views.open(footage, "1", await viewer.offer(), Page())
            )
            await asked.wait()
            opening.cancel()
            await asyncio.wait([opening])
    assert opening.cancelled()
    assert simulator.video.opened == 1
    assert len(simulator.video) == 0


# Home Assistant's own connection to the page leaves one.
@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_a_stop_of_home_assistant_closes_the_picture(
    hass: HomeAssistant, simulator: Simulator, look: Look, page: MockHAClientWebSocket
) -> None:
    """The page would send its old offer again afterwards, and ignore the answer."""
    async with Viewer() as viewer:
        await look(viewer)
        await hass.async_stop()
        assert "This video has ended" in (await message(page))["message"]
    assert len(simulator.video) == 0


async def test_a_page_that_has_reconnected_learns_that_its_video_has_ended(
    hass: HomeAssistant,
    simulator: Simulator,
    camera: Item,
    views: LiveViews,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It sends its old offer again and ignores the answer: the picture would freeze."""
    monkeypatch.setattr(live_view, "MAX_OFFERS", 2)
    footage = Footage(Source.parse(camera.path))
    shown = [Page() for _ in range(4)]
    async with Viewer() as viewer:
        offer = await viewer.offer()
    for number, page in enumerate(shown[:2]):
        await views.open(footage, str(number), offer, page)
        views.close(str(number))
    assert "This video has ended" in shown[1].received[0]
    assert simulator.video.opened == 1
    for number, page in enumerate(shown[2:]):
        # Two other views are closed first.
        await views.open(footage, str(number), f"{offer}a=page:{number}\r\n", page)
        views.close(str(number))
    again = Page()
    await views.open(footage, "5", offer, again)
    assert "This video has ended" not in again.received[0]
    views.close("5")
    await hass.async_block_till_done(wait_background_tasks=True)
