"""The meaning of event types: name, state, and whether a user may trigger it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..api import EventType, Resource
from .built_in import STATE_GROUP_NAMES, TWO_SIDED, StateKind, TwoSided
from .event_keys import EventKeys, OfferedEvents
from .event_names import EVENT_SLUGS, EVENT_TYPE_NAMES
from .inventory import SiteInventory
from .names import comparable
from .state_names import state_names

# Item types in `sourceArray`. `Camera` and `Hardware` are known from real answers, the
# others are inferred (protocol §3.2). Unknown names are ignored.
RESOURCE_BY_SOURCE_TYPE = {
    "camera": Resource.CAMERAS,
    "microphone": Resource.MICROPHONES,
    "speaker": Resource.SPEAKERS,
    "inputevent": Resource.INPUT_EVENTS,
    "output": Resource.OUTPUTS,
    "hardware": Resource.HARDWARE,
    "recordingserver": Resource.RECORDING_SERVERS,
}

# Generators of types that users may trigger, without Generic events (protocol §4.5).
TRIGGERABLE_GENERATORS = {"external", "mipdevice"}
GENERIC = "generic"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state that an event of some type gives its source.

    `group` is the id of the state group, or the `StateKind` of a group with two sides.
    `is_on` is `None` if the group does not have two sides.
    """

    group: str
    group_name: str | None
    name: str
    is_on: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A state group: its display name and the display names of its states."""

    name: str
    states: tuple[str, ...]


class Catalog:
    """Looks up event types of one inventory, by GUID.

    `names` has the display names of all types that the server or the built-in table
    has, `states` the states set by the stateful ones. `user_defined` and
    `analytics` are the types of these kinds: the former take no analytics data, the
    latter have data. These four are read for each event.
    """

    def __init__(
        self,
        inventory: SiteInventory,
        chosen_types: frozenset[str] = frozenset(),
        keys: EventKeys | None = None,
    ) -> None:
        self._types = {row.id: row for row in inventory.event_types}
        self.names = dict(EVENT_TYPE_NAMES)
        self.names.update((row.id, row.name) for row in inventory.analytics_events)
        self.names.update((row.id, row.name) for row in inventory.user_defined_events)
        self.names.update((row.id, row.name) for row in inventory.event_types)
        self._ids_by_name = _index(self.names)
        self.user_defined = frozenset(row.id for row in inventory.user_defined_events)
        self.analytics = frozenset(row.id for row in inventory.analytics_events)
        keys = keys or EventKeys()
        named = {
            type_id: self.type_name(type_id)
            for type_id in self.user_defined | self.analytics | chosen_types
            if type_id not in EVENT_SLUGS
        }
        self.renames = keys.assign(named.items())
        self.offered = OfferedEvents(
            # The order of discovery: if there are too many, the first ones stay.
            {one: key.word for one, key in keys.remembered.items() if one in named},
            user_defined=self.user_defined,
            at_sources=self.analytics | chosen_types,
            chosen=chosen_types,
        )
        group_names = STATE_GROUP_NAMES | {
            row.id: row.name for row in inventory.state_groups
        }
        states = state_names(inventory.event_types, inventory.state_groups)
        self.states = _read_states(self._types, group_names, self.names, states)
        self._groups = _read_groups(self.states.values())
        self._kinds = _read_kinds(self._types)

    def type_name(self, type_id: str) -> str:
        """Return the display name, or the GUID of an unknown type."""
        return self.names.get(type_id, type_id)

    @property
    def stateful_types(self) -> frozenset[str]:
        """Ids of all event types that belong to a state group."""
        return frozenset(self.states)

    def group_name(self, group: str) -> str:
        """Return the display name of a state group, or its id."""
        return self._groups[group].name if group in self._groups else group

    def group_states(self, group: str) -> tuple[str, ...]:
        """Return the names of the states of a group, each once."""
        return self._groups[group].states if group in self._groups else ()

    @property
    def states_by_group(self) -> tuple[tuple[str, ...], ...]:
        """The names of the states of each group."""
        return tuple(group.states for group in self._groups.values())

    def groups_of(self, resource: Resource) -> Mapping[str, str]:
        """Return the groups without two sides that a kind of source has, with names.

        If no event type lists this kind of source, these are all such groups.
        """
        kinds_of: dict[str, set[str]] = {}
        for row in self._types.values():
            state = self.states.get(row.id)
            if state is not None and state.is_on is None:
                kinds_of.setdefault(state.group, set()).update(row.source_types)
        own = [
            group
            for group, kinds in kinds_of.items()
            if any(
                RESOURCE_BY_SOURCE_TYPE.get(kind.lower()) is resource for kind in kinds
            )
        ]
        return {group: self.group_name(group) for group in own or kinds_of}

    def kinds(self, resource: Resource) -> tuple[StateKind, ...]:
        """Return the two-sided groups that sources of this resource have."""
        return self._kinds.get(resource, ())

    def is_generic(self, type_id: str) -> bool:
        """Whether this is a Generic event, which no user may trigger."""
        row = self._types.get(type_id)
        return row is not None and (row.generator_subtype or "").lower() == GENERIC

    def is_triggerable(self, type_id: str) -> bool:
        """Whether a user may trigger it: user-defined, analytics, of plug-ins."""
        if type_id in self.user_defined | self.analytics:
            return True
        row = self._types.get(type_id)
        generator = (row.generator_type or "").lower() if row else ""
        return generator in TRIGGERABLE_GENERATORS and not self.is_generic(type_id)

    def find(self, name_or_id: str) -> tuple[str, ...]:
        """Return the GUIDs of the event types with this GUID or display name.

        Names are compared without case and extra blanks. Several types may have one
        name; the result is empty if there is none.
        """
        wanted = name_or_id.strip().lower()
        if wanted in self.names:
            return (wanted,)
        return self._ids_by_name.get(comparable(name_or_id), ())


def _index(names: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Return the ids by name, because a caller may look up hundreds of names."""
    ids: dict[str, list[str]] = {}
    for type_id, name in names.items():
        ids.setdefault(comparable(name), []).append(type_id)
    return {name: tuple(found) for name, found in ids.items()}


