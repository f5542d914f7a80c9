"""How the demo waits for Home Assistant."""

from http import HTTPStatus

import aiohttp
import pytest
from yarl import URL

from demo import home_assistant
from demo.home_assistant import HomeAssistant
from demo.settings import Settings
from tests.api.servers import Reply, ScriptedServer


async def test_the_demo_waits_until_the_frontend_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant opens its port before it has loaded the frontend."""
    monkeypatch.setattr(home_assistant, "_POLL_INTERVAL", 0.0)
    async with ScriptedServer() as server, aiohttp.ClientSession() as session:
        server.answer("GET", "/manifest.json", {})
        server.answer_in_turn(
            "GET", "/manifest.json", Reply(status=HTTPStatus.NOT_FOUND)
        )
        settings = Settings(port=URL(server.url).port or 0)
        await HomeAssistant(session, settings).wait_until_it_answers()
        assert server.paths() == ["/manifest.json"] * 2
