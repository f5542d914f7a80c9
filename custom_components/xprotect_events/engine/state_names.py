"""Finds the state of an event type where the server does not name it.

Event types of 2023 R2 have a field `state`. The documentation of 2025 R2 does not have
it, but lists the states of each group (protocol §3.2).
"""

from collections.abc import Iterable

from ..api import EventType, StateGroup
from .built_in import MOTION_STARTED, MOTION_STOPPED
from .names import comparable

# The states of the only built-in group whose types have other names.
_KNOWN = {MOTION_STARTED: "Motion", MOTION_STOPPED: "No Motion"}


def state_names(
    types: Iterable[EventType], groups: Iterable[StateGroup]
) -> dict[str, str]:
    """Return the name of the state by the GUID of the type, if it is certain."""
    members: dict[str, list[EventType]] = {}
    for row in types:
        if row.state_group_id is not None:
            members.setdefault(row.state_group_id, []).append(row)
    states = {group.id: group.states for group in groups}
    names: dict[str, str] = {}
    for group_id, rows in members.items():
        names |= _names_in_group(rows, states.get(group_id, ()))
    return names


def _names_in_group(
    rows: Iterable[EventType], states: tuple[str, ...]
) -> dict[str, str]:
    names: dict[str, str] = {}
    unnamed: list[EventType] = []
    for row in rows:
        name = row.state or _named_after(row, states)
        if name is None:
            unnamed.append(row)
        else:
            names[row.id] = name
    left = [state for state in states if state not in names.values()]
    if len(left) == len(unnamed) == 1:
        # The only state without a type belongs to the only type without a state.
        names[unnamed[0].id] = left[0]
    return names


def _named_after(row: EventType, states: tuple[str, ...]) -> str | None:
    """Return the longest state name that the name of the type ends with."""
    known = _KNOWN.get(row.id)
    if known in states:
        return known
    name = f" {comparable(row.name)}"
    ends = [state for state in states if name.endswith(f" {comparable(state)}")]
    return max(ends, key=len, default=None)
