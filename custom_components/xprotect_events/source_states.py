"""Connects states with the entities that show them."""

import asyncio
from collections.abc import Callable, Iterable
import logging

from homeassistant.core import CALLBACK_TYPE, Context, callback

from .api import Event, Resource
from .engine.built_in import StateKind
from .engine.catalog import State
from .engine.guard import Guard
from .engine.keyed_listeners import KeyedListeners
from .engine.reported_states import Reported
from .engine.states import StateKey
from .inventory_coordinator import XProtectInventoryCoordinator
from .mode import Channels
from .site_limits import MAX_COUNTED, MAX_STATE_SENSORS, Limit

_LOGGER = logging.getLogger(__name__)

# Takes the context of the event that changed the state, if it was an event.
type StateListener = Callable[[Context | None], None]
type MultiStateListener = Callable[[tuple[StateKey, ...]], None]
type ReportListener = Callable[[Reported], None]


class SourceStates:
    """Calls entities whose state has changed, and finds states for new sensors."""

    def __init__(
        self, inventory: XProtectInventoryCoordinator, channels: Channels
    ) -> None:
        self._inventory = inventory
        self._channels = channels
        self._guard = Guard(_LOGGER)
        self._listeners: KeyedListeners[StateKey, StateListener] = KeyedListeners()
        self._multi_state: dict[StateKey, None] = {}
        self._new_keys: list[StateKey] = []
        # Keys that have no sensor because there are too many.
        self._left_out: set[StateKey] = set()
        self._is_counting = False
        self._multi_state_listeners: list[MultiStateListener] = []
        # States for binary sensors that the server has never reported. Each change of a
        # state is looked up here.
        pairs = {(kind.value, group.value) for kind in Resource for group in StateKind}
        reported = inventory.memory.reported
        self._unreported: set[tuple[str | None, str]] = {*pairs - reported}
        self._report_listeners: list[ReportListener] = []

    @property
    def multi_state(self) -> tuple[StateKey, ...]:
        """All known keys (source, group) whose group has more than two states."""
        return tuple(self._multi_state)

    @callback
    def shown(self) -> Iterable[StateKey]:
        """Return the keys of all states that entities show."""
        return self._listeners.keys()

    @callback
    def meaning(self, event: Event) -> tuple[StateKey, State] | None:
        """Return the key and the state that an event sets, `None` if stateless."""
        state = self._inventory.catalog.states.get(event.type_id)
        if state is None or event.source is None:
            return None
        key = (event.source, state.group)
        if state.is_on is None and key not in self._multi_state:
            self._note_multi_state(key)
        return key, state

    @callback
    def changed(self, key: StateKey, context: Context | None) -> None:
        """Call the entities of a state, unless they are unavailable."""
        source, group = key
        if (source.resource, group) in self._unreported and source.resource is not None:
            self.note_reported([(source.resource, group)])
        if self._channels.is_delivering:
            for listener in self._listeners.get(key, ()):
                try:
                    listener(context)
                except Exception as err:  # noqa: BLE001 - it is logged
                    self._guard.log(listener, err)

    @callback
    def listen(self, key: StateKey, listener: StateListener) -> CALLBACK_TYPE:
        """Call the listener when the state changes; return a function to stop it."""
        return self._listeners.add(key, listener)

    @callback
    def forget(self, key: StateKey, listener: StateListener) -> None:
        """Call the listener no more."""
        self._listeners.remove(key, listener)

    @callback
    def listen_multi_state(self, listener: MultiStateListener) -> CALLBACK_TYPE:
        """Call the listener with new keys whose group has more than two states."""
        self._multi_state_listeners.append(listener)
        return lambda: self._multi_state_listeners.remove(listener)

    @callback
    def listen_reported(self, listener: ReportListener) -> CALLBACK_TYPE:
        """Call the listener at the first reported state of a kind of source."""
        self._report_listeners.append(listener)
        return lambda: self._report_listeners.remove(listener)

    @callback
    def note_reported(self, reported: Iterable[Reported]) -> None:
        """Remember reported states, and call the listeners of new ones."""
        new = {pair for pair in reported if pair in self._unreported}
        self._unreported -= new
        self._inventory.memory.note_reported(new)
        for pair in new:
            for listener in tuple(self._report_listeners):
                listener(pair)

    def _note_multi_state(self, key: StateKey) -> None:
        if len(self._multi_state) >= MAX_STATE_SENSORS:
            self._leave_out(key)
            return
        self._multi_state[key] = None
        if not self._new_keys:
            # An answer contains hundreds of keys, which are announced together.
            asyncio.get_running_loop().call_soon(self._announce_new_keys)
        self._new_keys.append(key)

    def _leave_out(self, key: StateKey) -> None:
        if key in self._left_out or len(self._left_out) >= MAX_COUNTED:
            return
        self._left_out.add(key)
        if not self._is_counting:
            # There are hundreds at once, and each would change the text of the repair.
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._count_left_out)

    @callback
    def _count_left_out(self) -> None:
        self._is_counting = False
        self._inventory.left_out.note(Limit.STATE_SENSORS, len(self._left_out))

    @callback
    def _announce_new_keys(self) -> None:
        keys, self._new_keys = tuple(self._new_keys), []
        for listener in tuple(self._multi_state_listeners):
            listener(keys)
