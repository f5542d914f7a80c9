#!/usr/bin/env bash
# What one expects: `ws://host:port` and `http://host:port` are the same server, so a
# redirect of the WebSocket's upgrade to another path of that server, with an http
# address (as web servers write it), keeps the Authorization header.
# What happens: aiohttp compares schemes, too. A socket opened as ws:// loses the header
# at such a redirect and gets a 401; one opened as http:// keeps it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install aiohttp==3.14.5
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio

import aiohttp
from aiohttp import web

headers: list[str | None] = []


async def moved(request: web.Request) -> web.Response:
    location = f"http://{request.host}/new"
    return web.Response(status=307, headers={"Location": location})


async def upgrade(request: web.Request) -> web.WebSocketResponse:
    headers.append(request.headers.get("Authorization"))
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.close()
    return socket


async def main() -> None:
    app = web.Application()
    app.router.add_get("/old", moved)
    app.router.add_get("/new", upgrade)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session:
        for scheme in ("ws", "http"):
            await session.ws_connect(
                f"{scheme}://127.0.0.1:{port}/old",
                headers={"Authorization": "Bearer example"},
            )
    await runner.cleanup()
    print(f"aiohttp {aiohttp.__version__}")
    for scheme, header in zip(("ws", "http"), headers, strict=True):
        print(f"opened as {scheme}:// the redirected upgrade bears {header!r}")
    assert headers == [None, "Bearer example"], "the behaviour has changed"


asyncio.run(main())
PYTHON
