"""Keeps events coming, pushed and polled, and judges whether they come."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .api import CredentialsRefusedError, Event, SubscriptionFilter
from .const import (
    CONF_DELIVERY,
    DELIVERY_POLL,
    DOMAIN,
)
from .cursor_store import CursorStore, catch_up_limit
from .engine.arrival import Arrival
from .engine.audit import PUSH_LAG
from .engine.event_poll import EventPoll
from .engine.intake import Intake, Origin
from .engine.push import Push
from .engine.storage_proof import StorageProof
from .event_coordinator import XProtectEventCoordinator
from .issues import async_get_issues
from .mode import Mode
from .push_audit import PushAudit
from .runtime import XProtectConfigEntry

_LOGGER = logging.getLogger(__name__)


class EventDelivery:
    """Runs the poll, which is the truth, and the push, which is the hurry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: XProtectConfigEntry,
        store: CursorStore,
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
        self._intake = Intake(
            feed,
            client.clock,
            runtime.pending,
            self._deliver,
            polled=self._proof.polled,
        )
        self._poll = EventPoll(
            client,
            feed,
            self,
            intake=self._intake,
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
            runtime.pending,
            self._audit.pushed,
            self,
        )
        self._push_task: asyncio.Task[None] | None = None
        self._stateful_types: frozenset[str] = frozenset()
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._is_polling = False
        self._is_catching_up = False
        self._is_pushing = False
        self._awaits_states = False

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
        """Deliver nothing more; what comes now is left for the next start."""
        self._intake.close()

    async def stop(self) -> None:
        """Deliver nothing more, save the position, delete the session."""
        self.close()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if self._push_task is not None:
            self._push_task.cancel()
        await self._store.save(self._feed)
        await self._poll.delete_session()

    async def _run_push(self) -> None:
        try:
            await self._push.run()
        except CredentialsRefusedError:
            self._entry.async_start_reauth(self._hass)

    @callback
    def _deliver(self, arrivals: tuple[Arrival, ...], origin: Origin) -> None:
        states = self._runtime.states
        states.follow_clock()
        states.is_polled = origin is Origin.POLL
        self._runtime.dispatcher.deliver(arrivals)
        self._runtime.statistics.count(arrivals)
        # In a long catch-up, too: a crash must not repeat all of it.
        self._store.schedule(self._feed)
        if origin is Origin.PUSH:
            self._proof.pushed(arrivals)
        elif self._is_pushing:
            self._audit.polled(arrivals)

    @callback
    def forget_states(self) -> None:
        """Make states unknown that may have changed unseen."""
        # Push has seen them all, those of events that are not stored among them.
        if not self._is_pushing:
            self._runtime.states.forget()

    @callback
    def clock_set_back(self, moment: datetime) -> None:
        """Take events as new that bear earlier times than those before them."""
        self._runtime.states.set_back(moment)
        if self._is_pushing:
            # What was pushed before anybody knew was taken for older than what was.
            self._push.renew()

    async def take_baseline(self, events: Sequence[Event], asked_at: datetime) -> None:
        """Take current states from stored events."""
        await self._runtime.states.take_baseline(events, asked_at)

    @callback
    def catch_up_started(self) -> None:
        """Show that events of an outage follow."""
        self._is_catching_up = True
        self._judge()

    @callback
    def _polled(self) -> None:
        self._is_catching_up = False
        self._is_polling = (
            self._coordinator.last_update_success
            and not self._entry.pref_disable_polling
        )
        if self._coordinator.last_update_success:
            self._runtime.states.release_late()
        if self._is_pushing and self._audit.poll_ended():
            _LOGGER.debug("Push has not brought what polls have found")
            self._push.replace()
        self._set_pace()
        self._judge()
        self._look_for_issues()
        self._runtime.statistics.sessions_opened = self._poll.sessions_opened
        self._store.schedule(self._feed)

    @callback
    def _set_pace(self) -> None:
        """Poll slowly while everything that matters is pushed."""
        if self._is_pushing and self._audit.is_push_enough:
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
        self._proof.polls_complete(now=self._runtime.client.clock.now())
        self._issues.judge_storage(
            self._proof.unstored, self._runtime.inventory.catalog
        )

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
        self._is_pushing = True
        self._runtime.statistics.streams_opened += 1
        self._runtime.statistics.streams_resumed += is_resumed
        self._audit.began()
        self._set_pace()
        if not is_resumed:
            if not self._runtime.mode.is_delivering:
                # Nobody knows what changed until the server tells its states.
                self._runtime.states.forget()
                self._awaits_states = True
            self._poll_now()
        self._judge()

    @callback
    def states_asked(self) -> None:
        """Remember which states change until the server tells them."""
        self._runtime.states.expect_baseline()

    @callback
    def has_missed(self, states: tuple[Event, ...]) -> bool:
        """Whether states have changed of which push should have told."""
        until = self._runtime.client.clock.now() - PUSH_LAG
        return any(
            self._audit.since < state.time < until
            and self._runtime.states.is_news(state)
            for state in states
        )

    async def take_states(self, states: tuple[Event, ...] | None) -> None:
        """Show the states that the server has."""
        if states is not None:
            await self._runtime.states.replace(states)
            self._awaits_states = False
            self._poll.baseline_known()
        self._do_without_states()

    def _do_without_states(self) -> None:
        """Take from stored events what the stream has not told."""
        if self._awaits_states:
            self._awaits_states = False
            self._poll.baseline_lost()
            self._poll_now()

    @callback
    def push_ended(self) -> None:
        """Poll at once and fast again."""
        if not self._is_pushing:
            return
        self._is_pushing = False
        self._do_without_states()
        self._set_pace()
        self._judge()
        self._poll_now()

    @callback
    def _poll_now(self) -> None:
        if self._unsubscribe is not None:
            self._coordinator.poll_soon()

    @callback
    def _judge(self) -> None:
        """Decide on the mode, and whether states are those of now.

        A catch-up brings states of the past, unless push has brought newer ones.
        """
        if self._is_catching_up:
            mode = Mode.CATCHING_UP
        elif self._is_pushing:
            mode = Mode.PUSH
        elif self._is_polling:
            mode = Mode.POLL
        else:
            mode = Mode.DOWN
        self._runtime.mode.switch(
            mode, is_delivering=self._is_pushing or mode is Mode.POLL
        )
