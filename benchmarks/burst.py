"""The cost of one pushed message with 20,000 analytics events without data.

Each event needs a request for its data, and waits for it. With `--flood` the server
sends 100,000 pings, or messages without events, on each stream instead. The server is
a separate process, so its CPU does not count.

    python -m benchmarks.burst --events 20000
    python -m benchmarks.burst --flood pings
"""

import argparse
import asyncio
from contextlib import suppress
import gc
import resource
import sys
import time

from homeassistant.core import Event, callback

from benchmarks.home_assistant import (
    entry_at,
    home_assistant,
    server_process,
    set_up,
    until,
)
from custom_components.xprotect_events.const import EVENT_LIVE
from custom_components.xprotect_events.mode import Mode
from xprotect_simulator import Options, Simulator
from xprotect_simulator.stream import connections

# Seconds after which an event of the burst counts as lost.
PATIENCE = 120.0
# Seconds of a flood. The first stream ends within one, and some more are opened.
FLOODED = 30.0
MIB = 2**20


async def serve_flood(what: str) -> None:
    """Run the server: flood all streams after a line of input, end after another."""
    async with Simulator(Options(scenario="quiet")) as simulator:
        print(simulator.url, simulator.world.site.id, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        simulator.faults.enable(f"ws_flood:{what}")
        await asyncio.to_thread(sys.stdin.readline)


async def serve(events: int) -> None:
    """Run the server: push the burst after a line of input, end after another."""
    connections._EVENTS_PER_MESSAGE = events  # noqa: SLF001 - all in one message
    async with Simulator(Options(scenario="quiet")) as simulator:
        simulator.faults.enable("ws_bare")
        world = simulator.world
        print(simulator.url, world.site.id, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(events):
            camera = world.cameras[number % len(world.cameras)]
            world.emit(world.analytics_events[0].id, camera, data={"Number": number})
        await asyncio.to_thread(sys.stdin.readline)
        path = "/api/rest/v1/events/"
        print(sum(one.path.startswith(path) for one in simulator.requests), flush=True)


class Meter:
    """Measures the longest turn of the event loop, in CPU seconds of this thread."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest = max(self.longest, now - before)
            before = now


async def measure_flood(what: str) -> None:
    """Print the cost of a flood in Home Assistant."""
    serving = server_process("benchmarks.burst", "--serve", f"--flood={what}")
    async with serving as (url, site_id, server), home_assistant() as hass:
        runtime = await set_up(hass, entry_at(url, site_id))
        await until(runtime, lambda: runtime.channels.mode is Mode.PUSH)
        gc.collect()
        before, meter = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, Meter()
        measuring = asyncio.create_task(meter.run())
        server.stdin.write(b"now\n")
        await until(runtime, lambda: runtime.channels.mode is Mode.POLL)
        await asyncio.sleep(FLOODED)
        measuring.cancel()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        server.stdin.write(b"end\n")
    print(f"flood of      {what}")
    print(f"longest turn  {meter.longest * 1000:.0f} ms")
    print(f"memory        +{(after - before) * 1024 / MIB:.0f} MiB at its largest")


async def measure(events: int) -> None:
    """Print the cost of the burst in Home Assistant."""
    serving = server_process("benchmarks.burst", "--serve", f"--events={events}")
    async with serving as (url, site_id, server), home_assistant() as hass:
        runtime = await set_up(hass, entry_at(url, site_id))
        await until(runtime, lambda: runtime.channels.mode is Mode.PUSH)
        received = 0
        all_received = asyncio.Event()

        @callback
        def hear(_: Event) -> None:
            nonlocal received
            received += 1
            if received == events:
                all_received.set()

        hass.bus.async_listen(EVENT_LIVE, hear)
        gc.collect()
        before, meter = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, Meter()
        measuring = asyncio.create_task(meter.run())
        began = time.monotonic()
        server.stdin.write(b"now\n")
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await all_received.wait()
        seconds = time.monotonic() - began
        measuring.cancel()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        server.stdin.write(b"end\n")
        requests = int(await server.stdout.readline())
    print(f"events        {received} of {events} in {seconds:.1f} s")
    print(f"requests      {requests} for data")
    print(f"longest turn  {meter.longest * 1000:.0f} ms")
    print(f"memory        +{(after - before) * 1024 / MIB:.0f} MiB at its largest")


def main() -> None:
    """Measure, or run the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--flood", choices=("pings", "messages"))
    arguments = parser.parse_args()
    if arguments.flood:
        flood = serve_flood if arguments.serve else measure_flood
        asyncio.run(flood(arguments.flood))
    else:
        work = serve if arguments.serve else measure
        asyncio.run(work(arguments.events))


if __name__ == "__main__":
    main()
