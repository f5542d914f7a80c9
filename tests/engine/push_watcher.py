"""A recipient of the simulator's stream for tests of push."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import override

import aiohttp
from yarl import URL

from custom_components.xprotect_events.api import (
    Credentials,
    Event,
    SubscriptionFilter,
    XProtectClient,
)
from custom_components.xprotect_events.engine.arrival import Arrival, Origin
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.feed import Feed
from custom_components.xprotect_events.engine.intake import Intake
from custom_components.xprotect_events.engine.pending_triggers import PendingTriggers
from custom_components.xprotect_events.engine.push import Push
from custom_components.xprotect_events.engine.selection import Selection
from custom_components.xprotect_events.engine.states import Question, States
from xprotect_simulator import Simulator, event_ids

# Seconds; only a push that hangs takes longer.
PATIENCE = 5


class _Answers(States[None]):
    """Records the answers of the server, as if all of them were complete."""

    def __init__(self, answers: asyncio.Queue[tuple[Event, ...] | None]) -> None:
        super().__init__(lambda _event: None, lambda _key, _cause: None)
        self._answers = answers

    @override
    async def take_answer(self, question: Question, events: Iterable[Event]) -> None:
        self._answers.put_nowait(tuple(events))
        await super().take_answer(question, events)


class Watcher:
    """Follows the simulator's stream and records what arrives."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        client = XProtectClient(
            session,
            URL(simulator.url),
            Credentials(username="demo", password="demo"),
            monotonic=simulator.clock.monotonic,
        )
        self._simulator = simulator
        self.selection = Selection()
        self.expected_states: tuple[Event, ...] | None = None
        self.delivered: asyncio.Queue[Event] = asyncio.Queue()
        self.pauses: asyncio.Queue[float] = asyncio.Queue()
        self.pauses_end = asyncio.Event()
        self.states: asyncio.Queue[tuple[Event, ...] | None] = asyncio.Queue()
        now = simulator.clock.now()
        self.feed = Feed(Checkpoint.beginning(now))
        self.push = Push(
            client.streams,
            client.events,
            Intake(
                self.feed,
                client.clock,
                PendingTriggers(),
                self._deliver,
                stepped=lambda _step: None,
            ),
            _Answers(self.states),
            PendingTriggers(),
            self,
            sleep=self._pause,
        )
        self.push.types_with_data = {one.id for one in simulator.world.analytics_events}

    def fails_next(self, method: str, error: BaseException, *, times: int) -> None:
        """Make a method raise an error so many times."""
        original = getattr(self, method)

        def fail(*_: object, **__: object) -> object:
            nonlocal times
            times -= 1
            if times == 0:
                setattr(self, method, original)
            raise error

        setattr(self, method, fail)

    def subscription(self) -> tuple[SubscriptionFilter, ...]:
        """Return a subscription to the chosen types, and the states of inputs."""
        return self.selection.subscription([event_ids.INPUT_ACTIVATED])

    def push_began(self, *, is_resumed: bool) -> None:
        """Record the beginning of push."""

    def states_ready(self) -> None:
        """Record that states may be shown."""

    def states_lacking(self) -> None:
        """Record that the server has not sent all states."""
        if not self.states.qsize():
            self.states.put_nowait(None)

    def lacks_push(self, states: tuple[Event, ...]) -> bool:
        """Whether push lacks states, as set by the test."""
        return self.expected_states is not None and states != self.expected_states

    def push_ended(self) -> None:
        """Record the end of push."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the push until the block ends."""
        task = asyncio.create_task(self.push.run())
        try:
            async with asyncio.timeout(PATIENCE):
                yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow the stream until the block ends; enter it after the first states."""
        async with self.running():
            await self.states.get()
            yield

    def _deliver(self, arrivals: tuple[Arrival, ...]) -> None:
        for arrival in arrivals:
            assert arrival.origin is Origin.PUSH
            self.delivered.put_nowait(arrival.event)

    async def _pause(self, seconds: float) -> None:
        self.pauses.put_nowait(seconds)
        await self.pauses_end.wait()
