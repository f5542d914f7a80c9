"""Applies the faults of push to events before the sessions get them."""

import asyncio
from collections.abc import Callable

from ..clock import Clock
from ..faults.faults import Faults
from ..happening.ledger import StoredEvent
from .sessions import Listener


class PushFaults:
    """Loses, delays, repeats or reorders events."""

    def __init__(
        self, faults: Faults, clock: Clock, forward: Callable[[StoredEvent], None]
    ) -> None:
        """Pass events on to `forward`."""
        self._faults = faults
        self._clock = clock
        self._forward = forward
        self._held: list[StoredEvent] = []
        self._repeated: list[StoredEvent] = []
        self._late: set[asyncio.Task[None]] = set()

    def pass_on(self, event: StoredEvent) -> None:
        """Pass an event on, changed by faults."""
        if self._is_never_pushed(event) or self._faults.strike("ws_lost"):
            return
        late = self._faults.strike("ws_late")
        if late is None:
            self._in_turn(event)
        else:
            task = asyncio.create_task(self._later(event, late.number))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    def deliver(self, listener: Listener, text: str) -> None:
        """Push to one connection, or end it if a fault requires it."""
        if self._faults.strike("ws_drop"):
            listener.drop()
        elif closing := self._faults.strike("ws_close"):
            listener.close(int(closing.number))
        else:
            listener.push(text)

    def release(self) -> None:
        """Pass on the events that wait for the next one."""
        held, self._held = self._held, []
        for event in held:
            self._forward(event)

    async def stop(self) -> None:
        """Drop the delayed events."""
        late = tuple(self._late)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _is_never_pushed(self, event: StoredEvent) -> bool:
        fault = self._faults.find("ws_not_pushed")
        if fault is None:
            return False
        source_id = (event.source or "").rpartition("/")[2]
        return fault.value.lower() in (event.type.lower(), source_id.lower())

    async def _later(self, event: StoredEvent, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._in_turn(event)

    def _in_turn(self, event: StoredEvent) -> None:
        if self._held:
            self._twice(event)
            self.release()
        elif self._faults.strike("ws_out_of_order"):
            self._held = [event]
        else:
            self._twice(event)

    def _twice(self, event: StoredEvent) -> None:
        self._forward(event)
        again, self._repeated = self._repeated, []
        duplicate = self._faults.strike("ws_duplicate")
        if duplicate is not None and duplicate.value == "next":
            self._repeated = [event]
        elif duplicate is not None:
            again = [*again, event]
        for one in again:
            self._forward(one)
