"""The Events REST API: reading stored events, and triggering new ones."""

from collections.abc import Sequence
import itertools
import json
import re

from aiohttp import web

from ..errors import ApiError, bad_request, not_found
from ..faults.faults import Faults
from ..happening.ledger import StoredEvent
from ..happening.world import World
from ..identifiers import is_guid, seeded
from ..paging import DEFAULT_SIZE, MAX_SIZE, includes_data, whole_number
from ..sign_in.users import Principal
from ..wire import (
    error_response,
    error_to_wire,
    json_response,
)
from . import event_filters
from .rows import event_to_wire, events_to_wire
from .triggers import trigger

_LIST_PARAMETERS = {
    "orderBy",
    "include",
    "time",
    "source.name",
    "source.id",
    "page",
    "size",
}
_ORDER = re.compile(r"(?:(asc|desc):)?'time'", re.IGNORECASE)

# The highest page number; a client that requests more has a bug.
_MAX_PAGE = 10_000_000


class Events:
    """Answers /events."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Answer from the ledger of `world`."""
        self._world = world
        self._faults = faults
        self._random = seeded(world.options.seed, "shuffle")

    async def handle(
        self, request: web.Request, parts: list[str], principal: Principal
    ) -> web.StreamResponse:
        """Answer one request; `parts` are the path below /events."""
        self._world.settle()
        match request.method, parts:
            case "GET", []:
                return self._list(request, principal)
            case "GET", [event_id]:
                return self._single(request, event_id, principal)
            case "POST", []:
                event = trigger(self._world, principal, await body_of(request))
                return json_response(
                    {"data": event_to_wire(event, with_data=False)}, 202
                )
            case "POST", ["bulk"]:
                return self._bulk(principal, await body_of(request))
            case _:
                text = f"{request.method} is not supported here"
                raise ApiError(405, text)

    def distorted(
        self, events: Sequence[StoredEvent], path: str
    ) -> Sequence[StoredEvent]:
        """Return the events of a reply, repeated or shuffled by faults."""
        repeated = self._faults.find("event_repeated", path)
        if repeated is not None and repeated.value == "reply":
            self._faults.strike("event_repeated", path)
            events = [event for event in events for _ in range(2)]
        if events and self._faults.strike("out_of_order", path):
            events = self._random.sample(events, len(events))
        return events

    def clamped(self, size: int, path: str) -> int:
        """Return the size of a page or reply, reduced by a fault."""
        clamp = self._faults.strike("size_clamped", path)
        return size if clamp is None else min(size, int(clamp.number))

    def _single(
        self, request: web.Request, event_id: str, principal: Principal
    ) -> web.Response:
        if not is_guid(event_id):
            text = f"Invalid id. {event_id}"
            raise bad_request(text)
        with_data = includes_data(request.query)
        event = self._world.ledger.find(event_id)
        if event is None or not principal.may_see(event.source):
            raise not_found(f"events/{event_id}")
        return json_response({"data": event_to_wire(event, with_data=with_data)})

    def _list(self, request: web.Request, principal: Principal) -> web.Response:
        query = dict(request.query)
        path = request.path.lower()
        for name in query:
            if name not in _LIST_PARAMETERS:
                text = f"Unknown query parameter: {name}"
                raise bad_request(text)
        with_data = includes_data(query)
        page = whole_number(query, "page", 0, range(_MAX_PAGE))
        size = whole_number(query, "size", DEFAULT_SIZE, range(1, MAX_SIZE + 1))
        size = self.clamped(size, path)
        is_descending = _is_descending(query)
        if self._faults.strike("pages_newest_first", path):
            is_descending = True
        if ignored := self._faults.strike("pages_ignore", path):
            page = 0 if "page" in ignored.value else page
            query = {k: v for k, v in query.items() if k not in ignored.value}
        wanted = event_filters.from_query(self._world, query)
        # One more event shows whether there is a next page.
        place = slice(page * size, (page + 1) * size + 1)
        rows = self._rows(wanted, principal, place, is_descending=is_descending)
        links = {}
        if page > 0:
            links["prev"] = str(request.rel_url.update_query(page=page - 1))
        if len(rows) > size:
            links["next"] = str(request.rel_url.update_query(page=page + 1))
        events = self.distorted(rows[:size], path)
        return json_response(
            {"_links": links, "array": events_to_wire(events, with_data=with_data)}
        )

    def _rows(
        self,
        wanted: event_filters.EventFilter,
        principal: Principal,
        place: slice,
        *,
        is_descending: bool,
    ) -> list[StoredEvent]:
        """Return the matching events of a slice, oldest or newest first."""
        stored = self._world.ledger.stored
        span = self._world.ledger.between(wanted.after, wanted.before)
        numbers = range(span.start, span.stop)
        if is_descending:
            numbers = numbers[::-1]
        if not wanted.tests and principal.sees_everything:
            # A slice is fast enough for a million events.
            return [stored[number] for number in numbers[place]]
        found = (
            event
            for event in (stored[number] for number in numbers)
            if principal.may_see(event.source)
            and all(test(event) for test in wanted.tests)
        )
        return list(itertools.islice(found, place.start, place.stop))

    def _bulk(self, principal: Principal, body: object) -> web.Response:
        if not isinstance(body, list):
            return error_response(bad_request("The body must be an array of events"))
        answers: list[dict[str, object]] = []
        for one in body:
            try:
                event = trigger(self._world, principal, one)
            except ApiError as error:
                answers.append({"status": error.status, "error": error_to_wire(error)})
            else:
                data = event_to_wire(event, with_data=False)
                answers.append({"data": data, "status": 202})
        return json_response({"array": answers}, 207)


async def body_of(request: web.Request) -> object:
    """Return the JSON body of a request."""
    try:
        body: object = json.loads(await request.text())
    except ValueError as error:
        text = "The body is not JSON"
        raise bad_request(text) from error
    return body


def _is_descending(query: dict[str, str]) -> bool:
    if "orderBy" not in query:
        return False
    order = _ORDER.fullmatch(query["orderBy"])
    if order is None:
        text = f"Invalid orderBy. {query['orderBy']}"
        raise bad_request(text)
    return (order.group(1) or "asc").lower() == "desc"
