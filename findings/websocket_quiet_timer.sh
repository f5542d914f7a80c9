#!/usr/bin/env bash
# What one expects: `receive(timeout=…)` of an aiohttp WebSocket client ends after that
# time without a message, so it can detect a stream that has become silent.
# What happens: a ping or pong from the peer is handled inside the call, and the time
# restarts with each. If a proxy or a server pings more often than the time-out, the call
# never ends, although no message arrives.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install aiohttp==3.14.5
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import time

import aiohttp
from aiohttp import web

PINGS = 6
PAUSE = 0.5


async def pings_only(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    for _ in range(PINGS):
        await asyncio.sleep(PAUSE)
        await socket.ping()
    await socket.close()
    return socket


async def main() -> None:
    app = web.Application()
    app.router.add_get("/", pings_only)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"http://127.0.0.1:{port}/")
        began = time.monotonic()
        try:
            message = await socket.receive(timeout=1)
            seen = message.type.name
        except TimeoutError:
            seen = "TimeoutError"
        waited = time.monotonic() - began
    await runner.cleanup()
    print(f"aiohttp {aiohttp.__version__}")
    print(f"receive(timeout=1), a ping every {PAUSE} s: {seen} after {waited:.1f} s")
    assert seen == "CLOSE" and waited > 2.5, "the behaviour has changed"


asyncio.run(main())
PYTHON
