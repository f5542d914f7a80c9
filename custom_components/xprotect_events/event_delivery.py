"""Keeps events coming, pushed and polled, and judges whether they come."""

import asyncio
from datetime import datetime, timedelta
import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .api import CredentialsRefusedError, Event, Step, SubscriptionFilter
from .const import (
    CONF_DELIVERY,
    DELIVERY_POLL,
    DOMAIN,
)
from .cursor_store import CursorStore, catch_up_limit
from .engine.arrival import Arrival, Origin
from .engine.audit import PUSH_LAG
from .engine.clock_witness import ClockWitness
from .engine.event_poll import EventPoll
from .engine.intake import Intake
from .engine.push import Push
from .engine.storage_proof import StorageProof
from .event_coordinator import XProtectEventCoordinator
from .issues import async_get_issues
from .pace import Pace
from .push_audit import PushAudit
from .runtime import XProtectConfigEntry

_LOGGER = logging.getLogger(__name__)

# Seconds between two looks at states that missed events have changed. A series of such
# events is over when none comes for so long; more would show its end later.
SETTLE = 3.0
# Between two polls that are asked for because pushed events contradict states. Less
# would be a burden where streams bring events in another order all the time.
DOUBT_AT_MOST_EVERY = timedelta(minutes=1)


class EventDelivery:
    """Runs the poll, which is the truth, and the push, which is the hurry."""

    def __init__(
        self, hass: HomeAssistant, entry: XProtectConfigEntry, store: CursorStore
    ) -> None:
        runtime = entry.runtime_data
        client, feed = runtime.client, runtime.feed
        self._hass = hass
        self._entry = entry
        self._runtime = runtime
        self._feed = feed
        self._store = store
        self._issues = async_get_issues(hass, entry)
        self._proof = StorageProof(runtime.selection.event_types)
        self._clocks = ClockWitness(client.clock.now())
        self._intake = Intake(
            feed,
            client.clock,
            runtime.pending,
            self._deliver,
            stepped=self._clock_was_set,
            polled=self._proof.polled,
            pace=Pace(hass, entry),
        )
        self._poll = EventPoll(
            client,
            feed,
            self,
            intake=self._intake,
            states=runtime.states,
            catch_up_limit=catch_up_limit(entry),
            unreachable=self._issues.note_unreachable,
        )
        self._coordinator = XProtectEventCoordinator(
            hass, entry, self._poll, runtime.attempts, finished=self._polled
        )
        self._audit = PushAudit(runtime, self._issues)
        self._push = Push(
            client.streams,
            client.events,
            self._intake,
            runtime.states,
            runtime.pending,
            self._audit.pushed,
            self,
        )
        self._push_task: asyncio.Task[None] | None = None
        self._stateful_types: frozenset[str] = frozenset()
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._stop_settling: CALLBACK_TYPE | None = None
        self._doubted_at = client.clock.now() - DOUBT_AT_MOST_EVERY

    async def start(self) -> None:
        """Poll, and follow the event stream, until `stop`."""
        # A coordinator without listeners does not poll.
        self._unsubscribe = self._coordinator.async_add_listener(lambda: None)
        if self._entry.options.get(CONF_DELIVERY) != DELIVERY_POLL:
            self._entry.async_on_unload(
                self._runtime.inventory.async_add_listener(self._follow_catalog)
            )
            self._push_task = self._entry.async_create_background_task(
                self._hass, self._run_push(), f"{DOMAIN} push"
            )
        await self._coordinator.async_refresh()

    @callback
    def close(self) -> None:
        """Deliver nothing more; the next start reads the events from now on."""
        self._intake.close()

    async def stop(self) -> None:
        """Deliver nothing more, save the position, delete the session."""
        self.close()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if self._push_task is not None:
            self._push_task.cancel()
        if self._stop_settling is not None:
            self._stop_settling()
            self._stop_settling = None
        await self._store.save(self._feed)
        await self._poll.delete_session()

    async def _run_push(self) -> None:
        try:
            await self._push.run()
        except CredentialsRefusedError:
            self._entry.async_start_reauth(self._hass)

    @callback
    def _deliver(self, arrivals: tuple[Arrival, ...]) -> None:
        is_doubtful = self._runtime.dispatcher.deliver(arrivals)
        self._runtime.statistics.count(arrivals)
        # In a long catch-up, too: a crash must not repeat all of it.
        self._store.schedule(self._feed)
        last = arrivals[-1]
        if last.origin is Origin.PUSH:
            self._proof.pushed(arrivals)
            self._clocks.pushed(arrivals)
            if is_doubtful:
                self._doubt(last.arrived_at)
        else:
            self._audit.polled(arrivals)
        if self._runtime.states.withholds:
            self._settle_later()

    def _doubt(self, now: datetime) -> None:
        """Poll for the server's time: its clock may have been set back."""
        if not timedelta() <= now - self._doubted_at < DOUBT_AT_MOST_EVERY:
            self._doubted_at = now
            self._poll_now()

    @callback
    def _clock_was_set(self, step: Step) -> None:
        """Follow a step of the server's clock, and ask for the states."""
        seconds = round(step.by.total_seconds())
        _LOGGER.info("The server's clock was set by %s seconds", seconds)
        self._runtime.states.shift(step.by)
        self._clocks.clear(self._runtime.client.clock.now())
        self._push.ask_states()

    @callback
    def _settle_later(self) -> None:
        if self._stop_settling is None:
            self._stop_settling = async_call_later(self._hass, SETTLE, self._settle)

    @callback
    def _settle(self, _now: datetime) -> None:
        """Show states that missed events have changed, once no more of them come."""
        self._stop_settling = None
        while self._runtime.states.settle():
            pass
        if self._runtime.states.withholds:
            self._settle_later()

    @callback
    def forget_states(self) -> None:
        """Make states unknown, because events were skipped."""
        # While events are pushed, states are known that no stored event contains.
        if not self._runtime.channels.is_pushing:
            self._runtime.states.forget()

    @callback
    def catch_up_started(self) -> None:
        """Set the mode to catching up."""
        self._runtime.channels.set(catching_up=True)

    @callback
    def _polled(self) -> None:
        has_polled = self._coordinator.last_update_success
        states, channels = self._runtime.states, self._runtime.channels
        if has_polled:
            states.poll_ended()
            if not channels.is_delivering:
                # Entities must show the final states when they become available.
                states.release()
        if self._audit.poll_ended():
            _LOGGER.debug("Push has not brought what polls have found")
            self._push.replace()
        self._set_pace()
        channels.set(
            catching_up=False,
            push=self._audit.is_pushing,
            poll=has_polled and not self._entry.pref_disable_polling,
        )
        self._look_for_issues()
        self._runtime.statistics.sessions_opened = self._poll.sessions_opened
        self._store.schedule(self._feed)

    @callback
    def _set_pace(self) -> None:
        """Poll slowly while everything that matters is pushed."""
        if self._audit.is_push_enough:
            self._coordinator.slow_down()
        else:
            self._coordinator.speed_up()

    @callback
    def _look_for_issues(self) -> None:
        if not self._coordinator.last_update_success:
            self._issues.judge_connection(self._coordinator.last_exception)
            self._proof.polls_failed()
            return
        self._issues.judge_connection(None)
        now, inventory = self._runtime.client.clock.now(), self._runtime.inventory
        self._proof.polls_complete(now=now)
        self._issues.judge_storage(self._proof.unstored, inventory.catalog)
        self._issues.judge_clocks(self._clocks.judge(now), inventory.data)

    def subscription(self) -> tuple[SubscriptionFilter, ...]:
        """Return what to ask the server for."""
        self._stateful_types = self._runtime.inventory.catalog.stateful_types
        return self._runtime.selection.subscription(self._stateful_types)

    @callback
    def _follow_catalog(self) -> None:
        """Ask anew when the site has got states that nobody has asked for."""
        if self._runtime.inventory.catalog.stateful_types - self._stateful_types:
            self._push.renew()

    def lacks_data(self, event: Event) -> bool:
        """Whether the event is of an analytics type and came without data."""
        is_analytics = self._runtime.inventory.catalog.is_analytics(event.type_id)
        return is_analytics and event.data is None

    @callback
    def push_began(self, *, is_resumed: bool) -> None:
        """Poll at once for what a new session may have missed, then slowly."""
        channels = self._runtime.channels
        self._runtime.statistics.streams_opened += 1
        self._runtime.statistics.streams_resumed += is_resumed
        self._audit.began()
        if not is_resumed and channels.has_delivered and not channels.is_delivering:
            # After an outage nothing is known until the server has answered.
            self._runtime.states.forget()
        channels.set(push=self._audit.is_pushing)
        self._set_pace()
        if not is_resumed:
            self._poll_now()

    @callback
    def has_missed(self, states: tuple[Event, ...]) -> bool:
        """Whether states have changed by events that push has not brought."""
        until = self._runtime.client.clock.now() - PUSH_LAG
        return any(
            self._audit.since < state.time < until
            and self._runtime.states.is_news(state)
            for state in states
        )

    @callback
    def states_lacking(self) -> None:
        """Take from stored events what the stream has not answered."""
        self._poll_now()

    @callback
    def push_ended(self) -> None:
        """Poll at once and fast again."""
        if not self._audit.is_open:
            return
        self._audit.ended()
        self._runtime.channels.set(push=False)
        self._set_pace()
        self._poll_now()

    @callback
    def _poll_now(self) -> None:
        if self._unsubscribe is not None:
            self._coordinator.poll_soon()
