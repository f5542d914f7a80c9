"""Writes the records of event types, their groups and state groups."""

from ..happening.world import World
from ..identifiers import guid_of
from ..site.event_types import EventType, StateGroup, group_id
from .forms import MODIFIED, NO_ID, Record


def event_type_to_wire(
    world: World, event_type: EventType, *, with_state: bool
) -> Record:
    """Return the record of an event type; `state` is not documented for 2025 R2."""
    seed = world.options.seed
    group = group_id(seed, event_type.group)
    # In recorded answers, types of plug-ins have all generator fields. In the
    # documentation, built-in types have only the type.
    has_generator = not event_type.is_built_in
    generator = guid_of(seed, "generator", event_type.generator_type)
    record: Record = {
        "displayName": event_type.display_name,
        "id": event_type.id,
        "name": event_type.name,
        "lastModified": MODIFIED,
        "description": "",
        "generatorType": event_type.generator_type,
        "generatorSubtype": event_type.generator_subtype,
        "generatorName": event_type.generator_name,
        # Real servers write GUIDs in both cases.
        "generatorID": generator.upper() if has_generator else "",
        "generatorGroupName": event_type.group if has_generator else "",
        "generatorGroupId": group if has_generator else "",
        "occursGlobally": False,
        "builtIn": event_type.is_built_in,
        "counterEventID": event_type.counterpart or NO_ID,
        "sourceArray": list(event_type.sources),
        "sourceFilterArray": ["" for _ in event_type.sources],
        "stateGroupId": event_type.state_group or "",
    }
    if with_state:
        record["state"] = event_type.state or ""
    record["relations"] = {
        "parent": {"type": "eventTypeGroups", "id": group},
        "self": {"type": "eventTypes", "id": event_type.id},
    }
    return record


def event_type_groups_to_wire(world: World) -> list[Record]:
    """Return the records of all groups of event types."""
    seed = world.options.seed
    names = dict.fromkeys(entry.group for entry in world.event_types.values())
    return [
        {
            "displayName": name,
            "relations": {
                "self": {"type": "eventTypeGroups", "id": group_id(seed, name)}
            },
        }
        for name in names
    ]


def state_group_to_wire(group: StateGroup, *, with_id: bool) -> Record:
    """Return the record of a state group; it has no `id` in 2023 R2."""
    record: Record = {"displayName": group.display_name}
    if with_id:
        record["id"] = group.id
    return record | {
        "name": group.display_name.replace(" ", ""),
        "lastModified": MODIFIED,
        "states": list(group.states),
        "relations": {"self": {"type": "stateGroups", "id": group.id}},
    }
