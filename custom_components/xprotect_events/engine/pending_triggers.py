"""Our own events on their way: their echo may come before the server's reply."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

# Seconds that an event waits for the reply of an action that may have caused it.
PATIENCE = 2.0


class PendingTriggers:
    """Knows which types of events are being triggered by us at the moment."""

    def __init__(self) -> None:
        self._in_flight: Counter[str] = Counter()
        self._settled = asyncio.Event()

    @contextmanager
    def sending(self, type_id: str) -> Iterator[None]:
        """Mark a type as being triggered until its reply was taken in."""
        self._in_flight[type_id] += 1
        try:
            yield
        finally:
            self._in_flight[type_id] -= 1
            self._in_flight += Counter()
            self._settled.set()
            self._settled = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        """Whether nothing at all is in flight."""
        return not self._in_flight

    def concerns(self, type_id: str) -> bool:
        """Whether an event of this type may be the echo of an action."""
        return type_id in self._in_flight

    async def settle(self, type_ids: Iterable[str]) -> None:
        """Wait until none of the types is in flight, at most for our patience."""
        wanted = set(type_ids)
        try:
            async with asyncio.timeout(PATIENCE):
                while any(self.concerns(type_id) for type_id in wanted):
                    await self._settled.wait()
        except TimeoutError:
            return
