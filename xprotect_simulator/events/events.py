"""The Events REST API: reading stored events, and triggering new ones."""

from collections.abc import Sequence
import itertools
import re

from aiohttp import web

from ..bodies import body_of
from ..errors import ApiError, bad_request, not_found
from ..faults.faults import Faults
from ..faults.pages import wanted_page
from ..happening.ledger import StoredEvent
from ..happening.world import World
from ..identifiers import is_guid, seeded
from ..paging import includes_data
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
        """Answer a request; `parts` is the path below /events. Raises ApiError."""
        self._world.settle()
        match request.method, parts:
            case "GET", []:
                return self._list(request, principal)
            case "GET", [event_id]:
                return self._single(request, event_id, principal)
            case "POST", []:
                body = await body_of(request)
                rules = _triggers_rules(request)
                event = trigger(self._world, principal, body, triggers_rules=rules)
                return json_response(
                    {"data": event_to_wire(event, with_data=False)}, 202
                )
            case "POST", ["bulk"]:
                body = await body_of(request)
                return self._bulk(principal, body, rules=_triggers_rules(request))
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
        path = request.path.lower()
        for name in request.query:
            if name not in _LIST_PARAMETERS:
                text = f"Unknown query parameter: {name}"
                raise bad_request(text)
        with_data = includes_data(request.query)
        page = wanted_page(request, self._faults)
        is_descending = _is_descending(page.query)
        if self._faults.strike("pages_newest_first", path):
            is_descending = True
        wanted = event_filters.from_query(self._world, page.query)
        rows = self._rows(wanted, principal, page.place, is_descending=is_descending)
        links = page.links(request, has_next=len(rows) > page.size)
        events = self.distorted(rows[: page.size], path)
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

    def _bulk(self, principal: Principal, body: object, *, rules: bool) -> web.Response:
        if not isinstance(body, list):
            return error_response(bad_request("The body must be an array of events"))
        answers: list[dict[str, object]] = []
        for one in body:
            try:
                event = trigger(self._world, principal, one, triggers_rules=rules)
            except ApiError as error:
                answers.append({"status": error.status, "error": error_to_wire(error)})
            else:
                data = event_to_wire(event, with_data=False)
                answers.append({"data": data, "status": 202})
        return json_response({"array": answers}, 207)


def _is_descending(query: dict[str, str]) -> bool:
    if "orderBy" not in query:
        return False
    order = _ORDER.fullmatch(query["orderBy"])
    if order is None:
        text = f"Invalid orderBy. {query['orderBy']}"
        raise bad_request(text)
    return (order.group(1) or "asc").lower() == "desc"


def _triggers_rules(request: web.Request) -> bool:
    """Return whether new events trigger rules; the parameter is an old one."""
    text = request.query.get("triggerRules", "true").lower()
    if text not in ("true", "false"):
        message = f"Invalid triggerRules. '{text}'"
        raise bad_request(message)
    return text == "true"
