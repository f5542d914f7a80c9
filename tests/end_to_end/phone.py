"""A phone with the companion app, as Home Assistant sees it."""

import asyncio
from collections.abc import AsyncIterator
import contextlib
from typing import Any

from aiohttp import web

from demo.settings import HOST

from .house import PATIENCE, House


class Phone:
    """Registers like the app, and receives the notifications."""

    def __init__(self) -> None:
        self._pushed: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def handle(self, request: web.Request) -> web.Response:
        """Receive a notification, in place of the push service."""
        self._pushed.put_nowait(await request.json())
        return web.json_response({}, status=201)

    async def notification(self) -> dict[str, Any]:
        """Return the next notification."""
        async with asyncio.timeout(PATIENCE):
            return await self._pushed.get()


@contextlib.asynccontextmanager
async def registered_phone(house: House, name: str) -> AsyncIterator[Phone]:
    """Register a phone of this name."""
    phone = Phone()
    application = web.Application()
    application.router.add_post("/push", phone.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    address = f"http://{HOST}:{runner.addresses[0][1]}/push"
    try:
        await house.home_assistant.call(
            "POST",
            "/api/mobile_app/registrations",
            json={
                "device_id": name,
                "device_name": name,
                "app_id": "io.homeassistant.companion.android",
                "app_name": "Home Assistant",
                "app_version": "2026.11",
                "manufacturer": "Maker",
                "model": "Model",
                "os_name": "Android",
                "os_version": "17",
                "supports_encryption": False,
                "app_data": {"push_token": "token", "push_url": address},
            },
        )
        yield phone
    finally:
        await runner.cleanup()
