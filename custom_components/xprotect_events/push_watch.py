"""Reacts when an event stream begins, sends states, or ends."""

from homeassistant.core import callback

from .api import Event, Source, SubscriptionFilter
from .engine.audit import PUSH_LAG
from .event_coordinator import XProtectEventCoordinator
from .push_audit import PushAudit
from .runtime import XProtectRuntime


class PushWatch:
    """Sets the mode and the interval of the poll according to the event stream."""

    def __init__(
        self,
        runtime: XProtectRuntime,
        audit: PushAudit,
        coordinator: XProtectEventCoordinator,
    ) -> None:
        self._runtime = runtime
        self._audit = audit
        self._coordinator = coordinator
        # The types with states in the last subscription.
        self._stateful_types: frozenset[str] = frozenset()
        self._grouped: frozenset[Source] = frozenset()

    def subscription(self) -> tuple[SubscriptionFilter, ...]:
        """Return the filters of the subscription."""
        self._stateful_types = self._runtime.inventory.catalog.stateful_types
        self._grouped = self._runtime.inventory.grouped
        return self._runtime.selection.subscription(self._stateful_types)

    @property
    def is_subscription_outdated(self) -> bool:
        """Whether there are new states, or the groups have changed."""
        inventory = self._runtime.inventory
        has_new_states = inventory.catalog.stateful_types - self._stateful_types
        return bool(has_new_states) or inventory.grouped != self._grouped

    @callback
    def push_began(self, *, is_resumed: bool) -> None:
        """Poll at once for events before a new session, then slowly."""
        channels, statistics = self._runtime.channels, self._runtime.statistics
        statistics.streams_opened += 1
        statistics.streams_resumed += is_resumed
        self._audit.began()
        if not is_resumed and channels.has_delivered and not channels.is_delivering:
            # After an outage states are unknown until the server has answered.
            self._runtime.states.forget()
        # Otherwise each sensor would be unknown for a moment. Nothing that is available
        # becomes unavailable for this.
        awaits_states = (
            self._runtime.states.needs_snapshot and not channels.is_delivering
        )
        channels.set(push=self._audit.is_pushing, awaits_states=awaits_states)
        self.set_pace()
        if not is_resumed:
            self._coordinator.poll_soon()

    @callback
    def push_ended(self) -> None:
        """Poll at once, and at the poll interval again."""
        if not self._audit.is_open:
            return
        self._audit.ended()
        self._runtime.channels.set(push=False, awaits_states=False)
        self.set_pace()
        self._coordinator.poll_soon()

    @callback
    def lacks_push(self, states: tuple[Event, ...]) -> bool:
        """Whether states have changed by events that were not pushed."""
        until = self._runtime.client.clock.now() - PUSH_LAG
        return any(
            self._audit.since < state.time < until
            and self._runtime.states.is_newer_state(state)
            for state in states
        )

    @callback
    def states_ready(self) -> None:
        """Let entities show the states."""
        self._runtime.channels.set(awaits_states=False)

    @callback
    def states_lacking(self) -> None:
        """Poll, to read states that the stream has not sent from stored events."""
        self._coordinator.poll_soon()

    @callback
    def set_pace(self) -> None:
        """Poll slowly while all selected or shown types and sources are pushed."""
        if self._audit.is_push_enough:
            self._coordinator.slow_down()
        else:
            self._coordinator.speed_up()
