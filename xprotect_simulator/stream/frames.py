"""Writes the messages of the Events and State WebSocket (protocol §5.4)."""

from collections.abc import Iterable
import json

from .. import times
from ..faults.faults import Faults
from ..happening.ledger import StoredEvent
from ..happening.world import World

_NO_GROUP = {"null": None, "nil": "00000000-0000-0000-0000-000000000000"}


class EventWriter:
    """Writes events, in the form that the faults require."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Write the events of `world`."""
        self._world = world
        self._faults = faults

    def write(self, event: StoredEvent) -> str:
        """Return the JSON of an event or state."""
        record: dict[str, object] = {
            "id": event.id,
            "source": event.source,
            "specversion": "1.0",
        }
        event_type = self._world.event_types.get(event.type)
        if event_type is not None and event_type.state_group is not None:
            record["stategroupid"] = event_type.state_group
        elif (fault := self._faults.find("ws_null_group")) is not None:
            record["stategroupid"] = _NO_GROUP[fault.value]
        record["time"] = times.to_text(event.ticks)
        record["type"] = event.type
        has_more = event.data is not None or event.tag is not None
        if has_more and self._faults.find("ws_bare") is None:
            record["datatype"] = event.datatype
            more = {"tag": event.tag, "data": event.data}
            record.update((name, one) for name, one in more.items() if one is not None)
        return dumps(record)


def dumps(value: object) -> str:
    """Return JSON without blanks."""
    return json.dumps(value, separators=(",", ":"))


def events_frame(texts: Iterable[str]) -> str:
    """Return a message that pushes events."""
    return f'{{"events":[{",".join(texts)}]}}'


def states_frame(command_id: int, texts: Iterable[str]) -> str:
    """Return the reply to `getState`."""
    states = ",".join(texts)
    return f'{{"commandId":{command_id},"status":200,"states":[{states}]}}'


def reply_frame(command_id: int, status: int, **fields: object) -> str:
    """Return the reply to a command that was executed."""
    return dumps({"commandId": command_id, "status": status, **fields})


def error_frame(command_id: int, status: int, text: str) -> str:
    """Return the reply to a command that was refused."""
    return reply_frame(command_id, status, error={"errorText": text})
