"""Limits for requests of pictures: at the same time, and per second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from .shot import BusyError

# A recorder decodes and encodes each picture, which takes 10 to 120 ms of a core. Two
# per second take at most a quarter of one.
AT_ONCE_PER_RECORDER = 2
PER_SECOND = 2.0
# Pictures that are served without a wait, such as those of one dashboard.
BURST = 10
AT_ONCE_PER_SITE = 4
# Requests that may wait. More would wait longer than any client does.
MAX_WAITING_PICTURES = 20
# Seconds that a request may have to wait for its turn. The rest of the eight that a
# fetch may take is for the picture itself.
MAX_WAIT = 6.0


class SiteLimit:
    """The limit that all recorders of a site share."""

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(AT_ONCE_PER_SITE)
        self.waiting = 0


class RecorderLimit:
    """The limits of one recorder: simultaneous requests, and a token bucket."""

    def __init__(
        self,
        site: SiteLimit,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._site = site
        self._monotonic = monotonic
        self._sleep = sleep
        self._places = asyncio.Semaphore(AT_ONCE_PER_RECORDER)
        self._waiting = 0
        # Requests that may be sent now; negative while some wait.
        self._tokens = float(BURST)
        self._filled_at = monotonic()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait until a request may be sent. Raises `BusyError` if too many wait."""
        wait = (self._waiting + 1 - self._filled()) / PER_SECOND
        if self._site.waiting >= MAX_WAITING_PICTURES or wait > MAX_WAIT:
            raise BusyError
        self._count(1)
        is_waiting = True
        try:
            async with self._places, self._site.places:
                await self._sleep_until_turn()
                self._count(-1)
                is_waiting = False
                yield
        finally:
            if is_waiting:
                self._count(-1)

    def _count(self, number: int) -> None:
        self._waiting += number
        self._site.waiting += number

    def _filled(self) -> float:
        passed = self._monotonic() - self._filled_at
        return min(self._tokens + passed * PER_SECOND, BURST)

    async def _sleep_until_turn(self) -> None:
        self._tokens = self._filled() - 1
        self._filled_at = self._monotonic()
        if self._tokens < 0:
            await self._sleep(-self._tokens / PER_SECOND)
