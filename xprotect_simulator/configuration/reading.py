"""Reads the records of the configuration that a user may see."""

from collections.abc import Callable, Iterable, Mapping

from ..errors import bad_request, not_found
from ..faults.faults import Faults
from ..happening.world import World
from ..sign_in.users import Principal
from ..site.items import GROUP_KINDS, Item
from . import event_records, records
from .forms import Record, own_id, relation
from .kinds import CANONICAL, RELATIONS
from .permissions import namespace_to_wire


class Reading:
    """Finds records by kind, by id and by parent."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Read the configuration of `world`, changed by `faults`."""
        self._world = world
        self._faults = faults
        # Resources whose rows are not items of the inventory.
        self._special: Mapping[str, Callable[[], list[Record]]] = {
            "childSites": list,
            "eventTypes": self._event_types,
            "eventTypeGroups": lambda: event_records.event_type_groups_to_wire(world),
            "stateGroups": self._state_groups,
            "securityNamespaces": lambda: [
                namespace_to_wire(one) for one in world.security_namespaces
            ],
        }

    def all(self, kind: str, principal: Principal) -> list[Record]:
        """Return everything of a kind that the user may see."""
        if self._is_empty(kind):
            return []
        special = self._special.get(kind)
        if special is not None:
            return special()
        # Whether a list of groups has those that are in others is not documented.
        has_all = kind not in GROUP_KINDS or self._faults.find("upper_groups") is None
        return [
            self._record(item)
            for item in self._world.items(kind)
            if principal.may_see(item.path) and (has_all or item.parent is None)
        ]

    def single(self, kind: str, item_id: str, principal: Principal) -> Record:
        """Return one record. Raises ApiError if the user sees none."""
        if kind in self._special:
            for record in self._special[kind]():
                if own_id(record) == item_id:
                    return record
            raise not_found(f"{kind}/{item_id}")
        if kind == "hardwareDriverSettings":
            unit = self._item("hardware", item_id, principal, asked=kind)
            return records.driver_settings_to_wire(self._world, unit)
        if kind == "storageInformation":
            storage = self._item("storages", item_id, principal, asked=kind)
            return records.storage_information_to_wire(self._world, storage)
        return self._record(self._item(kind, item_id, principal))

    def below(
        self, kind: str, item_id: str, child: str, principal: Principal
    ) -> list[Record]:
        """Return the children of an item."""
        if self._is_empty(child):
            return []
        if child in ("hardwareDriverSettings", "storageInformation"):
            return [self.single(child, item_id, principal)]
        if child == "eventTypes":
            wanted = {"type": kind, "id": item_id}
            return [
                record
                for record in self._event_types()
                if relation(record, "parent") == wanted
            ]
        members = self._members(kind, item_id, child)
        path = f"{kind}/{item_id}"
        return [
            self._record(item)
            for item in self._world.items(child)
            if principal.may_see(item.path)
            and (item.parent == path if members is None else item.path in members)
        ]

    def include(
        self, kind: str, rows: Iterable[Record], names: str, principal: Principal
    ) -> None:
        """Include enabled children in their parents' records. Raises ApiError."""
        for name in names.split(","):
            child = CANONICAL.get(name.strip().lower())
            if child is None or (kind, child) not in RELATIONS:
                text = f"Invalid child. {name}"
                raise bad_request(text)
            by_parent = self._by_parent(child, principal)
            for row in rows:
                item_id = str(own_id(row))
                row[child] = (
                    self.below(kind, item_id, child, principal)
                    if kind != "hardware" or child == "hardwareDriverSettings"
                    else by_parent.get(f"{kind}/{item_id}", [])
                )

    def _is_empty(self, kind: str) -> bool:
        """Whether a role without rights gets an empty list instead of a refusal."""
        empty = self._faults.find("empty_lists")
        return empty is not None and not {"*", kind.lower()}.isdisjoint(
            empty.value.lower().split(",")
        )

    def _by_parent(self, child: str, principal: Principal) -> dict[str, list[Record]]:
        """Return the devices of all hardware together, for speed on large sites."""
        found: dict[str, list[Record]] = {}
        for item in () if self._is_empty(child) else self._world.items(child):
            if item.is_enabled and item.parent and principal.may_see(item.path):
                found.setdefault(item.parent, []).append(self._record(item))
        return found

    def _members(self, kind: str, item_id: str, child: str) -> frozenset[str] | None:
        """Return the paths of a group's members; None if this is not a group."""
        if GROUP_KINDS.get(kind) != child:
            return None
        group = self._world.find(f"{kind}/{item_id}")
        members = group.extra.get("members") if group is not None else None
        return members if isinstance(members, frozenset) else frozenset()

    def _item(
        self, kind: str, item_id: str, principal: Principal, asked: str | None = None
    ) -> Item:
        item = self._world.find(f"{kind}/{item_id}")
        if item is None or not principal.may_see(item.path):
            raise not_found(f"{asked or kind}/{item_id}")
        return item

    def _record(self, item: Item) -> Record:
        hides_parent = item.kind == "recordingServers" and bool(
            self._faults.find("recorders_without_parent")
        )
        return records.item_to_wire(self._world, item, with_parent=not hides_parent)

    def _event_types(self) -> list[Record]:
        with_state = self._faults.find("event_types_without_state") is None
        return [
            event_records.event_type_to_wire(self._world, one, with_state=with_state)
            for one in self._world.event_types.values()
        ]

    def _state_groups(self) -> list[Record]:
        with_id = self._faults.find("state_groups_without_id") is None
        return [
            event_records.state_group_to_wire(one, with_id=with_id)
            for one in self._world.state_groups.values()
        ]
