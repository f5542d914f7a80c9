"""Following the event stream: the hurry in front of the poll's truth."""

import asyncio
from collections.abc import Awaitable, Callable
import logging
from typing import Protocol

from ..api import (
    ApiError,
    CredentialsRefusedError,
    Event,
    Events,
    EventStream,
    NotFoundError,
    RejectedError,
    ResumePoint,
    StreamClosedError,
    Streams,
    SubscriptionFilter,
    TimedOutError,
)
from .backoff import Backoff
from .intake import Intake
from .pending_triggers import PendingTriggers

_LOGGER = logging.getLogger(__name__)

# Servers before 2023 R3 have no WebSocket; an update brings it within a day. A gateway
# that restarts knows none either, so the first pauses are as short as any.
OLD_SERVER_PAUSE = 24 * 3600.0
# Seconds that an analytics event waits for its data.
DATA_PATIENCE = 2.0
# A stream that says nothing for so many seconds is asked for states, because a socket
# can be open and deaf. Less would be a burden at night, when nothing happens.
QUIET = 180.0


class PushObserver(Protocol):
    """Who needs to know how push is doing. No method may take long."""

    def subscription(self) -> tuple[SubscriptionFilter, ...]:
        """Return what to ask for."""

    def lacks_data(self, event: Event) -> bool:
        """Whether the event comes with data that the stream has left out."""

    def push_began(self, *, is_resumed: bool) -> None:
        """Events arrive; unless resumed, some may be missing before now."""

    def states_asked(self) -> None:
        """Remember what changes from now on: the states to come do not know of it."""

    def has_missed(self, states: tuple[Event, ...]) -> bool:
        """Whether the states are of events that push should have brought."""

    async def take_states(self, states: tuple[Event, ...] | None) -> None:
        """Take the server's own word for all states, `None` if it has none."""

    def push_ended(self) -> None:
        """No more events arrive by push, until it begins again."""


class Push:
    """Keeps one event stream going, whatever ends it."""

    def __init__(
        self,
        streams: Streams,
        events: Events,
        intake: Intake,
        pending: PendingTriggers,
        observer: PushObserver,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._streams = streams
        self._events = events
        self._intake = intake
        self._pending = pending
        self._observer = observer
        self._sleep = sleep
        self._backoff = Backoff()
        self._absence = Backoff(cap=OLD_SERVER_PAUSE)
        self._life: asyncio.Timeout | None = None
        self._is_renewing = False
        # A stream may end before the server has told them, and go on as the next one.
        self._lacks_states = True
        self._resume: ResumePoint | None = None
        self._waiting: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow one stream after the other, until cancelled.

        Raises `CredentialsRefusedError`: then no further attempt may be made.
        """
        try:
            await self._run()
        finally:
            for task in self._waiting:
                task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await self._live()
            except CredentialsRefusedError:
                raise
            except NotFoundError:
                _LOGGER.debug("This server has no event stream")
                await self._sleep(self._absence.wait())
            except ApiError as err:
                _LOGGER.debug("The event stream is gone: %s", err)
                if not self._is_renewing:
                    await self._sleep(self._backoff.wait())

    def replace(self) -> None:
        """Give up a stream that is open and deaf; the next one follows."""
        # Once only: what polls find may ask for it again before the stream has ended.
        life, self._life = self._life, None
        if life is not None:
            life.reschedule(asyncio.get_running_loop().time())

    def renew(self) -> None:
        """Begin a new session: another subscription is needed, or other states."""
        self._is_renewing = True
        self.replace()

    async def _live(self) -> None:
        """Follow one stream to its end, which raises."""
        if self._is_renewing:
            self._is_renewing = False
            self._resume = None
        stream = await self._streams.connect(self._take)
        try:
            is_resumed = await stream.start(self._resume)
            if not is_resumed:
                await stream.subscribe(self._observer.subscription())
            # Only now: a server that accepts and then refuses must not be hurried.
            self._backoff.reset()
            self._absence.reset()
            self._observer.push_began(is_resumed=is_resumed)
            self._lacks_states = self._lacks_states or not is_resumed
            if self._lacks_states:
                await self._observer.take_states(await self._read_states(stream))
                self._lacks_states = False
            await self._follow(stream)
        finally:
            self._resume = stream.resume_point
            self._observer.push_ended()
            await stream.close()

    async def _follow(self, stream: EventStream) -> None:
        try:
            async with asyncio.timeout(None) as self._life:
                while not self._is_renewing:
                    await stream.follow(QUIET)
                    await self._probe(stream)
        except TimeoutError as err:
            raise StreamClosedError("The event stream was given up") from err
        finally:
            self._life = None
        raise StreamClosedError("The event stream asks for too little")

    async def _probe(self, stream: EventStream) -> None:
        """Make sure that a quiet stream is not a deaf one, which raises."""
        self._observer.states_asked()
        try:
            states = await stream.states()
        except RejectedError:
            # This server tells no states; the audit has to do.
            return
        is_deaf = self._observer.has_missed(states)
        await self._observer.take_states(states)
        if is_deaf:
            raise StreamClosedError("The event stream was deaf")

    async def _read_states(self, stream: EventStream) -> tuple[Event, ...] | None:
        self._observer.states_asked()
        try:
            return await stream.states()
        except (RejectedError, TimedOutError) as err:
            # Events arrive all the same; states follow from those.
            _LOGGER.debug("The server does not tell its states: %s", err)
            return None

    async def _take(self, events: tuple[Event, ...]) -> None:
        """Deliver at once what needs no waiting, and the rest when it is complete."""
        ready = []
        for event in events:
            if self._observer.lacks_data(event) or self._pending.concerns(
                event.type_id
            ):
                task = asyncio.create_task(self._complete(event))
                self._waiting.add(task)
                task.add_done_callback(self._waiting.discard)
            else:
                ready.append(event)
        await self._intake.take(ready, since=None)

    async def _complete(self, event: Event) -> None:
        """Deliver an event with its data, or without if the data does not come."""
        if self._observer.lacks_data(event):
            try:
                async with asyncio.timeout(DATA_PATIENCE):
                    event = await self._events.get(event.id, include_data=True)
            except (ApiError, TimeoutError) as err:
                _LOGGER.debug("The data of an event did not come: %s", err)
        await self._intake.take((event,), since=None)
