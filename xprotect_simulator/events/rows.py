"""Writes events in the documented form of the Events REST API."""

from collections.abc import Iterable

from .. import times
from ..happening.ledger import StoredEvent


def event_to_wire(event: StoredEvent, *, with_data: bool) -> dict[str, object]:
    """Return the record of an event."""
    record: dict[str, object] = {
        "specversion": "1.0",
        "type": event.type,
        "source": event.source,
        "time": times.to_text(event.ticks),
        "id": event.id,
        "localId": event.local_id,
        "datatype": event.datatype,
        "tag": event.tag,
    }
    if with_data:
        record["data"] = event.data
    return record


def events_to_wire(
    events: Iterable[StoredEvent], *, with_data: bool
) -> list[dict[str, object]]:
    """Return the records of several events."""
    return [event_to_wire(event, with_data=with_data) for event in events]
