"""Shows states after missed events have changed them; polls after contradictions."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .engine.arrival import Arrival, Origin
from .engine.states import STATES_AT_ONCE, StateKey, States

# Seconds between two checks of states that missed events have changed. A series of such
# events is over when none arrives for this time; with more, its end is shown later.
SETTLE = 3.0
# Time between two polls that are requested because pushed events contradict states.
# Less would be a burden for servers whose streams often change the order of events.
POLL_AT_MOST_EVERY = timedelta(minutes=1)


class Settling:
    """Shows states that missed events have changed, when no more of them arrive.

    Requests a poll if pushed events are missed or contradict the states: its answer
    contains the server's time, whose clock may have been set back.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        states: States[Context],
        poll_now: CALLBACK_TYPE,
    ) -> None:
        self._hass = hass
        self._states = states
        self._poll_now = poll_now
        self._contradictions = states.contradictions
        self._polled_at: datetime | None = None
        self._stop_waiting: CALLBACK_TYPE | None = None

    @callback
    def stop(self) -> None:
        """Show nothing more."""
        if self._stop_waiting is not None:
            self._stop_waiting()
            self._stop_waiting = None

    @callback
    def unsettled(self, arrival: Arrival) -> None:
        """React to a missed event, or one that contradicts a state."""
        is_old = arrival.is_missed and arrival.origin is Origin.PUSH
        if is_old or self._states.contradictions != self._contradictions:
            self._contradictions = self._states.contradictions
            self._poll_for_time(arrival.arrived_at)
        if self._states.withholds and self._stop_waiting is None:
            self._wait()

    def _poll_for_time(self, now: datetime) -> None:
        last = self._polled_at
        if last is None or not timedelta() <= now - last < POLL_AT_MOST_EVERY:
            self._polled_at = now
            self._poll_now()

    def _wait(self) -> None:
        self._stop_waiting = async_call_later(self._hass, SETTLE, self._settle)

    @callback
    def _settle(self, _now: datetime) -> None:
        self._show(self._states.settle())

    @callback
    def _show(self, settled: Sequence[StateKey]) -> None:
        """Show a portion; the rest follows after other tasks of the event loop."""
        self._stop_waiting = None
        self._states.show_settled(settled[:STATES_AT_ONCE])
        rest = settled[STATES_AT_ONCE:]
        if rest:
            self._stop_waiting = self._hass.loop.call_soon(self._show, rest).cancel
        elif self._states.withholds:
            self._wait()
