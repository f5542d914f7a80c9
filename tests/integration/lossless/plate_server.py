"""A server in a separate process, which has stored events with large pictures.

Its memory does not count there. It prints its address and its site, and runs until its
input ends.
"""

import asyncio
from datetime import timedelta
import json
import sys

from xprotect_simulator import Options, Simulator, event_ids

PLATES = 400
PICTURE = 100_000
# Seconds between two plates.
APART = 0.05


async def serve(seconds_ago: float) -> None:
    """Store plates, the first one so many seconds ago."""
    async with Simulator(Options(scenario="quiet")) as simulator:
        world = simulator.world
        start = world.clock.now() - timedelta(seconds=seconds_ago)
        for number in range(PLATES):
            world.emit(
                event_ids.MOTION_STARTED,
                world.cameras[0],
                time=start + timedelta(seconds=number * APART),
                data={"plate": f"AB {number}", "picture": "x" * PICTURE},
            )
        facts = {"url": simulator.url, "site": world.site.id}
        sys.stdout.write(f"{json.dumps(facts)}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
