"""Reads stored events and triggers new ones by the Events REST API (protocol §4)."""

from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus

from .body import EVENTS
from .errors import ResponseError
from .event_models import Event, EventPage, NewEvent, TriggerResult
from .filters import Condition, match
from .http import envelope_text
from .transport import Transport
from .wire import as_array, as_object, decode_each, optional_int

# The largest page that the specification allows (protocol §4.4).
MAX_PAGE_SIZE = 2000


class Direction(StrEnum):
    """Order of events by time."""

    ASCENDING = "asc"
    DESCENDING = "desc"


class Events:
    """Stored events and triggers. Every method may raise any `ApiError`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get(self, event_id: str, *, include_data: bool = False) -> Event:
        """Read one stored event. Raises `NotFoundError` when it is not stored."""
        reply = await self._transport.get(
            f"events/{event_id}", _include(data=include_data), limit=EVENTS
        )
        return Event.from_wire(as_object(reply, "event").get("data"), "event.data")

    async def list(
        self,
        *,
        time: Sequence[Condition] = (),
        source_id: Sequence[Condition] = (),
        direction: Direction = Direction.ASCENDING,
        page: int = 0,
        size: int = MAX_PAGE_SIZE,
        include_data: bool = False,
    ) -> EventPage:
        """Read a page of stored events; `page` begins with 0, `size` is 1 to 2000.

        All conditions must match. The server compares times with an accuracy of 10 ms.
        """
        conditions = (("time", time), ("source.id", source_id))
        query = [(key, match(*given)) for key, given in conditions if given]
        reply = as_object(
            await self._transport.get(
                "events",
                [
                    *query,
                    ("orderBy", f"{direction}:'time'"),
                    ("page", page),
                    ("size", size),
                    *_include(data=include_data),
                ],
                limit=EVENTS,
            ),
            "events",
        )
        rows = as_array(reply.get("array"), "events.array")
        decoded = decode_each(Event.from_wire, rows, "events.array")
        return EventPage(
            events=self._transport.unreadable.readable("events", decoded),
            count=len(rows),
            is_last=is_last_page(reply.get("_links"), len(rows), size),
        )

    async def trigger(self, event: NewEvent) -> Event:
        """Trigger one event and return the event that the server created."""
        answer = await self._transport.request(
            "POST", "events", body=event.to_wire(), limit=EVENTS
        )
        reply = as_object(answer.json(), "event")
        return Event.from_wire(reply.get("data"), "event.data")

    async def trigger_many(
        self, events: Sequence[NewEvent]
    ) -> tuple[TriggerResult, ...]:
        """Trigger several events with one request; one result each, in their order."""
        answer = await self._transport.request(
            "POST",
            "events/bulk",
            body=[event.to_wire() for event in events],
            limit=EVENTS,
        )
        reply = as_object(answer.json(), "bulk")
        rows = as_array(reply.get("array"), "bulk.array")
        if len(rows) != len(events):
            raise ResponseError("bulk.array has another number of results")
        return tuple(
            _trigger_result(row, f"bulk.array[{index}]")
            for index, row in enumerate(rows)
        )


def _trigger_result(row: object, path: str) -> TriggerResult:
    item = as_object(row, path)
    status = optional_int(item, "status") or 0
    data = item.get("data")
    if data is not None and status < HTTPStatus.BAD_REQUEST:
        event = Event.from_wire(data, f"{path}.data")
        return TriggerResult(status=status, event=event, error_text=None)
    return TriggerResult(status=status, event=None, error_text=envelope_text(item))


def _include(*, data: bool) -> list[tuple[str, str]]:
    return [("include", "data")] if data else []


def is_last_page(links: object, count: int, size: int) -> bool:
    """Whether a page is the last: short and without a `next` link (protocol §4.4).

    One of the two alone may be wrong, and one more request only costs an empty page.
    An empty page is always the last, even if it has a link.
    """
    has_next = isinstance(links, dict) and bool(links.get("next"))
    return count == 0 or (count < size and not has_next)
