"""The dialog of a camera's live view."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

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
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.live_view import LiveViews
from tests.video.viewer import Viewer
from xprotect_simulator import Item, Simulator

type Look = Callable[[Viewer], Awaitable[dict[str, Any]]]


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Turn the live view on, and nothing else."""
    return {"delivery": "poll", "live_view": True}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Request the gateway's candidates without a pause."""
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
    """Return a function that opens the dialog, and returns its first message."""

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


async def message(page: MockHAClientWebSocket) -> dict[str, Any]:
    """Return the dialog's next message that is not a candidate address."""
    async with asyncio.timeout(15):
        while True:
            event: dict[str, Any] = (await page.receive_json())["event"]
            if event["type"] != "candidate":
                return event


class Page:
    """A dialog that records its messages."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.addresses: list[tuple[str, str]] = []

    def answer(self, sdp: str) -> None:
        """Record an answer."""
        self.received.append(sdp)

    def candidate(self, line: str, mid: str) -> None:
        """Record a candidate."""
        self.addresses.append((line, mid))

    def fail(self, text: str) -> None:
        """Record an error text."""
        self.received.append(text)


@pytest.fixture
def views(loaded: MockConfigEntry) -> LiveViews:
    """Return the views of the entry."""
    found = loaded.runtime_data.views
    assert isinstance(found, LiveViews)
    return found
