"""The fields of an alarm on the bus, at entities and in responses."""

from .api import Alarm, Json
from .engine.alarm_settings import AlarmSettings
from .engine.inventory import SiteInventory


def alarm_payload(
    alarm: Alarm, settings: AlarmSettings, inventory: SiteInventory
) -> dict[str, Json]:
    """Describe an alarm with names, as documented in docs/alarms.md."""
    state, priority = settings.state(alarm), settings.priority(alarm)
    source = alarm.source
    if source is not None and source.resource is None:
        source = inventory.sources_by_id.get(source.id, source)
    known = inventory.source_names.get(source) if source else None
    return {
        "alarm_id": alarm.id,
        "local_id": alarm.local_id,
        "name": alarm.name,
        "message": alarm.message,
        "priority": priority.name,
        "priority_id": priority.id,
        "priority_level": priority.level,
        "state": state.name,
        "state_id": state.id,
        "state_level": state.level,
        "category": alarm.category,
        "assigned_to": alarm.assigned_to,
        "source": str(source) if source else None,
        "source_type": source.resource if source else None,
        "source_name": known or alarm.source_name,
        "time": alarm.time_text,
    }
