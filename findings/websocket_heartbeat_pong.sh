#!/usr/bin/env bash
# What one expects: `heartbeat=30` of an aiohttp WebSocket pings every 30 s and closes a
# connection whose pong has not arrived before the next ping.
# What happens: the pong must arrive within half of the heartbeat. A server that is busy
# for longer (XProtect's event server while it collects the states of a large site) loses
# its connection before the next ping is due.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install aiohttp==3.14.5
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from contextlib import suppress
import time

import aiohttp
from aiohttp import WSMsgType, web

HEARTBEAT = 2.0
PONG_AFTER = 1.5


async def busy(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(autoping=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.PING:
            await asyncio.sleep(PONG_AFTER)
            with suppress(ConnectionError):
                await socket.pong(message.data)
    return socket


async def main() -> None:
    app = web.Application()
    app.router.add_get("/", busy)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/"
        socket = await session.ws_connect(url, heartbeat=HEARTBEAT)
        began = time.monotonic()
        message = await socket.receive(timeout=4 * HEARTBEAT)
        lasted = time.monotonic() - began
    await runner.cleanup()
    print(f"aiohttp {aiohttp.__version__}")
    print(f"heartbeat {HEARTBEAT} s, pong after {PONG_AFTER} s: ended after {lasted:.1f} s")
    print(f"with {message.data!r}")
    assert message.type is WSMsgType.ERROR, "the behaviour has changed"
    assert lasted < 2 * HEARTBEAT, "the behaviour has changed"


asyncio.run(main())
PYTHON
