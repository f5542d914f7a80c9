"""The Configuration API: reading by list, by id and by parent."""

from collections.abc import Mapping

from aiohttp import web

from ..errors import bad_request, not_found, unknown_resource
from ..faults.faults import Faults
from ..happening.world import World
from ..identifiers import is_guid
from ..recorders.still_task import StillTask
from ..sign_in.users import Principal
from ..site.items import Item
from ..wire import json_response
from .changes import ConfigurationChanges
from .forms import Record
from .kinds import BY_ID_ONLY, CANONICAL, RELATIONS, UNKNOWN_REQUESTS, children_of
from .listing import listed
from .permissions import effective_permissions
from .reading import Reading
from .tasks import Tasks


class Configuration:
    """Answers the resources of the Configuration API below /api/rest/v1."""

    def __init__(self, world: World, faults: Faults, still_task: StillTask) -> None:
        """Show the configuration of `world`."""
        self._world = world
        self._faults = faults
        self._changes = ConfigurationChanges(world)
        self._still_task = still_task
        self._tasks = Tasks(world, faults)
        self._reading = Reading(world, faults)

    async def handle(
        self, request: web.Request, parts: list[str], principal: Principal
    ) -> web.StreamResponse:
        """Answer a request; `parts` is the path below /api/rest/v1. Raises ApiError."""
        name, *rest = parts
        if self._still_task.concerns(request, parts):
            return await self._still_task.handle(request, parts, principal)
        if name in UNKNOWN_REQUESTS:
            text = "Bad request: Unknown request"
            raise bad_request(text)
        if name == "effectivepermissions" and request.method == "GET":
            return effective_permissions(self._world, principal, rest, request.query)
        if name == "tasks":
            return self._task(request, rest)
        kind = CANONICAL.get(name)
        if kind is None:
            raise unknown_resource(name)
        if request.method == "POST" and "task" in request.query:
            return self._run(request.query["task"], kind, rest, principal)
        if request.method != "GET":
            return await self._changes.handle(request, kind, rest, principal)
        return self._read(request, kind, rest, principal)

    def _task(self, request: web.Request, rest: list[str]) -> web.Response:
        match request.method, rest:
            case "GET", []:
                return self._tasks.listed()
            case "GET", [task_id]:
                return self._tasks.show(task_id)
            case "POST", [task_id]:
                return self._tasks.end(task_id, request.query.get("task", ""))
            case _:
                raise unknown_resource("/".join(["tasks", *rest]))

    def _run(
        self, task: str, kind: str, rest: list[str], principal: Principal
    ) -> web.Response:
        """Run a task of an item, addressed directly or below its parent."""
        match rest:
            case [item_id]:
                return self._tasks.run(
                    self._item(kind, item_id, principal), task, principal
                )
            case [parent_id, "ptzpresets"] if kind == "cameras":
                camera = self._item(kind, parent_id, principal)
                return self._tasks.read_presets(camera, task)
            case [parent_id, "ptzpresets", preset_id] if kind == "cameras":
                camera = self._item(kind, parent_id, principal)
                preset = self._item("ptzPresets", preset_id, principal)
                if preset.parent != camera.path:
                    raise not_found(f"ptzPresets/{preset_id}")
                return self._tasks.run(preset, task, principal)
            case _:
                text = f"Unknown task. {task}"
                raise bad_request(text)

    def _item(self, kind: str, item_id: str, principal: Principal) -> Item:
        item = self._world.find(f"{kind}/{item_id}")
        if item is None or not principal.may_see(item.path):
            raise not_found(f"{kind}/{item_id}")
        return item

    def _read(
        self, request: web.Request, kind: str, rest: list[str], principal: Principal
    ) -> web.Response:
        match rest:
            case []:
                if kind in BY_ID_ONLY:
                    text = f"Invalid parent. /{kind.lower()}"
                    raise bad_request(text)
                return self._list(
                    request, kind, self._reading.all(kind, principal), principal
                )
            case [item_id]:
                return self._single(request, kind, item_id, principal)
            case [item_id, child]:
                return self._children(request, kind, item_id, child, principal)
            case [item_id, child, child_id] if _is_below(kind, child):
                self._reading.single(kind, item_id, principal)
                return self._single(request, CANONICAL[child], child_id, principal)
            case _:
                raise unknown_resource(rest[-1])

    def _list(
        self, request: web.Request, kind: str, found: list[Record], principal: Principal
    ) -> web.Response:
        query = dict(request.query)
        is_strict = self._faults.strike("strict_queries") is not None
        rows = listed(found, query, is_strict=is_strict)
        if (names := _children_in(query)) is not None:
            self._reading.include(kind, rows, names, principal)
        tasks = self._tasks.of_collection(kind)
        return json_response(_with_extras({"array": rows}, kind, query, tasks))

    def _single(
        self, request: web.Request, kind: str, item_id: str, principal: Principal
    ) -> web.Response:
        if not is_guid(item_id):
            text = f"Invalid id. {item_id}"
            raise bad_request(text)
        query = dict(request.query)
        record = self._reading.single(kind, item_id, principal)
        if (names := _children_in(query)) is not None:
            self._reading.include(kind, [record], names, principal)
        tasks = self._tasks.of(kind)
        return json_response(_with_extras({"data": record}, kind, query, tasks))

    def _children(
        self,
        request: web.Request,
        kind: str,
        item_id: str,
        child: str,
        principal: Principal,
    ) -> web.Response:
        self._reading.single(kind, item_id, principal)
        child_kind = CANONICAL.get(child)
        if child_kind is None:
            raise unknown_resource(child)
        if (kind, child_kind) not in RELATIONS:
            folder = f"{child_kind[0].upper()}{child_kind[1:].removesuffix('s')}Folder"
            text = f"Invalid parent. {kind}/{item_id}/{folder}"
            raise bad_request(text)
        found = self._reading.below(kind, item_id, child_kind, principal)
        return self._list(request, child_kind, found, principal)


def _with_extras(
    answer: Record, kind: str, query: Mapping[str, str], tasks: list[Record]
) -> Record:
    """Add what the flags of a query request, or replace the data by it."""
    flags = {name.lower() for name in query}
    if "nodata" in flags:
        answer = {}
    if "tasks" in flags:
        answer["tasks"] = tasks
    if "resources" in flags:
        answer["resources"] = [{"type": child} for child in children_of(kind)]
    return answer


def _children_in(query: Mapping[str, str]) -> str | None:
    """Return the value of `includeChildren`, however it is spelled."""
    given = (text for name, text in query.items() if name.lower() == "includechildren")
    return next(given, None)


def _is_below(kind: str, child: str) -> bool:
    return (kind, CANONICAL.get(child)) in RELATIONS
