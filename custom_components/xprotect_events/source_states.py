"""The states of all sources, and who shows them."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import batched
from typing import NamedTuple

from homeassistant.core import CALLBACK_TYPE, Context, callback

from .api import Event, ServerClock
from .engine.arrival import NOW_MARGIN, Arrival
from .engine.catalog import State
from .engine.states import StateKey, States
from .inventory_coordinator import XProtectInventoryCoordinator
from .mode import ModeSwitch

# Sensors of (source, group). Large sites have 16,000; a server that makes sources up
# must not fill the registry.
MAX_MULTI_STATE = 50_000
# The states of a large site, 16,000 at once, would hold up everything else.
STATES_AT_ONCE = 200

# Takes the context of the event that changed the state, if it was an event.
type StateListener = Callable[[Context | None], None]
type MultiStateListener = Callable[[tuple[StateKey, ...]], None]


class Withheld(NamedTuple):
    """What a late event has changed and nobody shows yet."""

    context: Context
    before: State | None


class SourceStates:
    """Folds events into states and calls the entities whose state they change."""

    def __init__(
        self,
        inventory: XProtectInventoryCoordinator,
        mode: ModeSwitch,
        clock: ServerClock,
    ) -> None:
        self._inventory = inventory
        self._mode = mode
        self._clock = clock
        self._states = States()
        self._listeners: dict[StateKey, list[StateListener]] = {}
        self._multi_state: dict[StateKey, None] = {}
        self._new_keys: list[StateKey] = []
        self._multi_state_listeners: list[MultiStateListener] = []
        self._times_forgotten = 0
        # Where the server's clock was set back to when that was last noticed.
        self._followed: datetime | None = None
        # Of the portion under way, and of the poll.
        self._late: dict[StateKey, Withheld] = {}
        self._withheld: dict[StateKey, Withheld] = {}
        # Whether the portion is one of a poll.
        self.is_polled = False
        # When a baseline was asked for, and the keys that events have set since.
        self._asked_at = clock.now()
        self._set_meanwhile: set[StateKey] | None = None

    @property
    def multi_state(self) -> tuple[StateKey, ...]:
        """All (source, group) seen so far whose group has no two sides."""
        return tuple(self._multi_state)

    @callback
    def state(self, key: StateKey) -> State | None:
        """Return the state to show, `None` as long as it is unknown."""
        withheld = self._late.get(key) or self._withheld.get(key)
        if withheld is not None:
            return withheld.before
        newest = self._states.newest(key)
        return self._inventory.catalog.state(newest.type_id) if newest else None

    @callback
    def shown(self) -> Iterable[StateKey]:
        """Return the keys of all states that entities show."""
        return self._listeners.keys()

    @callback
    def listen(self, key: StateKey, listener: StateListener) -> CALLBACK_TYPE:
        """Call the listener when the state changes; returns the way to stop that."""
        self._listeners.setdefault(key, []).append(listener)

        def unsubscribe() -> None:
            self._listeners[key].remove(listener)
            if not self._listeners[key]:
                del self._listeners[key]

        return unsubscribe

    @callback
    def listen_multi_state(self, listener: MultiStateListener) -> CALLBACK_TYPE:
        """Call the listener with new (source, group) whose group has many sides."""
        self._multi_state_listeners.append(listener)
        return lambda: self._multi_state_listeners.remove(listener)

    @callback
    def fold(self, arrival: Arrival, context: Context) -> None:
        """Take an event that has just been delivered."""
        key = self._key(arrival.event)
        if key is None:
            return
        if self._set_meanwhile is not None:
            self._set_meanwhile.add(key)
        before = self.state(key) if arrival.is_missed else None
        is_newest = self._states.fold(
            key, arrival.event, as_of=arrival.as_of, unknown_until=arrival.unknown_until
        )
        if is_newest and arrival.is_missed:
            self._late[key] = Withheld(context, before)
        elif is_newest:
            self._show(key, context)
        self._announce_new_keys()

    @callback
    def tell_late(self) -> None:
        """Show what late events have come to: what was in between is over.

        Of a poll others may follow, until `release_late`.
        """
        if not self._late:
            return
        late, self._late = self._late, {}
        if self.is_polled:
            self._withheld |= late
            return
        for key, change in late.items():
            self._show(key, change.context)

    @callback
    def release_late(self) -> None:
        """Show what late events of a poll have come to, as it is over."""
        for key, change in tuple(self._withheld.items()):
            self._show(key, change.context)

    @callback
    def forget(self) -> None:
        """Make every state unknown; entities show it when the mode changes."""
        self._states.forget_all_but(())
        self._withheld.clear()
        self._times_forgotten += 1

    @callback
    def follow_clock(self) -> None:
        """Look whether the server's clock was set back, before events are taken.

        Perhaps the very answer that has brought them has told of it.
        """
        moment = self._clock.set_back_to
        if moment is not None and moment != self._followed:
            # Once: there are thousands of states, and hundreds of events a second.
            self._followed = moment
            self.set_back(moment - NOW_MARGIN)

    @callback
    def set_back(self, moment: datetime) -> None:
        """Let every state be older than what happens after a moment."""
        self._states.set_back(moment)

    @callback
    def is_news(self, event: Event) -> bool:
        """Whether an event is of a newer state than what is known."""
        state = self._inventory.catalog.state(event.type_id)
        if state is None or event.source is None:
            return False
        newest = self._states.newest((event.source, state.group))
        return newest is None or event.order > newest.order

    @callback
    def expect_baseline(self) -> None:
        """Remember from now on what is newer than the server's answer to come."""
        self._asked_at = self._clock.now()
        self._set_meanwhile = set()

    async def replace(self, states: Iterable[Event]) -> None:
        """Take the server's word: what it has no state for is unknown."""
        # As of then: the answer may be older than what came meanwhile.
        known = await self.take_baseline(states, self._asked_at)
        known |= self._set_meanwhile or set()
        self._set_meanwhile = None
        for key in self._states.forget_all_but(known):
            self._show(key)

    async def take_baseline(
        self, events: Iterable[Event], asked_at: datetime
    ) -> set[StateKey]:
        """Take states as of then that are no news, and return whose they are."""
        keys: set[StateKey] = set()
        times_forgotten = self._times_forgotten
        for portion in batched(events, STATES_AT_ONCE, strict=False):
            if self._times_forgotten != times_forgotten:
                # The newest are forgotten, too: older ones would take their place.
                break
            for event in portion:
                key = self._key(event)
                if key is None:
                    continue
                keys.add(key)
                as_of = Arrival.of(event, asked_at).as_of
                if self._states.fold(key, event, as_of=as_of) or key in self._withheld:
                    self._show(key)
            self._announce_new_keys()
            await asyncio.sleep(0)
        return keys

    def _key(self, event: Event) -> StateKey | None:
        """Return whose state an event tells, if it tells one."""
        state = self._inventory.catalog.state(event.type_id)
        if state is None or event.source is None:
            return None
        key = (event.source, state.group)
        if (
            state.is_on is None
            and key not in self._multi_state
            and len(self._multi_state) < MAX_MULTI_STATE
        ):
            self._multi_state[key] = None
            self._new_keys.append(key)
        return key

    def _show(self, key: StateKey, context: Context | None = None) -> None:
        self._late.pop(key, None)
        self._withheld.pop(key, None)
        self._tell(key, context)

    def _announce_new_keys(self) -> None:
        if self._new_keys:
            pairs, self._new_keys = tuple(self._new_keys), []
            for listener in tuple(self._multi_state_listeners):
                listener(pairs)

    def _tell(self, key: StateKey, context: Context | None = None) -> None:
        if self._mode.is_delivering:
            for listener in tuple(self._listeners.get(key, ())):
                listener(context)
