"""The server of a soak: events all the time, and something is always going wrong.

A process of its own, so that its memory is not taken for ours; `benchmarks.soak`
starts it. It prints a line of JSON when it listens, begins with the first line that it
reads, prints one for each trouble and one when they are over, and serves on until its
input ends.
"""

import argparse
import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
import random
import sys
import time

from xprotect_simulator import Options, Simulator, event_ids
from xprotect_simulator.fault_table import ALL_FAULTS
from xprotect_simulator.faults import FaultKind

# What the table's default alone would not try.
VALUES: Mapping[str, tuple[str, ...]] = {
    "clock_skew": ("7200", "-7200", "90"),
    "event_server_down": ("503", "500"),
    "forbidden": ("events,eventsessions", "cameras,eventtypes"),
    "late_stored": ("3", "15"),
    "server_error": ("500", "502", "503", "504"),
    "slow": ("0.3", "5"),
    "too_many_requests": ("1", "10", "soon"),
    "ws_close": ("1000", "1001", "1011"),
    "ws_slow_state": ("3",),
}
# In seconds: a trouble in six is longer than a catch-up takes to be one.
LENGTH = 4.0
LONGEST = 100.0
PAUSE = 3.0
# How often it is not a fault, but one of these.
STOP, RESTART, REVOKE = 0.08, 0.08, 0.04
# How often an event comes with many others, which fill replies.
BURST = 0.001
BURST_SIZE = 1500
ANALYTICS = 0.02


class Troublemaker:
    """Lets events happen, and everything else go wrong."""

    def __init__(self, simulator: Simulator, seed: int, *, rate: float) -> None:
        self._simulator = simulator
        self._rate = rate
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        # A fault may hide one of them from the lists.
        self._cameras = simulator.world.cameras
        self._is_on = [False for _ in self._cameras]

    async def events(self) -> None:
        """Let things happen until cancelled."""
        while True:
            is_burst = self._random.random() < BURST
            for _ in range(BURST_SIZE if is_burst else 1):
                self._emit()
            await asyncio.sleep(self._random.expovariate(self._rate))

    async def troubles(self, seconds: float) -> None:
        """Make one trouble after the other, for so long and until the last is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(self._random.expovariate(1 / PAUSE))
            lot = self._random.random()
            if lot < STOP:
                await self._stop()
            elif lot < STOP + RESTART:
                _tell(trouble="event server restarted")
                self._simulator.restart_event_server()
            elif lot < STOP + RESTART + REVOKE:
                _tell(trouble="tokens revoked")
                self._simulator.identity.revoke_tokens()
            else:
                await self._fault()

    def _emit(self) -> None:
        world = self._simulator.world
        number = self._random.randrange(len(self._cameras))
        if self._random.random() < ANALYTICS:
            kind = self._random.choice(world.analytics_events)
            world.emit(kind.id, self._cameras[number], data={"Plate": "AB 123"})
            return
        self._is_on[number] = not self._is_on[number]
        is_on = self._is_on[number]
        world.emit(
            event_ids.MOTION_STARTED if is_on else event_ids.MOTION_STOPPED,
            self._cameras[number],
        )

    async def _stop(self) -> None:
        _tell(trouble="server stopped")
        await self._simulator.stop()
        await self._last()
        self._simulator.restart_event_server()
        await self._simulator.start()

    async def _fault(self) -> None:
        specs = [self._spec(self._random.choice(ALL_FAULTS))]
        if self._random.random() < 1 / 4:
            specs.append(self._spec(self._random.choice(ALL_FAULTS)))
        for spec in specs:
            _tell(trouble=spec)
            self._simulator.faults.enable(spec)
        await self._last()
        self._simulator.faults.clear()

    def _spec(self, kind: FaultKind) -> str:
        values = VALUES.get(kind.name, kind.choices or (kind.default,))
        value = self._random.choice(values)
        spec = f"{kind.name}:{value}" if value else kind.name
        return f"{spec}:chance=0.3" if self._random.random() < 1 / 3 else spec

    async def _last(self) -> None:
        length = min(LONGEST, self._random.expovariate(1 / LENGTH))
        await asyncio.sleep(length)


async def serve(seconds: float, seed: int, rate: float, ledger: Path) -> None:
    """Make trouble for so long, write down what happened, and serve on."""
    async with Simulator(Options(scenario="quiet")) as simulator:
        _tell(url=simulator.url, site=simulator.world.site.id)
        maker = Troublemaker(simulator, seed, rate=rate)
        await asyncio.to_thread(sys.stdin.readline)
        async with asyncio.TaskGroup() as group:
            events = group.create_task(maker.events())
            await maker.troubles(seconds)
            events.cancel()
        happened = [one.id for one in simulator.world.ledger.happened if one.is_stored]
        await asyncio.to_thread(ledger.write_text, json.dumps(happened))
        _tell(happened=len(happened))
        await asyncio.to_thread(sys.stdin.read)


def _tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.seconds, given.seed, given.rate, given.ledger))


if __name__ == "__main__":
    main()
