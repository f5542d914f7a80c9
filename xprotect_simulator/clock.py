"""The clocks of the simulator: the machine's, and one that tests advance."""

import asyncio
from datetime import UTC, datetime, timedelta
import heapq
import itertools
import time
from typing import Protocol, override

# Turns of the event loop for a woken task to do its work and sleep again. More would
# make a simulated night slow; with fewer, a task that waits for another one would be
# delayed.
_TURNS_PER_WAKING = 2

# Turns of the event loop without a sleeping task after which none is expected any more.
_TURNS_AT_LAST = 20

_A_MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class Clock(Protocol):
    """The interface of a clock."""

    def now(self) -> datetime:
        """Return the current time in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never jump."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many monotonic seconds."""


class SystemClock(Clock):
    """The machine's own clock."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)

    @override
    def monotonic(self) -> float:
        return time.monotonic()

    @override
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock(Clock):
    """A clock that stands still until `advance`."""

    def __init__(self, start: datetime = _A_MORNING) -> None:
        """Start at the time `start`."""
        self._start = start
        self._elapsed = 0.0
        self._numbers = itertools.count()
        self._fell_asleep = asyncio.Event()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    @override
    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    @override
    def monotonic(self) -> float:
        return self._elapsed

    @override
    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        due = self._elapsed + max(seconds, 0)
        heapq.heappush(self._sleepers, (due, next(self._numbers), woken))
        self._fell_asleep.set()
        await woken

    async def until_asleep(self) -> None:
        """Wait until a task sleeps."""
        while all(woken.done() for _, _, woken in self._sleepers):
            self._fell_asleep.clear()
            await self._fell_asleep.wait()

    async def advance(self, by: float | timedelta) -> None:
        """Advance the time, and wake each sleeping task at its own moment."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        target = self._elapsed + seconds
        while await self._is_any_due(target):
            self._elapsed, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
                for _ in range(_TURNS_PER_WAKING):
                    await asyncio.sleep(0)
        self._elapsed = target

    async def _is_any_due(self, target: float) -> bool:
        for _ in range(_TURNS_AT_LAST):
            if self._sleepers and self._sleepers[0][0] <= target:
                return True
            await asyncio.sleep(0)
        return False
