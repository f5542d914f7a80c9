"""The JSON form of alarms, as far as it is documented."""

from .. import times
from ..site.alarm_settings import Grade
from .board import Alarm, Change

type Record = dict[str, object]


def alarm_to_wire(alarm: Alarm, *, is_bare: bool = False) -> Record:
    """Return an alarm; a bare one has only ids of its state, priority and source."""
    source = alarm.source
    return {
        "id": alarm.id,
        "localId": alarm.local_id,
        "name": alarm.name,
        "message": alarm.message,
        "source": source.rpartition("/")[2] if source and is_bare else source,
        "time": times.to_text(alarm.ticks),
        "lastUpdatedTime": times.to_text(alarm.updated),
        "state": alarm.state.id if is_bare else grade_to_wire(alarm.state),
        "priority": alarm.priority.id if is_bare else grade_to_wire(alarm.priority),
        "category": None,
        "assignedTo": {"displayName": alarm.assigned_to} if alarm.assigned_to else None,
        "reasonForClosing": alarm.reason,
    }


def grade_to_wire(grade: Grade) -> Record:
    """Return a state or a priority."""
    return {"id": grade.id, "name": grade.name, "level": grade.level}


def change_to_wire(change: Change) -> Record:
    """Return a row of an alarm's history."""
    return {
        "time": times.to_text(change.ticks),
        "user": change.user,
        "text": change.text,
    }
