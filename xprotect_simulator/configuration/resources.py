"""The Configuration API: what exists, by list, by id and by parent."""

from collections.abc import Callable, Iterable, Mapping

from aiohttp import web

from ..errors import bad_request, not_found, unknown_resource
from ..faults.faults import Faults
from ..happening.world import World
from ..identifiers import is_guid
from ..recorders.still_task import StillTask
from ..sign_in.users import Principal
from ..site.items import DEVICE_KINDS, OTHER_KINDS
from ..wire import json_response
from . import records
from .changes import ConfigurationChanges
from .listing import listed
from .records import Record
from .tasks import Tasks

_KINDS = (
    "sites",
    "childSites",
    "recordingServers",
    "hardware",
    *DEVICE_KINDS,
    "cameraGroups",
    "userDefinedEvents",
    "analyticsEvents",
    "eventTypes",
    "eventTypeGroups",
    "stateGroups",
    *OTHER_KINDS,
)
_CANONICAL: Mapping[str, str] = {kind.lower(): kind for kind in _KINDS}

# Resources that real servers answer by id only; their lists are a 400.
_BY_ID_ONLY = ("storages", "hardwaredriversettings")


class Configuration:
    """Answers the resources below /api/rest/v1 that are not events."""

    def __init__(self, world: World, faults: Faults, still_task: StillTask) -> None:
        """Show the configuration of `world`."""
        self._world = world
        self._faults = faults
        self._changes = ConfigurationChanges(world)
        self._tasks = Tasks(world)
        self._still_task = still_task
        self._special: Mapping[str, Callable[[], list[Record]]] = {
            "childSites": list,
            "eventTypes": lambda: [
                records.event_type_to_wire(world, one)
                for one in world.event_types.values()
            ],
            "eventTypeGroups": lambda: records.event_type_groups_to_wire(world),
            "stateGroups": lambda: [
                records.state_group_to_wire(one) for one in world.state_groups.values()
            ],
        }

    async def handle(
        self, request: web.Request, parts: list[str], principal: Principal
    ) -> web.StreamResponse:
        """Answer one request; `parts` are the path below /api/rest/v1."""
        name, *rest = parts
        if self._still_task.concerns(request, parts):
            return await self._still_task.handle(request, parts, principal)
        if self._tasks.concern(request, parts):
            return self._tasks.handle(request, parts)
        if name == "effectivepermissions":
            return self._permissions(rest, principal)
        if name in _BY_ID_ONLY:
            return self._by_id_only(request, name, rest)
        kind = _CANONICAL.get(name)
        if kind is None:
            raise unknown_resource(name)
        if request.method != "GET":
            return await self._changes.handle(request, kind, rest, principal)
        return self._read(request, kind, rest, principal)

    def _read(
        self, request: web.Request, kind: str, rest: list[str], principal: Principal
    ) -> web.Response:
        match rest:
            case []:
                return self._list(request, self._visible(kind, principal), principal)
            case [item_id]:
                return self._single(kind, item_id, principal)
            case [item_id, child]:
                return self._children(request, kind, item_id, child, principal)
            case _:
                raise unknown_resource(rest[-1])

    def _visible(self, kind: str, principal: Principal) -> list[Record]:
        special = self._special.get(kind)
        if special is not None:
            return special()
        return [
            records.item_to_wire(self._world, item)
            for item in self._world.items(kind)
            if principal.may_see(item.path)
        ]

    def _list(
        self, request: web.Request, found: Iterable[Record], principal: Principal
    ) -> web.Response:
        query = dict(request.query)
        is_strict = self._faults.strike("strict_queries") is not None
        rows = listed(found, query, is_strict=is_strict)
        if "includeChildren" in query:
            self._include(rows, query["includeChildren"], principal)
        return json_response({"array": rows})

    def _include(self, rows: list[Record], names: str, principal: Principal) -> None:
        """Put children into their parents' records, for hardware only."""
        for name in names.split(","):
            kind = _CANONICAL.get(name.strip().lower())
            if kind not in DEVICE_KINDS or any("model" not in row for row in rows):
                text = f"Invalid child. {name}"
                raise bad_request(text)
            children: dict[str | None, list[Record]] = {}
            for item in self._world.items(kind):
                if item.is_enabled and principal.may_see(item.path):
                    record = records.item_to_wire(self._world, item)
                    children.setdefault(item.parent, []).append(record)
            for row in rows:
                row[kind] = children.get(f"hardware/{row['id']}", [])

    def _single(self, kind: str, item_id: str, principal: Principal) -> web.Response:
        if not is_guid(item_id):
            text = f"Invalid id. {item_id}"
            raise bad_request(text)
        return json_response({"data": self._find(kind, item_id, principal)})

    def _find(self, kind: str, item_id: str, principal: Principal) -> Record:
        event_type = self._world.event_types.get(item_id)
        if kind == "eventTypes" and event_type is not None:
            return records.event_type_to_wire(self._world, event_type)
        if kind in self._special:
            for record in self._special[kind]():
                if _own_id(record) == item_id:
                    return record
            raise not_found(f"{kind}/{item_id}")
        item = self._world.find(f"{kind}/{item_id}")
        if item is None or not principal.may_see(item.path):
            raise not_found(f"{kind}/{item_id}")
        return records.item_to_wire(self._world, item)

    def _children(
        self,
        request: web.Request,
        kind: str,
        item_id: str,
        child: str,
        principal: Principal,
    ) -> web.Response:
        self._find(kind, item_id, principal)
        child_kind = _CANONICAL.get(child)
        if child_kind is None or (kind, child_kind) not in _RELATIONS:
            raise unknown_resource(child)
        path = f"{kind}/{item_id}"
        return self._list(request, self._below(path, child_kind, principal), principal)

    def _below(self, path: str, kind: str, principal: Principal) -> list[Record]:
        if kind == "eventTypes":
            wanted = {"type": "eventTypeGroups", "id": path.partition("/")[2]}
            return [
                record
                for record in self._special[kind]()
                if _relation(record, "parent") == wanted
            ]
        group = self._world.find(path)
        members = group.extra.get("members") if group is not None else None
        return [
            records.item_to_wire(self._world, item)
            for item in self._world.items(kind)
            if principal.may_see(item.path)
            and (
                item.path in members
                if isinstance(members, tuple)
                else item.parent == path
            )
        ]

    def _permissions(self, rest: list[str], principal: Principal) -> web.Response:
        """Tell what the user may do with the objects of a namespace."""
        if len(rest) != 1 or self._world.find(f"securityNamespaces/{rest[0]}") is None:
            raise not_found("/".join(["effectivePermissions", *rest]))
        answer = {
            "id": rest[0],
            "isAdministrator": principal.is_administrator,
            "objectPermissions": [],
        }
        return json_response({"data": answer})

    def _by_id_only(
        self, request: web.Request, name: str, rest: list[str]
    ) -> web.Response:
        if request.method != "GET" or len(rest) != 1:
            text = f"Invalid parent. /{name}"
            raise bad_request(text)
        unit = self._world.find(f"hardware/{rest[0]}")
        if name == "storages" or unit is None:
            raise not_found(f"{name}/{rest[0]}")
        return json_response(
            {"data": records.driver_settings_to_wire(self._world, unit)}
        )


_RELATIONS = {
    ("sites", "recordingServers"),
    ("recordingServers", "hardware"),
    ("cameraGroups", "cameras"),
    ("eventTypeGroups", "eventTypes"),
    *(("hardware", kind) for kind in DEVICE_KINDS),
}


def _own_id(record: Record) -> object:
    own = _relation(record, "self")
    return own.get("id") if isinstance(own, dict) else None


def _relation(record: Record, name: str) -> object:
    relations = record["relations"]
    return relations.get(name) if isinstance(relations, dict) else None
