"""The fields of an alarm on the bus, at entities and in responses."""

from .api import Alarm, Json, Source
from .bounded_json import json_size
from .engine.alarm_settings import AlarmSettings
from .engine.inventory import SiteInventory

# Bytes at an entity. The recorder stores no attributes of a state that has 16 KiB, with
# the names that Home Assistant adds.
MAX_ATTRIBUTES = 12_288


def source_of(alarm: Alarm, inventory: SiteInventory) -> Source | None:
    """Return the source of an alarm, with its list also where only a GUID is given."""
    source = alarm.source
    if source is not None and source.resource is None:
        return inventory.sources_by_id.get(source.id, source)
    return source


def alarm_attributes(payload: dict[str, Json]) -> dict[str, Json]:
    """Return the fields for a state, with the message cut if they are too large."""
    message = payload["message"]
    while isinstance(message, str) and message and _is_too_large(payload):
        message = message[: len(message) * 3 // 4]
        payload = {**payload, "message": message}
    return payload


def _is_too_large(payload: dict[str, Json]) -> bool:
    return (json_size(payload) or 0) > MAX_ATTRIBUTES


def alarm_payload(
    alarm: Alarm, settings: AlarmSettings, inventory: SiteInventory
) -> dict[str, Json]:
    """Describe an alarm with names, as documented in docs/alarms.md."""
    state, priority = settings.state(alarm), settings.priority(alarm)
    source = source_of(alarm, inventory)
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
