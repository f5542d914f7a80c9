"""Actors that play side by side on one clock."""

import asyncio
from collections.abc import Generator
import heapq

from ..clock import Clock

# An actor is a generator that lets events happen and yields seconds to wait.
type Actor = Generator[float]

# Steps without a pause after which other tasks get a turn; a storm that cannot keep
# up with its rate must not stop the server from answering.
_STEPS_PER_TURN = 20


class Script:
    """Wakes actors in the order of their waits."""

    def __init__(self) -> None:
        """Begin with nobody on stage."""
        self.elapsed = 0.0
        self._number = 0
        self._waiting: list[tuple[float, int, Actor]] = []

    def add(self, actor: Actor) -> None:
        """Let an actor begin now."""
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
        # The number keeps actors that wake together in the order of their asking.
        self._number += 1
        heapq.heappush(self._waiting, (self.elapsed + seconds, self._number, actor))
