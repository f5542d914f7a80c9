"""Asks for the states of all sources on the stream, by `getState` (protocol §5.2)."""

import asyncio
from collections.abc import Callable
import logging
from typing import Protocol

from ..api import Event, EventStream, RejectedError, TimedOutError
from .intake import Intake
from .states import States

_LOGGER = logging.getLogger(__name__)

# Seconds between two requests on a busy stream. A state that a wrong clock has made
# wrong stays so for that long. An answer has 260 bytes per state.
EVERY = 900.0
# With more states than this, answers have megabytes, so the request is sent hourly.
MANY_STATES = 5000
EVERY_MANY = 3600.0
# Seconds between two requests for any reason, because clocks may be set repeatedly.
AT_MOST_EVERY = 60.0
# Seconds that entities wait for the first answer. With less, those of a large site
# would be unknown first; with more, those of a server whose answer takes minutes would
# be unavailable although events arrive.
PATIENCE = 2.0


class StateObserver(Protocol):
    """Is called with the answers. The methods must return at once."""

    def lacks_push(self, states: tuple[Event, ...]) -> bool:
        """Whether an event of the states should have been pushed, but was not."""

    def states_ready(self) -> None:
        """Show the states, because the answer was taken, or will take too long."""

    def states_lacking(self) -> None:
        """Read stored events, because the answer lacks states."""


class StateQuestions[Cause]:
    """Sends `getState` on each stream, and passes the answers to `states`."""

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
        """Ask for states on a new stream, unless it is resumed and has answered.

        `began` is called when the request is noted, so that a poll that it causes does
        not read states from stored events at the same time. Raises any `ApiError` of
        `EventStream.states` but `RejectedError` and `TimedOutError`.
        """
        self._stream = stream
        if not is_resumed:
            self._had_states = False
            self._states.require_snapshot()
        if self._states.needs_snapshot:
            try:
                await self._ask(stream, began)
            except (RejectedError, TimedOutError) as err:
                # Pushed events still set states.
                _LOGGER.debug("The server gives no states: %s", err)
        else:
            began()
            self._schedule(self._interval)

    def end(self) -> None:
        """Send no more requests until the next stream begins."""
        self._stream = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def ask_soon(self) -> None:
        """Ask as soon as a minute has passed since the last request."""
        waited = asyncio.get_running_loop().time() - self._asked_at
        self._schedule(max(0.0, AT_MOST_EVERY - waited))

    async def ask_again(self, stream: EventStream) -> bool:
        """Ask, and return whether the answer proves that events are not pushed.

        Raises any `ApiError` of `EventStream.states` but `RejectedError`.
        """
        try:
            return await self._ask(stream, lambda: None)
        except RejectedError:
            # This server has no `getState`; only the audit can find this.
            return False

    async def _ask(self, stream: EventStream, noted: Callable[[], None]) -> bool:
        loop = asyncio.get_running_loop()
        self._asked_at = loop.time()
        patience = loop.call_later(PATIENCE, self._observer.states_ready)
        try:
            with self._states.asking(self._intake.server_now) as question:
                noted()
                states = await stream.states()
                # Nothing of the server delays the rest.
                patience.cancel()
                # A session that has lost its subscription returns no states.
                lacks_push = self._had_states and not states
                lacks_push |= self._observer.lacks_push(states)
                self._had_states = bool(states)
                await self._states.take_answer(question, states)
        except RejectedError, TimedOutError:
            self._answered()
            raise
        finally:
            patience.cancel()
        self._answered()
        return lacks_push

    def _answered(self) -> None:
        self._schedule(self._interval)
        self._observer.states_ready()
        if self._states.needs_stored_events:
            self._observer.states_lacking()

    @property
    def _interval(self) -> float:
        return EVERY_MANY if len(self._states) > MANY_STATES else EVERY

    def _schedule(self, delay: float) -> None:
        """Interrupt `follow` of the stream after so many seconds, to ask again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._stream is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay, self._stream.interrupt)
