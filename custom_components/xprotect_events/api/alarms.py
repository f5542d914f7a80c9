"""The Alarms REST API: reading alarms, and setting their state.

Only the vendor's sample and the beginning of the documentation are public, so each
field is read in every form that is likely (protocol §6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple, Self, override

from .body import EVENTS, LISTS
from .errors import ResponseError
from .event_models import parse_time
from .events import Direction, is_last_page
from .filters import Condition, match
from .source import Source
from .transport import Query, Transport
from .wire import (
    MAX_ID,
    Json,
    as_array,
    as_object,
    clean,
    decode_each,
    optional_int,
    optional_text,
    text,
)

# Characters of the message of an alarm.
MAX_MESSAGE = 4096
# States or priorities to read. Sites have fewer than ten.
MAX_GRADES = 200


class Level(IntEnum):
    """The levels of built-in states; a site may add others."""

    NEW = 1
    IN_PROGRESS = 4
    ON_HOLD = 9
    CLOSED = 11


class Grade(NamedTuple):
    """A state or a priority. An alarm may give its id, its name or its level only."""

    id: str | None
    name: str | None
    level: int | None

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `alarmStates` or `alarmPriorities`."""
        grade = cls.reference(as_object(value, path))
        if grade is None or grade.id is None:
            raise ResponseError(f"{path}.id is missing")
        return grade

    @classmethod
    def reference(cls, value: object) -> Self | None:
        """Decode the state or priority in an alarm, `None` if there is none."""
        if isinstance(value, Mapping):
            grade = cls(
                _id(value.get("id")),
                optional_text(value, "displayName") or optional_text(value, "name"),
                optional_int(value, "level"),
            )
            return grade if any(part is not None for part in grade) else None
        if isinstance(value, int) and not isinstance(value, bool):
            # The older service gives nothing but the level.
            return cls(None, None, optional_int({"level": value}, "level"))
        identifier = _id(value)
        return cls(identifier, None, None) if identifier else None


class Alarm(NamedTuple):
    """One alarm at the time of the request."""

    id: str
    local_id: int | None
    name: str
    message: str | None
    source: Source | None
    source_name: str | None
    time: datetime
    time_text: str
    state: Grade | None
    priority: Grade | None
    category: str | None
    assigned_to: str | None

    @override
    def __repr__(self) -> str:
        # The content of alarms must not be logged.
        return f"Alarm(id={self.id!r}, local_id={self.local_id!r})"

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode an alarm of a list, or of an answer about one."""
        item = as_object(value, path)
        time_text = text(item, "time", path)
        source, source_name = _source(item.get("source"))
        return cls(
            text(item, "id", path).lower(),
            optional_int(item, "localId"),
            optional_text(item, "name") or "",
            optional_text(item, "message", MAX_MESSAGE),
            source,
            source_name or optional_text(item, "sourceName"),
            parse_time(time_text, path),
            time_text,
            Grade.reference(item.get("state")),
            Grade.reference(item.get("priority")),
            _name(item.get("category")),
            _name(item.get("assignedTo")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPage:
    """A page of alarms; `count` also counts rows that could not be read."""

    alarms: tuple[Alarm, ...]
    count: int
    is_last: bool


class Alarms:
    """Alarms of the event server. Every method raises any `ApiError`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(
        self,
        *,
        page: int,
        size: int,
        time: Sequence[Condition] = (),
        direction: Direction | None = None,
    ) -> AlarmPage:
        """Read a page of the alarms that are stored, closed ones included.

        Without `direction` the request has neither order nor time.
        """
        query: Query = [("page", page), ("size", size)]
        if direction is not None:
            wanted = [("time", match(*time))] if time else []
            query = [*wanted, ("orderBy", f"{direction}:'time'"), *query]
        reply = as_object(
            await self._transport.get("alarms", query, limit=EVENTS), "alarms"
        )
        rows = as_array(reply.get("array"), "alarms.array")
        decoded = decode_each(Alarm.from_wire, rows, "alarms.array")
        return AlarmPage(
            alarms=self._transport.unreadable.readable("alarms", decoded),
            count=len(rows),
            is_last=is_last_page(reply.get("_links"), len(rows), size),
        )

    async def get(self, alarm_id: str) -> Alarm:
        """Read one alarm. Raises `NotFoundError` when it is not stored."""
        reply = await self._transport.get(f"alarms/{alarm_id}", limit=EVENTS)
        return Alarm.from_wire(as_object(reply, "alarm").get("data"), "alarm.data")

    async def states(self) -> tuple[Grade, ...]:
        """List the states that alarms can have."""
        return await self._grades("alarmStates")

    async def priorities(self) -> tuple[Grade, ...]:
        """List the priorities that alarms can have."""
        return await self._grades("alarmPriorities")

    async def set_state(
        self, alarm_id: str, state_id: str, comment: str | None
    ) -> None:
        """Set the state of an alarm, with a comment."""
        body: dict[str, Json] = {"state": state_id}
        if comment is not None:
            body["comment"] = comment
        await self._transport.request(
            "PATCH", f"alarms/{alarm_id}", body=body, limit=EVENTS
        )

    async def _grades(self, resource: str) -> tuple[Grade, ...]:
        reply = as_object(await self._transport.get(resource, limit=LISTS), resource)
        rows = as_array(reply.get("array"), f"{resource}.array")[:MAX_GRADES]
        decoded = decode_each(Grade.from_wire, rows, f"{resource}.array")
        return self._transport.unreadable.readable(resource, decoded)


def _id(value: object) -> str | None:
    """Return an id, which may be a GUID or a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value or len(value) > MAX_ID:
        return None
    return clean(value)


def _name(value: object) -> str | None:
    """Return a name that stands alone or in an object."""
    if isinstance(value, Mapping):
        return optional_text(value, "displayName") or optional_text(value, "name")
    return clean(value) if isinstance(value, str) and value else None


def _source(value: object) -> tuple[Source | None, str | None]:
    """Return the source and its name, from a path, a GUID or an object with one."""
    name = None
    if isinstance(value, Mapping):
        name = _name(value)
        kind, identifier = optional_text(value, "type"), optional_text(value, "id")
        value = f"{kind}/{identifier}" if kind and identifier else identifier
    if not isinstance(value, str) or not value:
        return None, name
    source = Source.parse(clean(value))
    return (source if source.id else None), name
