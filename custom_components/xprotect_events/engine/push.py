"""Keeps an event stream open: push delivers events at once, the poll completes them."""

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
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

# Seconds. Servers before 2023 R3 have no WebSocket. After an update of the server it is
# found within a day. A gateway that is starting answers the same, so the first pauses
# are short.
OLD_SERVER_PAUSE = 24 * 3600.0
# Seconds that an analytics event waits for its data.
DATA_PATIENCE = 2.0
# Requests for data at the same time; an answer may have megabytes. With fewer, a burst
# would take longer than DATA_PATIENCE.
DATA_AT_A_TIME = 10
# After so many seconds without an event the stream is asked for states, because a
# socket can be open and yet transport nothing. Less would be a burden at night.
QUIET = 180.0
# Seconds after which a stream counts as working: the attempt after its end comes soon.
# With less, a server that accepts streams and closes them at once would get one
# connection after the other.
PROVED_AFTER = 60.0


class _GivenUpError(ApiError):
    """We ended a stream that was still open; its session is not resumed."""


class PushObserver(StateObserver, Protocol):
    """Is called on changes of push. The methods must return at once."""

    def subscription(self) -> tuple[SubscriptionFilter, ...]:
        """Return the filters of the subscription."""

    def push_began(self, *, is_resumed: bool) -> None:
        """Push works; unless resumed, events before this moment may be missing."""

    def push_ended(self) -> None:
        """Push does not work any more, until `push_began`."""


class Push[Cause]:
    """Keeps one event stream open, and reconnects after any failure."""

    def __init__(
        self,
        streams: Streams,
        events: Events,
        intake: Intake,
        states: States[Cause],
        pending: PendingTriggers,
        observer: PushObserver,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        # The types of events with data, which the stream does not transport.
        self.types_with_data: Container[str] = frozenset()
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

        Raises only `CredentialsRefusedError`, after which no attempt may follow.
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

        `None` means at once: we ended this stream to open another one.
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
        """End a stream that does not push; the next one has a new session."""
        # Only once: several polls may find this before the stream has ended.
        life, self._life = self._life, None
        if life is not None:
            life.reschedule(asyncio.get_running_loop().time())

    def ask_states(self) -> None:
        """Ask for states on the open stream soon, at most once a minute."""
        self._questions.ask_soon()

    def renew(self) -> None:
        """Open a new session at once, because the subscription has changed."""
        self._is_renewing = True
        self.replace()

    async def _live(self) -> None:
        """Connect, and follow the stream until an error ends it."""
        resume = None if self._is_renewing else self._resume
        self._is_renewing = False
        async with await self._streams.connect(self._take) as stream:
            # The session is resumed only if the connection was lost.
            self._resume = None
            try:
                is_resumed = await stream.start(resume)
                if not is_resumed:
                    filters = self._observer.subscription()
                    # They have what has changed while the stream was being opened.
                    self._is_renewing = False
                    await stream.subscribe(filters)
                await self._follow(stream, is_resumed=is_resumed)
            except StreamClosedError:
                self._resume = stream.resume_point
                raise
            finally:
                self._observer.push_ended()

    async def _follow(self, stream: EventStream, *, is_resumed: bool) -> None:
        """Follow a subscribed stream until an error ends it."""
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
                    # Returns after a quiet time, or when states must be read.
                    await stream.follow(QUIET)
                    if await self._questions.ask_again(stream):
                        raise _GivenUpError("The event stream does not push events")
        except TimeoutError as err:
            raise _GivenUpError("The event stream was given up") from err
        finally:
            self._life = None
        raise _GivenUpError("The subscription has changed")

    async def _take(self, events: tuple[Event, ...]) -> None:
        """Deliver events at once, but those that lack data when they are complete."""
        with_data, is_idle = self.types_with_data, self._pending.is_idle
        ready = [
            event
            for event in events
            if (is_idle and event.type_id not in with_data) or not self._waits(event)
        ]
        await self._intake.take(ready, since=None)

    def _waits(self, event: Event) -> bool:
        if event.data is None and event.type_id in self.types_with_data:
            waiting = self._lacking_data
        elif not self._pending.is_idle and self._pending.concerns(event.type_id):
            # It may come from an action of ours whose reply has not arrived yet.
            waiting = self._perhaps_own
        else:
            return False
        self._intake.note_pushed(event)
        return waiting.add(event)

    async def _with_data(self, event: Event) -> Event:
        return await self._events.get(event.id, include_data=True)

    async def _settled(self, event: Event) -> Event:
        await self._pending.settle((event.type_id,))
        return event

    async def _deliver(self, events: Sequence[Event]) -> None:
        await self._intake.take(events, since=None)

    async def _deliver_settled(self, events: Sequence[Event]) -> None:
        await self._intake.take(events, since=None, is_settled=True)
