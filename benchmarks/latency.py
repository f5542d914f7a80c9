"""The time from sending by the server to a listener on Home Assistant's bus, by push.

The floor is a bare WebSocket of aiohttp in the same process, whose messages are parsed
and fired on the same bus. Garbage collections are printed beside the times: they delay
events, and take longer the more objects the process has.

    python -m benchmarks.latency --events 1000 --rate 50 --cameras 50 2500
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
import gc
import json
from statistics import quantiles
import time

from aiohttp import ClientSession, WSMsgType, web
from homeassistant.core import Event, HomeAssistant, callback

from benchmarks.home_assistant import entry_for, home_assistant, set_up, until
from custom_components.xprotect_events.const import EVENT_LIVE
from custom_components.xprotect_events.mode import Mode
from xprotect_simulator import Options, Simulator, event_ids


class Stopwatch:
    """Times from sending to hearing, in milliseconds."""

    def __init__(self) -> None:
        self._sent: dict[str, float] = {}
        self.times: list[float] = []

    def sent(self, event_id: str, at: float) -> None:
        """Note the sending of an event."""
        self._sent[event_id] = at

    def received(self, event_id: str) -> None:
        """Note the arrival of an event."""
        self.times.append((time.perf_counter() - self._sent[event_id]) * 1000)


@contextmanager
def collections() -> Iterator[list[float]]:
    """Yield a list that gets the milliseconds of each garbage collection."""
    durations: list[float] = []
    began = 0.0

    def collecting(phase: str, _info: object) -> None:
        nonlocal began
        if phase == "start":
            began = time.perf_counter()
        else:
            durations.append((time.perf_counter() - began) * 1000)

    gc.callbacks.append(collecting)
    try:
        yield durations
    finally:
        gc.callbacks.remove(collecting)


@asynccontextmanager
async def bare_socket(hass: HomeAssistant) -> AsyncIterator[web.WebSocketResponse]:
    """Connect a WebSocket whose messages are fired on the bus."""
    sockets: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await sockets.put(socket)
        async for _ in socket:
            pass
        return socket

    async def follow(url: str) -> None:
        async with ClientSession() as session, session.ws_connect(url) as socket:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    hass.bus.async_fire("bare_event", json.loads(message.data))

    application = web.Application()
    application.router.add_get("/", serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    follower = asyncio.create_task(follow(f"ws://127.0.0.1:{runner.addresses[0][1]}/"))
    try:
        yield await sockets.get()
    finally:
        follower.cancel()
        await runner.cleanup()


async def measure(
    events: int, rate: float, cameras: int
) -> tuple[Stopwatch, Stopwatch, list[float]]:
    """Send events by the integration and by the floor, in turn.

    Return the integration's stopwatch, the floor's, and the garbage collections in ms.
    """
    ours, floor = Stopwatch(), Stopwatch()
    async with (
        Simulator(Options(scenario="quiet", cameras=cameras)) as simulator,
        home_assistant() as hass,
        bare_socket(hass) as socket,
    ):
        runtime = await set_up(hass, entry_for(simulator))
        await until(runtime, lambda: runtime.channels.mode is Mode.PUSH)

        @callback
        def received_ours(event: Event) -> None:
            ours.received(event.data["event_id"])

        @callback
        def received_bare(event: Event) -> None:
            floor.received(event.data["id"])

        hass.bus.async_listen(EVENT_LIVE, received_ours)
        hass.bus.async_listen("bare_event", received_bare)
        with collections() as durations:
            for number in range(events):
                camera = simulator.world.cameras[number % cameras]
                began = time.perf_counter()
                event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
                ours.sent(event.id, began)
                await asyncio.sleep(0.5 / rate)
                floor.sent(str(number), time.perf_counter())
                await socket.send_str(json.dumps({"id": str(number), "type": event.id}))
                await asyncio.sleep(0.5 / rate)
            await asyncio.sleep(0.2)
    return ours, floor, durations


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--cameras", type=int, nargs="+", default=[50, 2500])
    arguments = parser.parse_args()
    print("cameras         arrived  p50 ms  p99 ms")
    for cameras in arguments.cameras:
        ours, floor, durations = asyncio.run(
            measure(arguments.events, arguments.rate, cameras)
        )
        for name, watch in (("ours", ours), ("floor", floor)):
            cuts = quantiles(watch.times, n=100)
            print(
                f"{cameras:7}  {name:6} {len(watch.times):7}"
                f"  {cuts[49]:6.2f}  {cuts[98]:6.2f}"
            )
        print(
            f"{cameras:7}  {len(durations)} garbage collections,"
            f" the longest {max(durations, default=0):.1f} ms"
        )
        if len(ours.times) != arguments.events:
            raise SystemExit("Events were lost")


if __name__ == "__main__":
    main()
