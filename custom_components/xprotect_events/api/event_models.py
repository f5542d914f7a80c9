"""Events as they are read and triggered."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, Self, override

from .errors import ResponseError
from .filters import format_time
from .source import Source, optional_source
from .wire import YEARS, Json, as_object, optional_int, optional_text, text

# Characters; whoever triggers an event may tell a whole story with it.
MAX_TAG = 4096
# Making the union anew for every event would be a tenth of decoding it.
_CONTAINERS = (dict, list)


class Event(NamedTuple):
    """One event. `data` is opaque: the vendor does not document its keys.

    A tuple, because large sites make hundreds a second and a frozen dataclass takes
    three times as long to make.
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
        # Whatever is logged, licence plates are not.
        return f"Event(id={self.id!r}, type_id={self.type_id!r})"

    @property
    def order(self) -> tuple[datetime, str, int]:
        """Sort key; the server's time has a digit more than `datetime` keeps.

        Servers may leave out digits at the end that are zero.
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
            text(item, "type", path).lower(),
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
    """An event to trigger; without `time` the server takes its own now."""

    type_id: str
    source: Source | None = None
    time: datetime | None = None
    tag: str | None = None
    data: Json = field(default=None, repr=False)

    def to_wire(self) -> dict[str, Json]:
        """Write the body of `POST /events` (`datatype` is documented as required)."""
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
    """What became of one of many triggered events."""

    status: int
    event: Event | None
    error_text: str | None

    @property
    def succeeded(self) -> bool:
        """Whether the server took the event."""
        return self.event is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """A page of stored events; `is_last` when the server says nothing follows.

    `count` also counts rows that could not be read.
    """

    events: tuple[Event, ...]
    count: int
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChanges:
    """What is new in an event session, and the ids of the rows that left it.

    `added_count` also counts rows that could not be read.
    """

    added: tuple[Event, ...]
    added_count: int
    deleted: tuple[str, ...]


def parse_time(value: str, path: str) -> datetime:
    """Read a server's time; one without zone is UTC. Raises `ResponseError`."""
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.year not in YEARS:
            # Time cannot be added there, or not be taken away.
            raise ResponseError(f"{path}.time is not a time")
        if parsed.tzinfo is UTC:
            return parsed
        if parsed.tzinfo is None:
            return parsed.replace(tzinfo=UTC)
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as err:
        raise ResponseError(f"{path}.time is not a time") from err
