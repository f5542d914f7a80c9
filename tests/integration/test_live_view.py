"""The live view of a camera, as Home Assistant's own dialog opens it."""

import asyncio
from collections.abc import Awaitable, Callable
import math
from typing import Any
from unittest.mock import AsyncMock, patch

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.xprotect_events import live_view
from custom_components.xprotect_events.api import (
    IceServer,
    LiveVideo,
    RejectedError,
    Source,
)
from custom_components.xprotect_events.api.auth import Authenticator
from custom_components.xprotect_events.api.token import Token
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.live_view import Footage, LiveViews
from tests.integration.conftest import Poll
from tests.video.viewer import Viewer
from xprotect_simulator import Item, ManualClock, Simulator, event_ids
from xprotect_simulator.sign_in.users import Principal

pytestmark = pytest.mark.usefixtures("loaded")

type Look = Callable[[Viewer], Awaitable[dict[str, Any]]]


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Turn the live view on, and nothing else."""
    return {"delivery": "poll", "live_view": True}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for the gateway's addresses without a pause."""
    monkeypatch.setattr(live_view, "CANDIDATES_EVERY", 0.0)


@pytest.fixture
def camera(simulator: Simulator) -> Item:
    """Return the first camera."""
    return simulator.world.cameras[0]


@pytest.fixture
def entity_id(
    entity_registry: er.EntityRegistry,
    simulator: Simulator,
    camera: Item,
) -> str:
    """Return the camera entity of the first camera."""
    found = entity_registry.async_get_entity_id(
        Platform.CAMERA, DOMAIN, f"{simulator.world.site.id}_{camera.id}_camera"
    )
    assert found is not None
    return found


