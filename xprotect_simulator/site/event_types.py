"""The event types of one site, with their groups and state groups."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..identifiers import guid_of, seeded
from .built_in import BUILT_IN
from .catalog import STATE_GROUPS, BuiltIn
from .event_ids import (
    COMMUNICATION_GROUP,
    CPU_USAGE_GROUP,
    EVENT_TYPE_GROUPS,
    MOTION_GROUP,
)
from .items import Item

EXTERNAL = "External"
MIP_DEVICE = "MIPDevice"
GENERIC = "Generic"

ANALYTICS = "Analytics Events"

# `Device` is documented, `RecorderPlugin` is from an answer; the others are guesses.
_GENERATORS = {
    ANALYTICS: "RecorderPlugin",
    "Device - Predefined": "Device",
    "Hardware - Predefined": "Hardware",
    "Recording Server - Predefined": "Recorder",
    "System": "System",
    "System Monitor": "System",
}

_DRIVER_WORDS = (
    ("Tampering", "Line Crossing", "Object Left", "Audio Level", "Temperature"),
    ("Detected", "Cleared", "Rising", "Falling"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One row of /eventTypes."""

    id: str
    name: str
    display_name: str
    generator_type: str
    generator_subtype: str
    group: str
    sources: tuple[str, ...]
    generator_name: str = ""
    # Whether it belongs to the server itself, not to a plug-in.
    is_built_in: bool = False
    state_group: str | None = None
    state: str | None = None
    counterpart: str | None = None

    @property
    def is_open_to_users(self) -> bool:
        """Whether users may trigger it."""
        return (
            self.generator_type in (EXTERNAL, MIP_DEVICE)
            and self.generator_subtype != GENERIC
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StateGroup:
    """One row of /stateGroups."""

    id: str
    display_name: str
    states: tuple[str, ...]


def state_group_id(seed: int, key: str) -> str:
    """Return the id of a state group; three are the same on every site."""
    known = {
        "motion": MOTION_GROUP,
        "communication": COMMUNICATION_GROUP,
        "cpu_usage": CPU_USAGE_GROUP,
    }
    return known.get(key) or guid_of(seed, "stateGroups", key)


def group_id(seed: int, name: str) -> str:
    """Return the id of an event type group."""
    return EVENT_TYPE_GROUPS.get(name) or guid_of(seed, "eventTypeGroups", name)


def built_in_types(seed: int, extra: int) -> Iterator[EventType]:
    """Yield the event types of a new installation."""
    for entry in BUILT_IN:
        key = entry.state_group
        is_plugin = entry.group == ANALYTICS
        yield EventType(
            id=entry.id or guid_of(seed, "eventTypes", entry.display_name),
            name=entry.name,
            display_name=entry.display_name,
            generator_type=_GENERATORS[entry.group],
            generator_subtype="Server" if is_plugin else "",
            generator_name="Motion Detection Plugin"
            if entry.group == ANALYTICS
            else "",
            is_built_in=not is_plugin,
            group=entry.group,
            sources=entry.sources,
            state_group=None if key is None else state_group_id(seed, key),
            state=entry.state,
            counterpart=_counterpart(seed, entry),
        )
    yield EventType(
        id=guid_of(seed, "eventTypes", "generic"),
        name="Door controller",
        display_name="Door controller",
        generator_type=EXTERNAL,
        generator_subtype=GENERIC,
        group="Generic Events",
        sources=("System",),
    )
    yield from _driver_types(seed, extra)


def state_groups(seed: int) -> Iterator[StateGroup]:
    """Yield the state groups, with the states of their event types."""
    for key, display_name in STATE_GROUPS.items():
        yield StateGroup(
            id=state_group_id(seed, key),
            display_name=display_name,
            states=tuple(
                entry.state
                for entry in BUILT_IN
                if entry.state_group == key and entry.state is not None
            ),
        )


def type_of_event_item(item: Item) -> EventType:
    """Return the event type of a user-defined or analytics event."""
    is_analytics = item.kind == "analyticsEvents"
    return EventType(
        id=item.id,
        name=item.name,
        display_name=item.name,
        generator_type=MIP_DEVICE if is_analytics else EXTERNAL,
        generator_subtype="AnalyticsEvent" if is_analytics else "UserDefinedEvent",
        group=ANALYTICS if is_analytics else "User-defined Events",
        sources=("Camera", "CameraGroup") if is_analytics else ("System",),
    )


def _counterpart(seed: int, entry: BuiltIn) -> str | None:
    """Return the id of the "Started" type for a "Stopped" type, or None."""
    if entry.state_group is None or "Stopped" not in entry.display_name:
        return None
    started = entry.display_name.replace("Stopped", "Started")
    for other in BUILT_IN:
        if (other.state_group, other.display_name) == (entry.state_group, started):
            return other.id or guid_of(seed, "eventTypes", other.display_name)
    return None


def _driver_types(seed: int, number: int) -> Iterator[EventType]:
    """Yield event types like those of camera drivers."""
    source = seeded(seed, "driver types")
    for index in range(number):
        words = " ".join(source.choice(choices) for choices in _DRIVER_WORDS)
        yield EventType(
            id=guid_of(seed, "eventTypes", "driver", index),
            name=f"{words.replace(' ', '')}{index}",
            display_name=f"{words} ({index})",
            generator_type="Driver",
            generator_subtype="Device",
            group="Device - Configurable",
            sources=("Camera",),
        )
