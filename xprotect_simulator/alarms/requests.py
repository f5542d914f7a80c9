"""The Alarms REST API: reading alarms, raising them, handling them."""

from collections import Counter
from collections.abc import Callable, Iterable

from aiohttp import web

from ..bodies import body_of
from ..errors import ApiError, bad_request, forbidden, not_found, unknown_resource
from ..faults.faults import Faults
from ..faults.pages import wanted_page
from ..happening.world import World
from ..identifiers import is_guid, seeded
from ..paging import includes_data
from ..sign_in.users import Principal
from ..site.alarm_settings import Grade
from ..wire import json_response
from .alarm_filters import PARAMETERS, order_of, tests_of
from .board import Alarm, Board
from .rows import alarm_to_wire, change_to_wire, grade_to_wire

# Resources of this API, as they begin in a path (lower case).
RESOURCES = frozenset(
    {
        "alarms",
        "alarmstates",
        "alarmpriorities",
        "alarmcategories",
        "alarmstatistics",
        "closereasons",
    }
)
# The right to change alarms; `sim.identity.deny("alarms", MANAGE)` denies it.
MANAGE = "MANAGE"

_UPDATES = {"state", "priority", "comment", "assignedTo.displayName"}
_REASON = "reasonForClosing"


class Alarms:
    """Answers requests for the resources of alarms."""

    def __init__(self, world: World, board: Board, faults: Faults) -> None:
        """Serve the alarms of `board`."""
        self._world = world
        self._board = board
        self._faults = faults
        self._random = seeded(world.options.seed, "alarm shuffle")

    async def handle(
        self, request: web.Request, parts: list[str], principal: Principal
    ) -> web.StreamResponse:
        """Answer a request; `parts` is the path below /api/rest/v1. Raises ApiError."""
        if self._faults.strike("alarms_missing", request.path.lower()):
            raise unknown_resource(parts[0])
        match request.method, parts:
            case "GET", ["alarms"]:
                return self._list(request, principal)
            case "POST", ["alarms"]:
                body = await body_of(request)
                return self._answer(self._raise(principal, body), status=202)
            case "GET", ["alarms", alarm_id]:
                includes_data(request.query)
                return self._answer(self._alarm(alarm_id, principal))
            case "PATCH", ["alarms", alarm_id]:
                alarm = self._alarm(alarm_id, principal)
                self._update(alarm, principal, await body_of(request))
                return self._answer(alarm, status=202)
            case "GET", ["alarms", alarm_id, "history"]:
                changes = self._alarm(alarm_id, principal).history
                return json_response({"array": [change_to_wire(c) for c in changes]})
            case "GET", [resource] if resource in RESOURCES:
                return self._settings(resource)
            case "GET", _:
                raise unknown_resource("/".join(parts))
            case _:
                text = f"{request.method} is not supported here"
                raise ApiError(405, text)

    def _answer(self, alarm: Alarm, *, status: int = 200) -> web.Response:
        return json_response({"data": self._row(alarm)}, status)

    def _row(self, alarm: Alarm) -> dict[str, object]:
        is_bare = self._faults.find("alarms_bare") is not None
        return alarm_to_wire(alarm, is_bare=is_bare)

    def _settings(self, resource: str) -> web.Response:
        rows: dict[str, Callable[[], list[dict[str, object]]]] = {
            "alarmstates": lambda: _grades(self._board.states),
            "alarmpriorities": lambda: _grades(self._board.priorities),
            "alarmstatistics": self._statistics,
        }
        is_empty = self._is_empty(resource)
        found = [] if is_empty else rows.get(resource, list)()
        return json_response({"array": found})

    def _statistics(self) -> list[dict[str, object]]:
        count = Counter(alarm.state.level for alarm in self._board)
        return [
            {"type": "State", "number": state.level, "value": count[state.level]}
            for state in self._board.states
        ]

    def _is_empty(self, resource: str) -> bool:
        """Whether a role without rights gets an empty list instead of a refusal."""
        fault = self._faults.find("empty_lists")
        return fault is not None and not {"*", resource}.isdisjoint(
            fault.value.lower().split(",")
        )

    def _alarm(self, alarm_id: str, principal: Principal) -> Alarm:
        if not is_guid(alarm_id):
            text = f"Invalid id. {alarm_id}"
            raise bad_request(text)
        alarm = self._board.find(alarm_id)
        if alarm is None or not principal.may_see(alarm.source):
            raise not_found(f"alarms/{alarm_id}")
        return alarm

    def _list(self, request: web.Request, principal: Principal) -> web.Response:
        path = request.path.lower()
        is_plain = self._faults.strike("alarms_plain", path) is not None
        for name in request.query:
            if name not in ({"page", "size"} if is_plain else PARAMETERS):
                text = f"Unknown query parameter: {name}"
                raise bad_request(text)
        includes_data(request.query)
        page = wanted_page(request, self._faults)
        rows = [] if self._is_empty("alarms") else self._rows(page.query, principal)
        if self._faults.strike("pages_newest_first", path):
            rows.sort(key=lambda alarm: alarm.ticks, reverse=True)
        found = rows[page.place]
        links = page.links(request, has_next=len(found) > page.size)
        shown = found[: page.size]
        if shown and self._faults.strike("out_of_order", path):
            shown = self._random.sample(shown, len(shown))
        return json_response(
            {"_links": links, "array": [self._row(alarm) for alarm in shown]}
        )

    def _rows(self, query: dict[str, str], principal: Principal) -> list[Alarm]:
        tests = tests_of(query)
        time, is_descending = order_of(query)
        found = (
            alarm
            for alarm in self._board
            if principal.may_see(alarm.source) and all(test(alarm) for test in tests)
        )
        return sorted(found, key=time, reverse=is_descending)

    def _raise(self, principal: Principal, body: object) -> Alarm:
        if not isinstance(body, dict):
            text = "The alarm must be a JSON object"
            raise bad_request(text)
        name = _text(body, "name")
        if not name:
            text = "Property 'name' is required"
            raise bad_request(text, of_property="name")
        source = self._source(_text(body, "source"))
        if not principal.may_see(source) or not principal.may("alarms", MANAGE):
            raise forbidden()
        priority = self._grade(body, "priority", self._board.priorities)
        return self._board.raise_alarm(
            name, message=_text(body, "message") or "", source=source, priority=priority
        )

    def _source(self, value: str | None) -> str | None:
        """Return the path of a source given as path or GUID."""
        if value is None:
            return None
        kind, _, item_id = value.rpartition("/")
        for item in self._world.inventory:
            if item.id == item_id.lower() and kind.lower() in ("", item.kind.lower()):
                return item.path
        text = f"Source not found. {value}"
        raise bad_request(text, of_property="source")

    def _update(self, alarm: Alarm, principal: Principal, body: object) -> None:
        if not isinstance(body, dict):
            text = "The changes must be a JSON object"
            raise bad_request(text)
        if not principal.may("alarms", MANAGE):
            raise forbidden()
        for name in body.keys() - _UPDATES - {_REASON}:
            text = f"Unknown property '{name}'"
            raise bad_request(text, of_property=name)
        self._board.update(
            alarm,
            principal.user.name if principal.user else "service",
            state=self._grade(body, "state", self._board.states),
            priority=self._grade(body, "priority", self._board.priorities),
            comment=_text(body, "comment"),
            assigned_to=_text(body, "assignedTo.displayName"),
            reason=_text(body, _REASON),
        )

    def _grade(
        self, body: dict[str, object], name: str, grades: Iterable[Grade]
    ) -> Grade | None:
        """Return the state or priority with the given id; null means no change."""
        wanted = _text(body, name)
        if wanted is None:
            return None
        for grade in grades:
            if grade.id == wanted.lower():
                return grade
        text = f"Unknown {name}. {wanted}"
        raise bad_request(text, of_property=name)


def _grades(grades: Iterable[Grade]) -> list[dict[str, object]]:
    return [grade_to_wire(one) for one in grades]


def _text(body: dict[str, object], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        text = f"Property '{name}' must be a string"
        raise bad_request(text, of_property=name)
    return value
