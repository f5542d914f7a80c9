"""Following the event stream: the hurry in front of the poll's truth."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
import logging
from typing import Protocol

from ..api import (
    ApiError,
    CredentialsRefusedError,
    Event,
    Events,
    EventStream,
    NotFoundError,
    ResumePoint,
    StreamClosedError,
    Streams,
    SubscriptionFilter,
    UnavailableError,
)
from .backoff import Backoff
from .intake import Intake
from .pending_triggers import PATIENCE, PendingTriggers
from .state_questions import StateObserver, StateQuestions
from .states import States
from .unforeseen import Unforeseen, is_cancelled_by_owner
from .waiting import WaitingEvents

_LOGGER = logging.getLogger(__name__)

# Servers before 2023 R3 have no WebSocket; an update brings it within a day. A gateway
# that restarts knows none either, so the first pauses are as short as any.
OLD_SERVER_PAUSE = 24 * 3600.0
# Seconds that an analytics event waits for its data.
DATA_PATIENCE = 2.0
# Requests for data at a time; an answer may have megabytes. With fewer, a burst would
# take longer than its events wait.
DATA_AT_A_TIME = 10
# A stream that brings no event for so many seconds is asked for states, because a
# socket can be open and deaf. Less would be a burden at night, when nothing happens.
QUIET = 180.0
# Seconds after which a stream has proved itself: what ends it then is a new trouble,
# and the next attempt comes soon. With less, a server that accepts streams and closes
# them would be asked for one after the other.
PROVED_AFTER = 60.0


class _GivenUpError(ApiError):
    """A stream that was open and of no use any more; its session is not resumed."""


class PushObserver(StateObserver, Protocol):
    """Who needs to know how push is doing. No method may take long."""

    def subscription(self) -> tuple[SubscriptionFilter, ...]:
        """Return what to ask for."""

    def lacks_data(self, event: Event) -> bool:
        """Whether the event comes with data that the stream has left out."""

    def push_began(self, *, is_resumed: bool) -> None:
        """Events arrive; unless resumed, some may be missing before now."""

    def push_ended(self) -> None:
        """No more events arrive by push, until it begins again."""


class Push[Cause]:
    """Keeps one event stream going, whatever ends it."""

    def __init__(
        self,
        streams: Streams,
        events: Events,
        intake: Intake,
        states: States[Cause],
        pending: PendingTriggers,
        pushed: Callable[[Sequence[Event]], None],
        observer: PushObserver,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._streams = streams
        self._events = events
        self._intake = intake
        self._pending = pending
        self._pushed = pushed
        self._observer = observer
        self._sleep = sleep
        self._backoff = Backoff()
        self._absence = Backoff(cap=OLD_SERVER_PAUSE)
        self._life: asyncio.Timeout | None = None
        self._is_renewing = False
        self._unforeseen = Unforeseen(_LOGGER, "Following the event stream")
        self._questions = StateQuestions(states, intake, observer)
        self._resume: ResumePoint | None = None
        self._lacking_data = WaitingEvents(
            self._with_data,
            self._deliver,
            at_a_time=DATA_AT_A_TIME,
            patience=DATA_PATIENCE,
        )
        self._perhaps_own = WaitingEvents(
            self._settled, self._deliver_settled, patience=PATIENCE
        )

    async def run(self) -> None:
        """Follow one stream after the other, until cancelled.

        Nothing else ends it but `CredentialsRefusedError`, which is raised: then no
        further attempt may be made.
        """
        waiting = [
            asyncio.create_task(events.run())
            for events in (self._lacking_data, self._perhaps_own)
        ]
        try:
            while True:
                pause = await self._attempt()
                if pause is not None:
                    await self._sleep(pause)
        finally:
            for task in waiting:
                task.cancel()

    async def _attempt(self) -> float | None:
        """Follow a stream to its end; return the seconds to wait before the next one.

        `None` where the stream was ended for the sake of the next one.
        """
        try:
            await self._live()
        except CredentialsRefusedError:
            raise
        except NotFoundError:
            _LOGGER.debug("This server has no event stream")
            return self._absence.wait()
        except UnavailableError as err:
            _LOGGER.debug("There is no event stream now: %s", err)
            return max(self._backoff.wait(), err.retry_after or 0.0)
        except ApiError as err:
            _LOGGER.debug("The event stream is gone: %s", err)
            if self._is_renewing:
                return None
        except Exception, asyncio.CancelledError:
            if is_cancelled_by_owner():
                raise
            self._unforeseen.note()
        return self._backoff.wait()

    def _prove(self) -> None:
        self._backoff.reset()
        self._unforeseen.is_over()

    def replace(self) -> None:
        """Give up a stream that is open and deaf; the next one is a new session."""
        # Once only: what polls find may ask for it again before the stream has ended.
        life, self._life = self._life, None
        if life is not None:
            life.reschedule(asyncio.get_running_loop().time())

    def ask_states(self) -> None:
        """Ask the open stream for states soon, once a minute at most."""
        self._questions.hurry()

    def renew(self) -> None:
        """Begin a new session at once: another subscription is needed."""
        self._is_renewing = True
        self.replace()

    async def _live(self) -> None:
        """Follow one stream to its end, which raises."""
        resume = None if self._is_renewing else self._resume
        self._is_renewing = False
        async with await self._streams.connect(self._take) as stream:
            # Only a connection that ends by itself leaves a session worth resuming.
            self._resume = None
            try:
                is_resumed = await stream.start(resume)
                if not is_resumed:
                    await stream.subscribe(self._observer.subscription())
                await self._follow(stream, is_resumed=is_resumed)
            except StreamClosedError:
                self._resume = stream.resume_point
                raise
            finally:
                self._observer.push_ended()

    async def _follow(self, stream: EventStream, *, is_resumed: bool) -> None:
        """Follow a stream that events can come by to its end, which raises."""
        self._absence.reset()
        loop = asyncio.get_running_loop()
        proof = loop.call_later(PROVED_AFTER, self._prove)
        try:
            began = partial(self._observer.push_began, is_resumed=is_resumed)
            await self._questions.begin(stream, began, is_resumed=is_resumed)
            await self._listen(stream)
        finally:
            self._questions.end()
            proof.cancel()

    async def _listen(self, stream: EventStream) -> None:
        try:
            async with asyncio.timeout(None) as self._life:
                while not self._is_renewing:
                    # Returns when it is quiet, or when there is reason to ask.
                    await stream.follow(QUIET)
                    if await self._questions.ask_again(stream):
                        raise _GivenUpError("The event stream was deaf")
        except TimeoutError as err:
            raise _GivenUpError("The event stream was given up") from err
        finally:
            self._life = None
        raise _GivenUpError("The event stream asks for too little")

    async def _take(self, events: tuple[Event, ...]) -> None:
        """Deliver at once what needs no waiting, and the rest when it is complete."""
        self._pushed(events)
        ready = [event for event in events if not self._waits(event)]
        await self._intake.take(ready, since=None)

    def _waits(self, event: Event) -> bool:
        if self._observer.lacks_data(event):
            return self._lacking_data.add(event)
        # The reply to our own action may still be on its way.
        is_perhaps_own = self._pending.concerns(event.type_id)
        return is_perhaps_own and self._perhaps_own.add(event)

    async def _with_data(self, event: Event) -> Event:
        return await self._events.get(event.id, include_data=True)

    async def _settled(self, event: Event) -> Event:
        await self._pending.settle((event.type_id,))
        return event

    async def _deliver(self, events: Sequence[Event]) -> None:
        await self._intake.take(events, since=None)

    async def _deliver_settled(self, events: Sequence[Event]) -> None:
        await self._intake.take(events, since=None, is_settled=True)
