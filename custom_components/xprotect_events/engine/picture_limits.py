"""How much is asked of recording servers at once, and how often."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from .shot import BusyError

# Each picture costs a recorder a decoding and an encoding, 10 to 120 ms of a core: two
# at once and two a second leave it three quarters of one.
AT_ONCE_PER_RECORDER = 2
PER_SECOND = 2.0
# A page with some cameras is served at once.
BURST = 10
AT_ONCE_PER_SITE = 4
# More would wait longer than any page does.
MAX_WAITING = 20


class SiteLimit:
    """The places that all recorders of a site share."""

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(AT_ONCE_PER_SITE)
        self.waiting = 0


class RecorderLimit:
    """The places of one recorder, and a bucket that fills with time."""

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
        # How many may be asked for now; it is negative while some wait for their turn.
        self._tokens = float(BURST)
        self._filled_at = monotonic()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place. Raises `BusyError` where too many wait already."""
        if self._site.waiting >= MAX_WAITING:
            raise BusyError
        self._site.waiting += 1
        is_waiting = True
        try:
            async with self._places, self._site.places:
                await self._sleep_until_turn()
                self._site.waiting -= 1
                is_waiting = False
                yield
        finally:
            if is_waiting:
                self._site.waiting -= 1

    async def _sleep_until_turn(self) -> None:
        now = self._monotonic()
        filled = self._tokens + (now - self._filled_at) * PER_SECOND
        self._tokens = min(filled, BURST) - 1
        self._filled_at = now
        if self._tokens < 0:
            await self._sleep(-self._tokens / PER_SECOND)
