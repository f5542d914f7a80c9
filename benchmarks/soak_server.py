"""The server of a soak, with events all the time and one fault after the other.

It is a separate process, which `benchmarks.soak` starts, so that its memory does not
count. It prints a line of JSON when its port is open, and starts with the first line of
input. It prints a line for each fault and one at their end, and runs until its input
ends. It answers each further line of input with the true states.
"""

import argparse
import asyncio
from collections.abc import Mapping
from datetime import timedelta
import json
from pathlib import Path
import random
import sys
import time

from xprotect_simulator import Options, Simulator, event_ids
from xprotect_simulator.faults.fault_table import ALL_FAULTS
from xprotect_simulator.faults.faults import FaultKind
from xprotect_simulator.happening.ledger import StoredEvent

# Values of faults to use instead of the default.
VALUES: Mapping[str, tuple[str, ...]] = {
    "clock_skew": ("7200", "-7200", "90"),
    "event_server_down": ("503", "500"),
    "forbidden": ("events,eventsessions", "cameras,eventtypes"),
    "late_stored": ("3", "15"),
    "server_error": ("500", "502", "503", "504"),
    "slow": ("0.3", "5"),
    "starting": ("1", "10"),
    "too_many_requests": ("1", "10", "soon"),
    "ws_close": ("1000", "1001", "1011"),
    "ws_slow_state": ("3",),
}
# Seconds: the average and the longest duration of a fault, and the average pause.
LENGTH = 4.0
LONGEST = 100.0
PAUSE = 3.0
# The chance and the seconds of a long pause, within which all states must become right.
REST, REST_LENGTH = 0.06, 75.0
# Events with older times may be lost unless they are pushed, but not if the clock stays
# wrong for long enough that an audit notices.
OVERLAP = timedelta(minutes=15)
NOTICED_AFTER = 45.0
# The chances of a stop, a restart and a revocation instead of a fault.
STOP, RESTART, REVOKE = 0.08, 0.08, 0.04
# The chance of many events at once, which fill replies.
BURST = 0.001
BURST_SIZE = 1500
ANALYTICS = 0.02
# The chance that other cameras become active; wrong states show at resting ones.
CHANGE = 0.0007


class Troublemaker:
    """Emits events, and switches faults on and off."""

    def __init__(self, simulator: Simulator, seed: int, *, rate: float) -> None:
        self._simulator = simulator
        self._rate = rate
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        # A fault may hide one of them from the lists.
        self._cameras = simulator.world.cameras
        self._awake = self._cameras
        self._newest: dict[str, StoredEvent] = {}
        self._newest_at: dict[str, float] = {}
        self._latest_time: dict[str, int] = {}
        self._calm_since: float | None = None
        # The ids of events that may be lost.
        self.unpromised: set[str] = set()

    async def events(self) -> None:
        """Emit events until cancelled."""
        while True:
            is_burst = self._random.random() < BURST
            for _ in range(BURST_SIZE if is_burst else 1):
                self._emit()
            await asyncio.sleep(self._random.expovariate(self._rate))

    async def troubles(self, seconds: float) -> None:
        """Switch on one fault after the other for so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._calm_since = time.monotonic()
            is_resting = self._random.random() < REST
            pause = self._random.expovariate(1 / PAUSE)
            await asyncio.sleep(REST_LENGTH if is_resting else pause)
            self._calm_since = None
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

    def states(self) -> Mapping[str, object]:
        """Return the motion state of each camera, by its last event, and its age.

        The times of events are not used, because clocks were wrong. `is_latest` is
        whether the last event has the latest time, too.
        """
        now = time.monotonic()
        return {
            source: {
                "event": event.id,
                "is_on": event.type == event_ids.MOTION_STARTED,
                "seconds": now - self._newest_at[source],
                "is_latest": event.ticks >= self._latest_time[source],
            }
            for source, event in self._newest.items()
        }

    def calm(self) -> float:
        """Return the seconds since the last fault, 0 during one."""
        return time.monotonic() - self._calm_since if self._calm_since else 0.0

    def _emit(self) -> None:
        world = self._simulator.world
        if self._random.random() < CHANGE:
            many = self._random.randint(1, len(self._cameras))
            self._awake = tuple(self._random.sample(self._cameras, many))
        camera = self._random.choice(self._awake)
        if self._random.random() < ANALYTICS:
            kind = self._random.choice(world.analytics_events)
            world.emit(kind.id, camera, data={"Plate": "AB 123"})
            return
        newest = self._newest.get(camera.path)
        is_on = newest is not None and newest.type == event_ids.MOTION_STARTED
        event = world.emit(
            event_ids.MOTION_STOPPED if is_on else event_ids.MOTION_STARTED, camera
        )
        self._newest[camera.path] = event
        self._newest_at[camera.path] = time.monotonic()
        latest = self._latest_time.get(camera.path, event.ticks)
        self._latest_time[camera.path] = max(latest, event.ticks)

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
        world = self._simulator.world
        start, before = time.monotonic(), len(world.ledger.happened)
        await self._last()
        is_short = time.monotonic() - start < NOTICED_AFTER
        if world.skew < -OVERLAP and is_short:
            self.unpromised.update(e.id for e in world.ledger.happened[before:])
        self._simulator.faults.clear()

    def _spec(self, kind: FaultKind) -> str:
        values = VALUES.get(kind.name, kind.choices or (kind.default,))
        value = self._random.choice(values)
        spec = f"{kind.name}:{value}" if value else kind.name
        return f"{spec}:chance=0.3" if self._random.random() < 1 / 3 else spec

    async def _last(self) -> None:
        length = min(LONGEST, self._random.expovariate(1 / LENGTH))
        await asyncio.sleep(length)


async def answer(maker: Troublemaker) -> None:
    """Answer each line of input with the states, until the input ends."""
    while await asyncio.to_thread(sys.stdin.readline):
        _tell(states=maker.states(), calm=maker.calm())


async def serve(seconds: float, seed: int, rate: float, ledger: Path) -> None:
    """Run the faults, write the ledger, and serve until the input ends."""
    async with Simulator(Options(scenario="quiet")) as simulator:
        _tell(url=simulator.url, site=simulator.world.site.id)
        maker = Troublemaker(simulator, seed, rate=rate)
        await asyncio.to_thread(sys.stdin.readline)
        async with asyncio.TaskGroup() as group:
            group.create_task(answer(maker))
            events = group.create_task(maker.events())
            await maker.troubles(seconds)
            events.cancel()
            stored = [e.id for e in simulator.world.ledger.happened if e.is_stored]
            facts = {"stored": stored, "unpromised": list(maker.unpromised)}
            await asyncio.to_thread(ledger.write_text, json.dumps(facts))
            _tell(happened=len(stored))


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
