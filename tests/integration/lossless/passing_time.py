"""One clock for the server, the client and Home Assistant, so that a night is short."""

import asyncio
from collections.abc import Iterator, Sized
from concurrent.futures import Executor
from contextlib import contextmanager
import functools
import math
from typing import Any, override
from unittest.mock import patch

from homeassistant.util.async_ import get_scheduled_timer_handles

from custom_components.xprotect_events import client_factory
from custom_components.xprotect_events.api import (
    ServerClock,
    SignInAttempts,
    XProtectClient,
)
from xprotect_simulator import ManualClock

# Idle turns of the event loop after which everything only waits for time to pass: data
# sent on this machine is received one turn later.
CALM_TURNS = 4


class SharedClock(ManualClock):
    """A clock with the time at which its next sleeper wakes."""

    @property
    def next_waking(self) -> float:
        """The next waking by `monotonic`; infinite when nothing sleeps."""
        return self._sleepers[0][0] if self._sleepers else math.inf

    @override
    async def _is_any_due(self, target: float) -> bool:
        # `PassingTime` lets everything run before and after, so no task can still be
        # about to fall asleep.
        return self.next_waking <= target


class PassingTime:
    """Lets time pass; between two moments everything runs that can.

    Waits for time are those of the event loop's timers and of the clock's sleepers.
    """

    def __init__(self, clock: SharedClock) -> None:
        self.clock = clock
        self._loop = asyncio.get_running_loop()
        self._ready: Sized = vars(self._loop)["_ready"]
        self._threads: set[asyncio.Future[Any]] = set()
        # A whole second, because coordinators poll at a fraction of one.
        self._origin = math.ceil(self._loop.time() - clock.monotonic())

    @contextmanager
    def taken_over(self) -> Iterator[None]:
        """Make the event loop, and clients created from now on, use the clock."""
        seconds = self.clock.monotonic
        client = functools.partial(XProtectClient, monotonic=seconds)
        attempts = functools.partial(SignInAttempts, monotonic=seconds)
        with (
            patch.object(self._loop, "time", self._now),
            patch.object(self._loop, "run_in_executor", self._observed()),
            patch.object(client_factory, "XProtectClient", client),
            patch.object(ServerClock, "own_now", lambda _: self.clock.now()),
            patch.object(client_factory, "SignInAttempts", attempts),
        ):
            yield

    async def settle(self) -> None:
        """Return when everything only waits for time to pass."""
        calm = 0
        while calm < CALM_TURNS:
            if self._threads:
                await asyncio.wait(self._threads)
            await asyncio.sleep(0)
            calm = 0 if len(self._ready) else calm + 1

    async def passes(self, seconds: float) -> None:
        """Let so much time pass, and stop at each moment at which a sleeper wakes."""
        await self.settle()
        end = self.clock.monotonic() + seconds
        while (due := min(self._next_timer(), self.clock.next_waking)) <= end:
            await self.clock.advance(max(0.0, due - self.clock.monotonic()))
            await self.settle()
        await self.clock.advance(max(0.0, end - self.clock.monotonic()))
        await self.settle()

    def _now(self) -> float:
        return self._origin + self.clock.monotonic()

    def _next_timer(self) -> float:
        timers = get_scheduled_timer_handles(self._loop)
        return timers[0].when() - self._origin if timers else math.inf

    def _observed(self) -> Any:  # noqa: ANN401 - like the original
        original = self._loop.run_in_executor

        def run(
            executor: Executor | None,
            function: Any,  # noqa: ANN401 - as above
            *args: Any,  # noqa: ANN401 - as above
        ) -> asyncio.Future[Any]:
            future = original(executor, function, *args)
            self._threads.add(future)
            future.add_done_callback(self._threads.discard)
            return future

        return run
