"""States, priorities and definitions of the alarms of a site."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..identifiers import guid_of
from . import event_ids
from .items import Item

# Levels of states that are the same everywhere; a site may add others in between.
NEW, IN_PROGRESS, ON_HOLD, CLOSED = 1, 4, 9, 11

HIGH = "8188ff24-b5da-4c19-9ebf-c1d8fc2caa75"
MEDIUM = "9ad9338b-22ba-4f2e-bf62-e6948ae99bbf"
LOW = "34f1f987-6854-44fb-88a5-daa0add1e38a"

# Event types that start an alarm: the group of user-defined events, and its one type.
EXTERNAL_GROUP = "5946b6fa-44d9-4f4c-82bb-46a17b924265"
EXTERNAL_TYPE = "0fcb1955-0e80-4fd4-a78a-db47ee89700c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A state or a priority of alarms, which an administrator may rename."""

    id: str
    name: str
    level: int


def default_states(seed: int) -> list[Grade]:
    """Return the states of every installation; their ids differ."""
    return [
        Grade(id=guid_of(seed, "alarmStates", name), name=name, level=level)
        for name, level in (
            ("New", NEW),
            ("In progress", IN_PROGRESS),
            ("On hold", ON_HOLD),
            ("Closed", CLOSED),
        )
    ]


def default_priorities() -> list[Grade]:
    """Return the priorities of every installation."""
    return [
        Grade(id=HIGH, name="High", level=1),
        Grade(id=MEDIUM, name="Medium", level=2),
        Grade(id=LOW, name="Low", level=3),
    ]


def alarm_definitions(seed: int) -> Iterator[Item]:
    """Yield the definitions by which events raise alarms at this site."""
    panic = guid_of(seed, "userDefinedEvents", "Panic")
    yield _definition(
        seed,
        "Panic button pressed",
        HIGH,
        type_id=EXTERNAL_TYPE,
        group=EXTERNAL_GROUP,
        sources=(f"userDefinedEvents/{panic}",),
    )
    yield _definition(
        seed,
        "Hardware does not answer",
        MEDIUM,
        type_id=event_ids.HARDWARE_COMMUNICATION_ERROR,
        group=event_ids.EVENT_TYPE_GROUPS["Hardware - Predefined"],
        closed_by=event_ids.HARDWARE_COMMUNICATION_STARTED,
    )


def _definition(
    seed: int,
    name: str,
    priority: str,
    *,
    type_id: str,
    group: str,
    sources: Sequence[str] = (),
    closed_by: str | None = None,
) -> Item:
    """Return a definition; without sources it applies to all of them."""
    return Item(
        kind="alarmDefinitions",
        id=guid_of(seed, "alarmDefinitions", name),
        name=name,
        extra={
            "priority": priority,
            "event_type": type_id,
            "event_group": group,
            "sources": tuple(sources),
            "closed_by": closed_by,
        },
    )
