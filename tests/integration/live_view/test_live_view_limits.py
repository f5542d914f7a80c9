"""Limits of the live view, and texts that it must not reveal."""

import asyncio
from unittest.mock import AsyncMock, patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.xprotect_events import live_view
from custom_components.xprotect_events.api import (
    Candidate,
    IceServer,
    LiveVideo,
    RejectedError,
    Source,
)
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.live_view import Footage, LiveViews
from tests.integration.conftest import Poll
from tests.integration.live_view.conftest import Look, Page
from tests.video.viewer import Viewer
from xprotect_simulator import Item, Simulator

pytestmark = pytest.mark.usefixtures("loaded")


async def test_opening_a_camera_causes_no_sign_in_while_the_user_is_refused(
    hass: HomeAssistant, simulator: Simulator, look: Look, poll: Poll
) -> None:
    """Each attempt could lock the account."""
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
    """All of them cause one sign-in."""
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
    received = [shown.received[0] for shown in pages]
    assert sum("Too many people" in one for one in received) == 40
    assert len(views) == len(simulator.video) == live_view.MAX_VIEWS_OF_CAMERA
    assert len(simulator.login_attempts) == 1
    for number in range(50):
        views.close(str(number))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(simulator.video) == 0


async def test_texts_of_the_gateway_are_neither_shown_nor_logged(
    camera: Item, views: LiveViews, caplog: pytest.LogCaptureFixture
) -> None:
    """Its text may contain addresses and credentials of the connection."""
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
        assert "(The server refuses)" in shown.received[0]
        assert "hidden" not in shown.received[0] + caplog.text
    assert len(views) == 0


async def test_the_number_of_candidates_is_limited(
    hass: HomeAssistant, camera: Item, views: LiveViews
) -> None:
    """A browser tries each of them."""
    storms = (
        tuple(Candidate(f"candidate:{10 * one + two}") for two in range(90))
        for one in range(99)
    )
    shown = Page()
    async with Viewer() as viewer:
        with patch.object(LiveVideo, "candidates", AsyncMock(side_effect=storms)):
            footage = Footage(Source.parse(camera.path))
            await views.open(footage, "1", await viewer.offer(), shown)
            await hass.async_block_till_done(wait_background_tasks=True)
    assert len(shown.addresses) == live_view.MAX_PASSED_CANDIDATES
    views.close("1")
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_neither_offers_nor_addresses_are_shown_or_logged(
    hass: HomeAssistant,
    entity_id: str,
    look: Look,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They give access to the cameras."""
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


async def test_no_view_opens_after_the_entry_is_unloaded(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    camera: Item,
    views: LiveViews,
) -> None:
    """Its page may have waited for the recorded picture, and nothing would end it."""
    await hass.config_entries.async_unload(loaded.entry_id)
    page = Page()
    async with Viewer() as viewer:
        offer = await viewer.offer()
        await views.open(Footage(Source.parse(camera.path)), "late", offer, page)
    assert len(page.received) == 1
    assert simulator.video.opened == 0
    assert len(views) == 0


async def test_the_number_of_all_viewers_is_limited(
    hass: HomeAssistant,
    simulator: Simulator,
    views: LiveViews,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dashboards show many cameras at once."""
    monkeypatch.setattr(live_view, "MAX_VIEWS", 2)
    async with Viewer() as viewer:
        offer = await viewer.offer()
    pages = [Page() for _ in range(3)]
    for number, shown in enumerate(pages):
        source = Source.parse(simulator.world.cameras[number].path)
        own = f"{offer}a=page:{number}\r\n"
        await views.open(Footage(source), str(number), own, shown)
    assert "Too many people" in pages[2].received[0]
    assert len(views) == len(simulator.video) == 2
    for number in range(3):
        views.close(str(number))
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_live_video_needs_the_right_to_its_camera(
    simulator: Simulator, look: Look, entity_id: str, hass_admin_user: MockUser
) -> None:
    """Home Assistant itself opens the dialog for every user."""
    hass_admin_user.groups = []
    async with Viewer() as refused, Viewer() as allowed:
        shown = await look(refused)
        assert "may not see this camera" in shown["message"]
        assert simulator.video.opened == 0
        hass_admin_user.mock_policy({"entities": {"entity_ids": {entity_id: True}}})
        assert (await look(allowed))["type"] == "answer"
