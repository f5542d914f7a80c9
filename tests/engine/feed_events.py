"""Events that only have an id and a time."""

from datetime import datetime

from custom_components.xprotect_events.api import Event


def event(name: str, time: datetime) -> Event:
    """Create an event."""
    return Event(
        id=name,
        type_id="motion",
        source=None,
        time=time,
        time_text=time.isoformat(),
        local_id=None,
        datatype=None,
        tag=None,
        data=None,
    )
