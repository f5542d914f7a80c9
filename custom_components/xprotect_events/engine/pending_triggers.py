"""Event types that actions are triggering: the event may come before the reply."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

# Seconds that an event waits for the reply to an action that may have caused it. With
# less, the event would lack the context of its automation; with more, other events of
# this type would be delayed.
PATIENCE = 2.0


class PendingTriggers:
    """Counts the triggers without a reply, by event type."""

    def __init__(self) -> None:
        self._in_flight: Counter[str] = Counter()
        self._settled = asyncio.Event()
        # Whether no trigger waits for its reply.
        self.is_idle = True

    @contextmanager
    def sending(self, type_id: str) -> Iterator[None]:
        """Mark a type as being triggered during this block."""
        self._in_flight[type_id] += 1
        self.is_idle = False
        try:
            yield
        finally:
            self._in_flight[type_id] -= 1
            self._in_flight += Counter()
            self.is_idle = not self._in_flight
            self._settled.set()
            self._settled = asyncio.Event()

    def concerns(self, type_id: str) -> bool:
        """Whether an event of this type may come from an action."""
        return type_id in self._in_flight

    async def settle(self, type_ids: Iterable[str]) -> None:
        """Wait until no trigger of these types is pending, or the time limit."""
        wanted = set(type_ids)
        try:
            async with asyncio.timeout(PATIENCE):
                while any(self.concerns(type_id) for type_id in wanted):
                    await self._settled.wait()
        except TimeoutError:
            return
