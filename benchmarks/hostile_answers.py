"""Memory and event loop delays for small answers that become large when unpacked.

Each answer comes over a real connection, compressed by gzip to about a thousandth.

    .venv/bin/python -m benchmarks.hostile_answers
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import gzip
from pathlib import Path
import time
import tracemalloc

from aiohttp import ClientSession, web
from yarl import URL

from tests.architecture.bare_parent import put_bare_parent

put_bare_parent(Path(__file__).parents[1])

from custom_components.xprotect_events.api import (  # noqa: E402 - behind the parent
    ApiError,
    Credentials,
    XProtectClient,
)

_MEBIBYTE = 1024 * 1024
_EMPTY, _ROW = b"[],", b'{"id":"0123456789","name":"' + b"x" * 280 + b'"},'
# Seconds between two checks whether the event loop is free.
_LOOK = 0.001

type Ask = Callable[[XProtectClient], Awaitable[object]]

# The repeated part of the answer, its size in MiB, the status, and the request.
_CASES: dict[str, tuple[bytes, int, int, Ask]] = {
    "gateway, empty lists": (_EMPTY, 32, 200, lambda it: it.configuration.gateway()),
    "error, empty lists": (_EMPTY, 32, 403, lambda it: it.configuration.sites()),
    "one event, empty lists": (_EMPTY, 8, 200, lambda it: it.events.get("x")),
    "list, empty lists": (_EMPTY, 32, 200, lambda it: it.configuration.sites()),
    "list, 100,000 rows": (_ROW, 32, 200, lambda it: it.configuration.sites()),
}


async def main() -> None:
    """Print a line for each answer."""
    for name, (again, size, status, ask) in _CASES.items():
        whole = b'{"array":[' + again * (size * _MEBIBYTE // len(again) - 9) + b"0]}"
        packed = gzip.compress(whole)
        del whole
        _, longest, took = await _measure(packed, status, ask, traces=False)
        peak, _, _ = await _measure(packed, status, ask, traces=True)
        print(
            f"{name:<24} {len(packed) / 1024:5.0f} KiB sent, {size} MiB unpacked:"
            f" {peak / _MEBIBYTE:5.1f} MiB of memory, {took * 1000:5.0f} ms,"
            f" longest turn {longest * 1000:4.0f} ms"
        )


async def _measure(
    packed: bytes, status: int, ask: Ask, *, traces: bool
) -> tuple[int, float, float]:
    """Return the peak in bytes, the longest turn and the whole in seconds."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/token"):
            return web.json_response({"access_token": "a token"})
        headers = {"Content-Encoding": "gzip"}
        return web.Response(body=packed, status=status, headers=headers)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = URL(f"http://127.0.0.1:{runner.addresses[0][1]}")
    user = Credentials(username="demo", password="demo")  # noqa: S106 - no real one
    async with ClientSession() as session:
        client = XProtectClient(session, url, user)
        await client.authenticator.token()
        turns = asyncio.create_task(_longest_turn())
        if traces:
            tracemalloc.start()
        began = time.perf_counter()
        with suppress(ApiError):
            await ask(client)
        took = time.perf_counter() - began
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        turns.cancel()
    await runner.cleanup()
    return peak, await turns, took


async def _longest_turn() -> float:
    """Measure the longest delay of other tasks until cancelled, in seconds."""
    longest = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_LOOK)
            longest = max(longest, time.perf_counter() - before - _LOOK)
    return longest


if __name__ == "__main__":
    asyncio.run(main())
