"""When the stream is asked for the states of all sources."""

import asyncio
from collections.abc import Callable
import logging
from typing import Protocol

from ..api import Event, EventStream, RejectedError, TimedOutError
from .intake import Intake
from .states import States

_LOGGER = logging.getLogger(__name__)

# Seconds between two questions on a stream that brings events. A state that a wrong
# clock holds fast is wrong for as long; an answer has 260 bytes a state.
EVERY = 900.0
# Answers with more states than this have megabytes: such a server is asked hourly.
MANY_STATES = 5000
EVERY_MANY = 3600.0
# Seconds between two questions, whatever the reason. Clocks may be set again and again.
AT_MOST_EVERY = 60.0


class StateObserver(Protocol):
    """Who needs to know what the answers say. No method may take long."""

    def has_missed(self, states: tuple[Event, ...]) -> bool:
        """Whether the states are of events that push should have brought."""

    def states_lacking(self) -> None:
        """Look into stored events for states that the answer lacks."""


class StateQuestions[Cause]:
    """Asks one stream after the other for states, and hands the answers over."""

    def __init__(
        self, states: States[Cause], intake: Intake, observer: StateObserver
    ) -> None:
        self._states = states
        self._intake = intake
        self._observer = observer
        self._stream: EventStream | None = None
        self._asked_at = 0.0
        # Whether the last answer of this session had states.
        self._had_states = False
        self._timer: asyncio.TimerHandle | None = None

    async def begin(
        self, stream: EventStream, began: Callable[[], None], *, is_resumed: bool
    ) -> None:
        """Ask a new session, or one that ended before it had answered.

        Calls `began` when the question is noted: a poll that it asks for must not read
        stored events for what the stream is being asked.
        """
        self._stream = stream
        if not is_resumed:
            self._had_states = False
            self._states.doubt()
        if self._states.needs_snapshot:
            try:
                await self._ask(stream, began)
            except (RejectedError, TimedOutError) as err:
                # Events arrive all the same; states follow from those.
                _LOGGER.debug("The server gives no states: %s", err)
        else:
            began()
            self._schedule(self._interval)

    def end(self) -> None:
        """Ask nothing more until the next stream begins."""
        self._stream = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def hurry(self) -> None:
        """Ask as soon as a minute has passed since the last question."""
        waited = asyncio.get_running_loop().time() - self._asked_at
        self._schedule(max(0.0, AT_MOST_EVERY - waited))

    async def ask_again(self, stream: EventStream) -> bool:
        """Ask, and return whether the answer proves that the stream is deaf."""
        try:
            return await self._ask(stream, lambda: None)
        except RejectedError:
            # This server gives no states; the audit has to do.
            return False

    async def _ask(self, stream: EventStream, noted: Callable[[], None]) -> bool:
        self._asked_at = asyncio.get_running_loop().time()
        try:
            with self._states.asking(self._intake.server_now) as question:
                noted()
                states = await stream.states()
                # A session without a subscription has none.
                is_deaf = self._had_states and not states
                is_deaf |= self._observer.has_missed(states)
                self._had_states = bool(states)
                await self._states.take_answer(question, states)
        except RejectedError, TimedOutError:
            self._answered()
            raise
        self._answered()
        return is_deaf

    def _answered(self) -> None:
        self._schedule(self._interval)
        if self._states.needs_stored_events:
            self._observer.states_lacking()

    @property
    def _interval(self) -> float:
        return EVERY_MANY if len(self._states) > MANY_STATES else EVERY

    def _schedule(self, delay: float) -> None:
        """Interrupt the stream after so many seconds, if it is still the same."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._stream is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay, self._stream.interrupt)
