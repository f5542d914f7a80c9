"""Completes pushed events, for example with data, while others are delivered."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
import logging
from typing import NamedTuple

from ..api import Event
from .unforeseen import Unforeseen, is_cancelled_by_owner

_LOGGER = logging.getLogger(__name__)

# Events that may wait. More would fill the memory, and the last ones would not be
# completed in time.
MAX_WAITING = 300
type Complete = Callable[[Event], Awaitable[Event]]
type Deliver = Callable[[Sequence[Event]], Awaitable[None]]


class _Waiting(NamedTuple):
    event: Event
    until: float


class WaitingEvents:
    """Completes and delivers events in their order, `at_a_time` of them in parallel.

    An event that is not completed within `patience` seconds is delivered unchanged.
    """

    def __init__(
        self,
        complete: Complete,
        deliver: Deliver,
        *,
        at_a_time: int = MAX_WAITING,
        patience: float,
    ) -> None:
        self._complete = complete
        self._deliver = deliver
        self._at_a_time = at_a_time
        self._patience = patience
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(MAX_WAITING)
        self._unforeseen = Unforeseen(_LOGGER, "Completing pushed events")

    def add(self, event: Event) -> bool:
        """Queue an event; return whether there was room for it."""
        until = asyncio.get_running_loop().time() + self._patience
        try:
            self._queue.put_nowait(_Waiting(event, until))
        except asyncio.QueueFull:
            return False
        return True

    async def run(self) -> None:
        """Complete and deliver events until cancelled; a poll finds the rest."""
        while True:
            portion = [await self._queue.get()]
            while len(portion) < self._at_a_time and not self._queue.empty():
                portion.append(self._queue.get_nowait())
            try:
                events = await asyncio.gather(*map(self._completed, portion))
                await self._deliver(events)
                self._unforeseen.is_over()
            except Exception, asyncio.CancelledError:
                if is_cancelled_by_owner():
                    raise
                self._unforeseen.note()

    async def _completed(self, waiting: _Waiting) -> Event:
        if asyncio.get_running_loop().time() >= waiting.until:
            return waiting.event
        try:
            async with asyncio.timeout_at(waiting.until):
                return await self._complete(waiting.event)
        except Exception, asyncio.CancelledError:
            if is_cancelled_by_owner():
                raise
            # Deliver the event even if completing it has failed.
            _LOGGER.debug("An event was not completed", exc_info=True)
            return waiting.event