def _read_states(
    types: Mapping[str, EventType],
    group_names: Mapping[str, str],
    type_names: Mapping[str, str],
    named: Mapping[str, str],
) -> dict[str, State]:
    """Read the state of each stateful type; `named` has the names that are certain."""
    states = {}
    for two_sided in TWO_SIDED:
        group_id = _group_id(two_sided, types)
        namesakes = _namesakes(group_id, group_names)
        sides = _sides(two_sided, group_id, namesakes, types, named)
        for type_id, is_on in sides.items():
            states[type_id] = State(
                group=two_sided.kind,
                group_name=group_names.get(group_id or "") or two_sided.kind.title(),
                name=named.get(type_id) or type_names[type_id],
                is_on=is_on,
            )
    for row in types.values():
        if row.state_group_id is not None and row.id not in states:
            states[row.id] = State(
                group=row.state_group_id,
                group_name=group_names.get(row.state_group_id),
                name=named.get(row.id) or row.name,
                is_on=None,
            )
    return states


def _read_groups(states: Iterable[State]) -> Mapping[str, Group]:
    names: dict[str, str] = {}
    members: dict[str, dict[str, None]] = {}
    for state in states:
        members.setdefault(state.group, {})[state.name] = None
        if state.group_name:
            names.setdefault(state.group, state.group_name)
    return {
        group: Group(name=names.get(group, group), states=tuple(found))
        for group, found in members.items()
    }


def _group_id(two_sided: TwoSided, types: Mapping[str, EventType]) -> str | None:
    """Return the id of a group, found by its types: ids may differ (protocol §7.2)."""
    members = (types.get(type_id) for type_id in two_sided.on | two_sided.off)
    found = (row.state_group_id for row in members if row)
    return next(found, two_sided.group_id)


def _namesakes(group_id: str | None, group_names: Mapping[str, str]) -> frozenset[str]:
    """Return the groups with the name of this one: recorders may have a second one."""
    name = group_names.get(group_id or "")
    return frozenset(one for one, other in group_names.items() if other == name)


def _sides(
    two_sided: TwoSided,
    group_id: str | None,
    namesakes: frozenset[str],
    types: Mapping[str, EventType],
    named: Mapping[str, str],
) -> dict[str, bool | None]:
    """Return the side of each type in a group.

    Drivers add their own types to built-in groups. A type with the same state name as
    a built-in one has the same side; the side of any other is unknown.
    """
    sides: dict[str, bool | None] = dict.fromkeys(two_sided.on, True)
    sides |= dict.fromkeys(two_sided.off, False)
    by_state = {
        named[type_id]: is_on for type_id, is_on in sides.items() if type_id in named
    }
    for row in types.values():
        side = by_state.get(named.get(row.id, ""))
        is_member = group_id is not None and row.state_group_id == group_id
        if is_member or (side is not None and row.state_group_id in namesakes):
            sides.setdefault(row.id, side)
    return sides


def _read_kinds(
    types: Mapping[str, EventType],
) -> dict[Resource, tuple[StateKind, ...]]:
    kinds: dict[Resource, list[StateKind]] = {}
    for two_sided in TWO_SIDED:
        for resource in sorted(_resources(two_sided, types)):
            found = kinds.setdefault(resource, [])
            if two_sided.kind not in found:
                found.append(two_sided.kind)
    # Recorders have this state (protocol §7.2), even if no event type lists them.
    kinds.setdefault(Resource.RECORDING_SERVERS, [StateKind.COMMUNICATION])
    return {resource: tuple(found) for resource, found in kinds.items()}


def _resources(
    two_sided: TwoSided, types: Mapping[str, EventType]
) -> Iterable[Resource]:
    rows = [types[type_id] for type_id in two_sided.on if type_id in types]
    if types and not rows:
        # The server lists its types, and this one is not among them.
        return ()
    listed = {
        RESOURCE_BY_SOURCE_TYPE[name.lower()]
        for row in rows
        for name in row.source_types
        if name.lower() in RESOURCE_BY_SOURCE_TYPE
    }
    return listed or two_sided.resources
