"""The state of a type if only the group lists its states."""

import pytest

from custom_components.xprotect_events.api import EventType, StateGroup
from custom_components.xprotect_events.engine.built_in import (
    MOTION_STARTED,
    MOTION_STOPPED,
)
from custom_components.xprotect_events.engine.state_names import state_names
from xprotect_simulator import Options, Simulator

GROUP = "0c000000-0000-4000-8000-000000000000"
OTHER = "0d000000-0000-4000-8000-000000000000"


def typed(name: str, type_id: str = "", *, state: str | None = None) -> EventType:
    """Return a type of the group; its name is its id unless it has one."""
    return EventType(
        id=type_id or name,
        name=name,
        generator_type=None,
        generator_subtype=None,
        source_types=(),
        state_group_id=GROUP,
        state=state,
    )


def named(states: tuple[str, ...], *types: EventType) -> dict[str, str]:
    """Return the state by type of a group with these states."""
    other = StateGroup(id=OTHER, name="Other", states=("Begin", "Started"))
    group = StateGroup(id=GROUP, name="Group", states=states)
    return state_names(types, (other, group))


@pytest.mark.parametrize(
    ("states", "names", "expected"),
    [
        (
            ("Started", "Stopped", "Error"),
            ("Communication Stopped", "Communication Error"),
            ("Stopped", "Error"),
        ),
        (
            ("Activated", "Deactivated"),
            ("Input Deactivated", "Input Activated"),
            ("Deactivated", "Activated"),
        ),
        (
            ("On", "Not on"),
            ("Door: not  ON", "Door on"),
            ("Not on", "On"),
        ),
        (("On", "Off"), ("Moon", "Sun off"), ("On", "Off")),
        (
            ("Begin", "Stopped"),
            ("Overflow Started", "Overflow Stopped"),
            ("Begin", "Stopped"),
        ),
    ],
)
def test_a_type_gets_the_state_in_its_name_or_the_remaining_one(
    states: tuple[str, ...], names: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """Automations compare these texts."""
    found = named(states, *(typed(name) for name in names))
    assert tuple(found[name] for name in names) == expected


def test_the_servers_assignment_comes_first() -> None:
    """The server's own assignment is more reliable than the name."""
    assert named(("On", "Off"), typed("Door on", state="Off")) == {"Door on": "Off"}


def test_nothing_is_guessed() -> None:
    """Two types and two states match in two ways; without states there is no match."""
    assert named(("Up", "Down"), typed("Raised"), typed("Lowered")) == {}
    assert named((), typed("Door on")) == {}
    assert named(("On", "Off"), typed("Moon"), typed("Sun")) == {}


def test_motion_is_recognised_despite_the_names_of_its_types() -> None:
    """Motion is the most used state."""
    types = (typed("Start", MOTION_STARTED), typed("Stop", MOTION_STOPPED))
    assert named(("Motion", "No Motion"), *types) == {
        MOTION_STARTED: "Motion",
        MOTION_STOPPED: "No Motion",
    }


def test_every_type_of_a_site_gets_its_state() -> None:
    """Names of 2023 R2 give the same states as the assignment of 2025 R2."""
    world = Simulator(Options()).world
    groups = [
        StateGroup(id=one.id, name=one.display_name, states=one.states)
        for one in world.state_groups.values()
    ]
    rows = [row for row in world.event_types.values() if row.state_group is not None]
    types = [
        EventType(
            id=row.id,
            name=row.display_name,
            generator_type=None,
            generator_subtype=None,
            source_types=(),
            state_group_id=row.state_group,
            state=None,
        )
        for row in rows
    ]
    assert state_names(types, groups) == {row.id: row.state for row in rows}