@pytest.fixture
async def page(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    """Return the connection of a user's page."""
    return await hass_ws_client(hass)


@pytest.fixture
def look(page: MockHAClientWebSocket, entity_id: str) -> Look:
    """Return a function that opens the dialog; returns what it shows first."""

    async def open_dialog(viewer: Viewer) -> dict[str, Any]:
        await page.send_json_auto_id(
            {
                "type": "camera/webrtc/offer",
                "entity_id": entity_id,
                "offer": await viewer.offer(),
            }
        )
        assert (await page.receive_json())["success"]
        assert (await page.receive_json())["event"]["type"] == "session"
        shown = await message(page)
        if shown["type"] == "answer":
            await viewer.answer(shown["answer"])
            await viewer.picture()
        return shown

    return open_dialog


def another_token(simulator: Simulator) -> Token:
    """Return a valid token that is not in use."""
    return Token(
        access_token=simulator.identity.issue(Principal()),
        given_at=0,
        renew_at=math.inf,
        expires_at=math.inf,
    )


async def message(page: MockHAClientWebSocket) -> dict[str, Any]:
    """Return the dialog's next message that is not a candidate address."""
    async with asyncio.timeout(15):
        while True:
            event: dict[str, Any] = (await page.receive_json())["event"]
            if event["type"] != "candidate":
                return event


async def test_a_dialog_shows_the_camera(simulator: Simulator, look: Look) -> None:
    """The video comes from XProtect; Home Assistant carries two texts."""
    async with Viewer() as viewer:
        assert (await look(viewer))["type"] == "answer"
        await viewer.picture()
    assert len(simulator.login_attempts) == 1


async def test_no_other_way_of_showing_it_is_tried(
    page: MockHAClientWebSocket, entity_id: str
) -> None:
    """A stream through Home Assistant would need a password in an address."""
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
    """A dark picture does not show its cause."""
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
    """It would stand still, and look like a quiet street."""
    async with Viewer() as viewer:
        await look(viewer)
        simulator.world.emit(event_ids.COMMUNICATION_ERROR, camera)
        await poll()
        assert "lost the connection to this camera" in (await message(page))["message"]
    assert len(simulator.video) == 0


async def test_a_lost_server_closes_the_picture(
    simulator: Simulator, look: Look, page: MockHAClientWebSocket, poll: Poll
) -> None:
    """What the cameras see is unknown from then on."""
    async with Viewer() as viewer:
        await look(viewer)
        simulator.faults.enable("event_server_down")
        await poll()
        await poll()
        assert "server is lost" in (await message(page))["message"]


async def test_a_closed_dialog_ends_its_session(
    hass: HomeAssistant, simulator: Simulator, look: Look, page: MockHAClientWebSocket
) -> None:
    """A gateway has room for a limited number."""
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


async def test_no_more_than_some_look_at_a_camera_at_once(
    simulator: Simulator, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each costs the gateway a stream."""
    monkeypatch.setattr(live_view, "MAX_VIEWS_OF_CAMERA", 1)
    async with Viewer() as first, Viewer() as second:
        assert (await look(first))["type"] == "answer"
        shown = await look(second)
    assert "Too many people" in shown["message"]
    assert len(simulator.video) == 1


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


class Page:
    """A dialog that records its messages."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.addresses: list[tuple[str, str]] = []

    def answer(self, sdp: str) -> None:
        """Note an answer."""
        self.told.append(sdp)

    def candidate(self, line: str, mid: str) -> None:
        """Note an address."""
        self.addresses.append((line, mid))

    def fail(self, text: str) -> None:
        """Note a sentence."""
        self.told.append(text)


@pytest.fixture
def views(loaded: MockConfigEntry) -> LiveViews:
    """Return the views of the entry."""
    found = loaded.runtime_data.views
    assert isinstance(found, LiveViews)
    return found


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
        (answer,) = shown.told
        assert "candidate" not in answer
        assert len(shown.addresses) == len(set(shown.addresses)) > 0
        await viewer.answer(answer)
        for line, mid in shown.addresses:
            await viewer.add_candidate(line, mid)
        await viewer.picture()
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
    assert shown.told == []
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
    """A browser does not notice: the picture would stand still for ever."""
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
    """How long real gateways keep them is unknown."""
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
    """And it can be opened again."""
    async with Viewer() as viewer, Viewer() as again:
        await look(viewer)
        assert await hass.config_entries.async_reload(loaded.entry_id)
        assert "This video has ended" in (await message(page))["message"]
        assert len(simulator.video) == 0
        assert (await look(again))["type"] == "answer"


# Home Assistant's own side of the connection to a page leaves one.
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
    """It sends its old offer again and ignores the answer: the picture froze."""
    monkeypatch.setattr(live_view, "MAX_OFFERS", 2)
    footage = Footage(Source.parse(camera.path))
    shown = [Page() for _ in range(4)]
    async with Viewer() as viewer:
        offer = await viewer.offer()
    for number, page in enumerate(shown[:2]):
        await views.open(footage, str(number), offer, page)
        views.close(str(number))
    assert "This video has ended" in shown[1].told[0]
    assert simulator.video.opened == 1
    for number, page in enumerate(shown[2:]):
        # Two others make room for it.
        await views.open(footage, str(number), f"{offer}a=page:{number}\r\n", page)
        views.close(str(number))
    again = Page()
    await views.open(footage, "5", offer, again)
    assert "This video has ended" not in again.told[0]
    views.close("5")
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_opening_a_camera_causes_no_sign_in_while_the_user_is_refused(
    hass: HomeAssistant, simulator: Simulator, look: Look, poll: Poll
) -> None:
    """Each attempt brings the user nearer to a lock."""
    simulator.identity.set_password("another")
    simulator.identity.revoke_tokens()
    await poll()
    before = len(simulator.login_attempts)
    assert hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    async with Viewer() as viewer:
        assert "Sign in again" in (await look(viewer))["message"]
    assert len(simulator.login_attempts) == before
    assert simulator.video.opened == 0


async def test_fifty_views_opened_at_once_are_limited_to_ten(
    hass: HomeAssistant, simulator: Simulator, camera: Item, views: LiveViews
) -> None:
    """All of them cost one sign-in."""
    pages = [Page() for _ in range(50)]
    footage = Footage(Source.parse(camera.path))
    async with Viewer() as viewer:
        offer = await viewer.offer()
    await asyncio.gather(
        *(
            views.open(footage, str(number), f"{offer}a=page:{number}\r\n", shown)
            for number, shown in enumerate(pages)
        )
    )
    told = [shown.told[0] for shown in pages]
    assert sum("Too many people" in one for one in told) == 40
    assert len(views) == len(simulator.video) == live_view.MAX_VIEWS_OF_CAMERA
    assert len(simulator.login_attempts) == 1
    for number in range(50):
        views.close(str(number))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(simulator.video) == 0


async def test_what_the_gateway_quotes_is_neither_shown_nor_logged(
    camera: Item, views: LiveViews, caplog: pytest.LogCaptureFixture
) -> None:
    """Its words may hold addresses and credentials of the connection."""
    server = IceServer(url="turn:turn", username="one", credential="turn-secret")
    footage = Footage(Source.parse(camera.path))
    for words in (
        "Invalid answerSDP. a=ice-pwd:hidden",
        "candidate:1 1 udp 1 hidden 5 typ host",
        "No way to 10.0.0.5 (hidden)",
        "No way to fe80::1:2:3 (hidden)",
        "TURN login turn-secret of hidden failed",
    ):
        error = RejectedError("The server refuses", status=400, server_text=words)
        shown = Page()
        with patch.object(LiveVideo, "open", AsyncMock(side_effect=error)):
            await views.open(footage, "1", f"v=0 {words}", shown, [server])
        assert "(The server refuses)" in shown.told[0]
        assert "hidden" not in shown.told[0] + caplog.text
    assert len(views) == 0


async def test_a_storm_of_candidates_is_cut(
    hass: HomeAssistant, camera: Item, views: LiveViews
) -> None:
    """A browser takes each of them as a way to try."""
    storms = ([f"candidate:{10 * one + two}" for two in range(90)] for one in range(99))
    shown = Page()
    async with Viewer() as viewer:
        with patch.object(LiveVideo, "candidates", AsyncMock(side_effect=storms)):
            footage = Footage(Source.parse(camera.path))
            await views.open(footage, "1", await viewer.offer(), shown)
            await hass.async_block_till_done(wait_background_tasks=True)
    assert len(shown.addresses) <= live_view.MAX_PASSED_CANDIDATES
    views.close("1")
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("entry_options", [{"delivery": "poll"}])
async def test_without_the_option_there_are_no_cameras(
    hass: HomeAssistant,
) -> None:
    """The view is experimental and costs nothing unless it is chosen."""
    assert not hass.states.async_entity_ids(Platform.CAMERA)
    assert "camera" not in hass.config.components


async def test_neither_offers_nor_addresses_are_shown_or_logged(
    hass: HomeAssistant,
    entity_id: str,
    look: Look,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They lead to the cameras."""
    caplog.clear()
    async with Viewer() as viewer:
        answer = (await look(viewer))["answer"]
        state = hass.states.get(entity_id)
    ours = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components")
    ]
    password = answer.split("a=ice-pwd:")[1].split()[0]
    assert password not in "".join(ours)
    assert state is not None
    assert password not in str(state.as_dict())
