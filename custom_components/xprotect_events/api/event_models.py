"""Events, both stored or pushed ones and those to trigger."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, Self, override

from .errors import ResponseError
from .filters import format_time
from .source import Source, optional_source
from .wire import (
    MAX_TEXT,
    YEARS,
    Json,
    as_object,
    clean,
    optional_int,
    optional_text,
    required,
    text,
)

# Characters; the tag is free text that a user or program gives when triggering.
MAX_TAG = 4096
# A constant, because creating a union takes a tenth of the time to decode an event.
_CONTAINERS = (dict, list)


class Event(NamedTuple):
    """One event (protocol §4.3). The keys of `data` are not documented.

    A tuple, because large sites have hundreds of events per second and a frozen
    dataclass takes three times as long to create.
    """

    id: str
    type_id: str
    source: Source | None
    time: datetime
    time_text: str
    local_id: int | None
    datatype: str | None
    tag: str | None
    data: Json

    @override
    def __repr__(self) -> str:
        # The other fields may hold personal data, such as licence plates.
        return f"Event(id={self.id!r}, type_id={self.type_id!r})"

    @property
    def order(self) -> tuple[datetime, str, int]:
        """The sort key. It has the time as text, too, which has seven digits.

        `datetime` keeps six. Servers may omit zeros at the end.
        """
        return (self.time, self.time_text.rstrip("Z"), self.local_id or 0)

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode an event of REST or of the WebSocket (protocol §4.3, §5.4)."""
        item = as_object(value, path)
        time_text = text(item, "time", path)
        data = item.get("data")
        return cls(
            text(item, "id", path).lower(),
            # Cut to a name's length, because the cache keeps the text.
            _type_named(required(item, "type", path)[:MAX_TEXT]),
            optional_source(item, "source"),
            parse_time(time_text, path),
            time_text,
            optional_int(item, "localId"),
            optional_text(item, "datatype"),
            optional_text(item, "tag", MAX_TAG),
            data if isinstance(data, _CONTAINERS) else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to trigger; without `time` the server uses its current time."""

    type_id: str
    source: Source | None = None
    time: datetime | None = None
    tag: str | None = None
    data: Json = field(default=None, repr=False)

    def to_wire(self) -> dict[str, Json]:
        """Return the body of `POST /events`; `datatype` is required (protocol §4.2)."""
        body: dict[str, Json] = {
            "type": self.type_id,
            "datatype": "none" if self.data is None else "analytics",
        }
        if self.source is not None:
            body["source"] = str(self.source)
        if self.time is not None:
            body["time"] = format_time(self.time)
        if self.tag is not None:
            body["tag"] = self.tag
        if self.data is not None:
            body["data"] = self.data
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerResult:
    """The result of one of several triggered events."""

    status: int
    event: Event | None
    error_text: str | None

    @property
    def succeeded(self) -> bool:
        """Whether the server accepted the event."""
        return self.event is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """A page of stored events; `is_last` means that no page follows.

    `count` includes rows that could not be read.
    """

    events: tuple[Event, ...]
    count: int
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChanges:
    """The new rows of an event session, and the ids of removed rows (protocol §4.6).

    `added_count` includes rows that could not be read.
    """

    added: tuple[Event, ...]
    added_count: int
    deleted: tuple[str, ...]


# Cached, so that all events of a type share one text. Sites have hundreds of types.
@lru_cache(maxsize=5_000)
def _type_named(type_id: str) -> str:
    return clean(type_id).lower()


def parse_time(value: str, path: str) -> datetime:
    """Read a server's time; one without zone is UTC. Raises `ResponseError`."""
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.year not in YEARS:
            # Adding or subtracting hours could leave the range of `datetime`.
            raise ResponseError(f"{path}.time is not a time")
        if parsed.tzinfo is UTC:
            return parsed
        if parsed.tzinfo is None:
            return parsed.replace(tzinfo=UTC)
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as err:
        raise ResponseError(f"{path}.time is not a time") from err
