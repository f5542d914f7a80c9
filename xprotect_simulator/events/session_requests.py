"""The Events REST API: creating, reading and deleting event sessions."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from aiohttp import web

from ..bodies import body_of
from ..errors import ApiError, bad_request
from ..faults.faults import Faults
from ..faults.pages import clamped
from ..happening.ledger import StoredEvent
from ..happening.world import World
from ..identifiers import is_guid
from ..paging import DEFAULT_SIZE, MAX_SIZE, includes_data, whole_number
from ..sign_in.users import Principal
from ..wire import json_response
from .event_filters import from_session
from .events import Events
from .rows import events_to_wire
from .sessions import EventSession, Order, Sessions, SessionSpec

type Rows = list[dict[str, object]]

_ORDER_TARGETS = ("time", "localId")


class EventSessions:
    """Answers /eventSessions."""

    def __init__(
        self, world: World, faults: Faults, sessions: Sessions, events: Events
    ) -> None:
        """Answer from `sessions`."""
        self._world = world
        self._faults = faults
        self._sessions = sessions
        self._events = events

    async def handle(
        self, request: web.Request, parts: list[str], principal: Principal
    ) -> web.StreamResponse:
        """Answer one request; `parts` are the path below /eventSessions."""
        self._world.settle()
        match request.method, parts:
            case "POST", []:
                return self._create(await body_of(request), principal)
            case "GET", [session_id] if self._has_path("short"):
                return self._read(request, session_id, principal)
            case "GET", [session_id, "events"] if self._has_path("suffix"):
                return self._read(request, session_id, principal)
            case "GET", [_] | [_, "events"]:
                raise ApiError(404, "Unknown resource: eventSessions")
            case "DELETE", [session_id]:
                session = self._get(session_id, principal)
                self._sessions.forget(session.id)
                return web.Response(status=204)
            case _:
                text = f"{request.method} is not supported here"
                raise ApiError(405, text)

    def _has_path(self, form: str) -> bool:
        only = self._faults.find("session_path")
        return only is None or only.value == form

    def _create(self, body: object, principal: Principal) -> web.Response:
        if not isinstance(body, dict):
            text = "The session must be a JSON object"
            raise bad_request(text)
        filter_by = self._rows(body, "filterBy")
        order_by = self._rows(body, "orderBy")
        wanted = from_session(
            self._world,
            [_condition(row) for row in filter_by],
            with_time=self._faults.strike("time_filter_ignored") is None,
        )
        wanted = replace(
            wanted,
            tests=(*wanted.tests, lambda event: principal.may_see(event.source)),
        )
        spec = SessionSpec(
            owner=_owner(principal),
            filter=wanted,
            order=self._order(order_by),
            begins_empty=self._faults.strike("session_begins_empty") is not None,
            is_window=self._faults.strike("window_reading") is not None,
        )
        session = self._sessions.create(spec)
        answer: dict[str, object] = {
            "filterBy": filter_by,
            "orderBy": order_by,
            "id": session.id,
        }
        wrapper = self._faults.strike("wrapped_session")
        if wrapper is not None:
            answer = {wrapper.value: answer}
        status = self._faults.strike("session_status")
        return json_response(answer, 201 if status is None else int(status.number))

    def _order(self, rows: Rows) -> Callable[[StoredEvent], Order]:
        order = _order(rows)
        if not self._faults.strike("session_newest_first"):
            return order
        return lambda event: tuple(-number for number in order(event))

    def _rows(self, body: dict[str, object], name: str) -> Rows:
        rows = body.get(name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            text = f"Property '{name}' must be an array of objects"
            raise bad_request(text)
        if not rows and self._faults.strike("empty_filters_refused"):
            text = f"Property '{name}' must not be empty"
            raise bad_request(text)
        return rows

    def _read(
        self, request: web.Request, session_id: str, principal: Principal
    ) -> web.Response:
        session = self._get(session_id, principal)
        path = request.path.lower()
        if self._faults.strike("session_forgotten", path):
            self._sessions.forget(session.id)
            raise self._unknown(session_id)
        allowed = range(1, MAX_SIZE + 1)
        max_size = whole_number(request.query, "maxSize", DEFAULT_SIZE, allowed)
        max_size = clamped(max_size, path, self._faults)
        with_data = includes_data(request.query)
        added = self._added(session, max_size, path)
        events, gone = added
        if self._faults.strike("no_deletions", path):
            gone = ()
        return json_response(
            {
                "data": {
                    "deletedFromSession": list(gone),
                    "addedToSession": events_to_wire(events, with_data=with_data),
                }
            }
        )

    def _added(
        self, session: EventSession, max_size: int, path: str
    ) -> tuple[Sequence[StoredEvent], Sequence[str]]:
        before = session.last_reply
        added, gone = session.read(max_size)
        repeated = self._faults.find("event_repeated", path)
        if repeated is not None and repeated.value == "next" and before:
            self._faults.strike("event_repeated", path)
            added = [*before, *added]
        return self._events.distorted(added, path), gone

    def _get(self, session_id: str, principal: Principal) -> EventSession:
        session = self._sessions.get(session_id, _owner(principal))
        if session is None:
            if not is_guid(session_id):
                text = f"Invalid id. {session_id}"
                raise bad_request(text)
            raise self._unknown(session_id)
        return session

    def _unknown(self, session_id: str) -> ApiError:
        form = self._faults.strike("expiry_answer")
        if form is None or form.value == "404":
            return ApiError(404, f"Unknown resource: eventSessions/{session_id}")
        return ApiError(int(form.number), "UnknownSession", "UnknownSession")


def _owner(principal: Principal) -> str:
    return "" if principal.user is None else principal.user.name


def _condition(row: dict[str, object]) -> tuple[str, str, object]:
    target, operator = row.get("target"), row.get("operator")
    if not isinstance(target, str) or not isinstance(operator, str):
        text = "A filter needs operator, target and value"
        raise bad_request(text)
    return target, operator, row.get("value")


def _order(rows: Rows) -> Callable[[StoredEvent], Order]:
    """Return the sort key of a session; the default is by time."""
    keys: list[tuple[str, int]] = []
    for row in rows:
        target, direction = row.get("target"), row.get("direction", "asc")
        if target not in (*_ORDER_TARGETS, "id") or direction not in ("asc", "desc"):
            text = f"Invalid order. {target} {direction}"
            raise bad_request(text)
        keys.append((str(target), 1 if direction == "asc" else -1))
    if not keys:
        keys.append(("time", 1))

    def order(event: StoredEvent) -> Order:
        return tuple(sign * _number(event, target) for target, sign in keys)

    return order


def _number(event: StoredEvent, target: str) -> int:
    if target == "time":
        return event.ticks
    if target == "localId":
        return event.local_id
    return int(event.id.replace("-", ""), 16)
