"""Pushed events that wait for their data, in any number and with any failure."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from custom_components.xprotect_events.api import Event
from custom_components.xprotect_events.engine.waiting import MAX_WAITING, WaitingEvents
from xprotect_simulator import event_ids

# Seconds; only a hanging test takes longer.
HANGS = 5
AT_A_TIME = 10


def event(number: int) -> Event:
    """Return an event that lacks its data."""
    return Event(
        id=f"{number}",
        type_id=event_ids.MOTION_STARTED,
        source=None,
        time=datetime(2026, 3, 2, tzinfo=UTC),
        time_text="2026-03-02T00:00:00Z",
        local_id=None,
        datatype=None,
        tag=None,
        data=None,
    )


class Server:
    """Completes events as set by the test, and records the delivered ones."""

    def __init__(self, *, patience: float = HANGS) -> None:
        self.errors: list[BaseException] = []
        self.delivery_errors: list[BaseException] = []
        self.hangs = False
        self.asked = 0
        self.most_at_once = 0
        self.delivered: list[Event] = []
        self.waiting = WaitingEvents(
            self._complete, self._deliver, at_a_time=AT_A_TIME, patience=patience
        )
        self._at_once = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Complete events until the block ends."""
        task = asyncio.create_task(self.waiting.run())
        try:
            yield
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def until_delivered(self, count: int) -> None:
        """Wait for so many events."""
        async with asyncio.timeout(HANGS), self._changed:
            await self._changed.wait_for(lambda: len(self.delivered) >= count)

    async def _complete(self, one: Event) -> Event:
        self.asked += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(HANGS if self.hangs else 0)
            if self.errors:
                raise self.errors.pop(0)
        finally:
            self._at_once -= 1
        return one._replace(data={"Plate": one.id})

    async def _deliver(self, events: Sequence[Event]) -> None:
        if self.delivery_errors:
            raise self.delivery_errors.pop(0)
        async with self._changed:
            self.delivered += events
            self._changed.notify_all()


async def test_events_are_completed_some_at_a_time_and_in_order() -> None:
    """Hundreds of requests at once would overload the server."""
    server = Server()
    for number in range(100):
        assert server.waiting.add(event(number))
    async with server.running():
        await server.until_delivered(100)
    assert [int(one.id) for one in server.delivered] == list(range(100))
    assert all(one.data == {"Plate": one.id} for one in server.delivered)
    assert server.most_at_once == AT_A_TIME


async def test_the_number_of_waiting_events_is_limited() -> None:
    """Otherwise 20,000 events pushed at once would fill the memory."""
    server = Server()
    found = [server.waiting.add(event(number)) for number in range(MAX_WAITING + 2)]
    assert found == [*([True] * MAX_WAITING), False, False]
    async with server.running():
        await server.until_delivered(MAX_WAITING)
        assert server.waiting.add(event(0))


async def test_data_of_events_that_have_waited_too_long_is_not_requested() -> None:
    """Otherwise a slow server would delay later events more and more."""
    server = Server(patience=0.05)
    server.hangs = True
    for number in range(100):
        server.waiting.add(event(number))
    async with server.running():
        await server.until_delivered(100)
    assert server.asked <= 2 * AT_A_TIME
    assert {one.data for one in server.delivered} == {None}


@pytest.mark.parametrize(
    "error",
    [ValueError("unforeseen"), asyncio.CancelledError(), TimeoutError()],
    ids=["an error", "a cancellation", "a time-out"],
)
async def test_an_event_that_cannot_be_completed_is_delivered_as_it_is(
    error: BaseException,
) -> None:
    """An event without its data is better than no event."""
    server = Server()
    server.errors.append(error)
    async with server.running():
        for number in range(2):
            server.waiting.add(event(number))
        await server.until_delivered(2)
    assert [one.data for one in server.delivered] == [None, {"Plate": "1"}]


@pytest.mark.parametrize(
    "error",
    [ValueError("unforeseen"), asyncio.CancelledError()],
    ids=["an error", "a cancellation"],
)
async def test_a_failed_delivery_is_logged_once_and_stops_nothing(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """Otherwise no later event would be completed, and nobody would notice."""
    caplog.set_level("INFO")
    server = Server()
    server.delivery_errors += [error] * 3
    async with server.running():
        for number in range(4):
            server.waiting.add(event(number))
            for _ in range(10):
                await asyncio.sleep(0)
        await server.until_delivered(1)
    assert [one.id for one in server.delivered] == ["3"]
    assert [one.levelname for one in caplog.records] == ["ERROR", "INFO"]
