"""Runs actors concurrently on one clock."""

import asyncio
from collections.abc import Generator
import heapq

from ..clock import Clock

# An actor is a generator that emits events and yields the seconds to wait.
type Actor = Generator[float]

# Steps without a pause before the event loop runs other tasks, so that the server still
# answers during a storm that is too fast for the machine.
_STEPS_PER_TURN = 20


class Script:
    """Runs each actor when its wait is over."""

    def __init__(self) -> None:
        """Start without actors."""
        self.elapsed = 0.0
        self._number = 0
        self._waiting: list[tuple[float, int, Actor]] = []

    def add(self, actor: Actor) -> None:
        """Start an actor now."""
        self._wait(0, actor)

    async def play(self, clock: Clock) -> None:
        """Play until every actor has ended."""
        start = clock.monotonic() - self.elapsed
        steps_at_once = 0
        while self._waiting:
            delay = start + self._waiting[0][0] - clock.monotonic()
            if delay > 0:
                await clock.sleep(delay)
                steps_at_once = 0
            elif steps_at_once >= _STEPS_PER_TURN:
                await asyncio.sleep(0)
                steps_at_once = 0
            steps_at_once += 1
            self._step()

    def _step(self) -> None:
        self.elapsed, _, actor = heapq.heappop(self._waiting)
        seconds = next(actor, None)
        if seconds is not None:
            self._wait(seconds, actor)

    def _wait(self, seconds: float, actor: Actor) -> None:
        # The number keeps the order of actors whose waits end together.
        self._number += 1
        heapq.heappush(self._waiting, (self.elapsed + seconds, self._number, actor))
