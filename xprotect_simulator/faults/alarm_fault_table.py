"""The faults of alarms."""

from .faults import FaultKind

ALARM_FAULTS = (
    FaultKind(
        name="alarms_missing",
        doc="There is no Alarms REST API: before 2023 R2, or without the licence.",
    ),
    FaultKind(
        name="alarms_plain",
        doc="Lists of alarms answer 400 to everything but `page` and `size`.",
    ),
    FaultKind(
        name="alarms_bare",
        doc="Alarms contain only the ids of their state, priority and source.",
    ),
)
