"""The configuration of the site, and changing it like an administrator."""

from abc import ABC, abstractmethod
from dataclasses import replace

from ..identifiers import random_guid, seeded
from ..options import Options
from .event_ids import SYSTEM_USER_DEFINED_EVENTS
from .event_types import (
    EventType,
    StateGroup,
    built_in_types,
    state_groups,
    type_of_event_item,
)
from .inventory import Inventory
from .items import Item
from .layout import build_site, camera_of, hardware_of
from .security import security_namespaces
from .storages import StorageState

EVENT_KINDS = ("userDefinedEvents", "analyticsEvents")


class Site(ABC):
    """The items, event types and state groups of a site, and their changes."""

    def __init__(self, options: Options) -> None:
        """Build the site that the options and their seed describe."""
        self.options = options
        self.inventory = Inventory()
        self.event_types: dict[str, EventType] = {}
        self.state_groups: dict[str, StateGroup] = {}
        self.security_namespaces = security_namespaces(options.seed)
        # By the id of the storage; others have the default state.
        self.storage_states: dict[str, StorageState] = {}
        self._added = 0
        self._random = seeded(options.seed, "made by an administrator")
        self._build()

    @abstractmethod
    def configuration_changed(self, action: str, path: str, name: str) -> None:
        """React to an item that was added, changed or removed; the site calls this."""

    def _build(self) -> None:
        seed = self.options.seed
        for event_type in built_in_types(seed, self.options.extra_event_types):
            self.event_types[event_type.id] = event_type
        for group in state_groups(seed):
            self.state_groups[group.id] = group
        for name, event_id in SYSTEM_USER_DEFINED_EVENTS:
            self._put(
                Item(
                    kind="userDefinedEvents",
                    id=event_id,
                    name=name,
                    extra={"subtype": "System"},
                )
            )
        for item in build_site(self.options):
            self._put(item)

    @property
    def site(self) -> Item:
        """The site itself."""
        return self.items("sites")[0]

    @property
    def cameras(self) -> tuple[Item, ...]:
        """All cameras, disabled ones included."""
        return self.items("cameras")

    @property
    def last_camera(self) -> Item:
        """The camera that was added last."""
        return self.cameras[-1]

    @property
    def user_defined_events(self) -> tuple[Item, ...]:
        """All user-defined events, those of the system included."""
        return self.items("userDefinedEvents")

    @property
    def analytics_events(self) -> tuple[Item, ...]:
        """All analytics events."""
        return self.items("analyticsEvents")

    def items(self, kind: str) -> tuple[Item, ...]:
        """Return the visible items of a kind."""
        return self.inventory.of_kind(kind)

    def find(self, path: str) -> Item | None:
        """Return the visible item of a resource path, or None."""
        return self.inventory.find(path)

    def named(self, name: str) -> Item:
        """Return the first item of that name. Raises OptionError if there is none."""
        return self.inventory.named(name)

    def add(self, item: Item) -> Item:
        """Add an item, and announce it as XProtect does."""
        self._put(item)
        self.configuration_changed("Added", item.path, item.name)
        return item

    def add_camera(self, name: str | None = None) -> Item:
        """Add a camera with its own hardware."""
        number = self.options.cameras + self._added
        self._added += 1
        seed = self.options.seed
        recorder = self.items("recordingServers")[0]
        camera = camera_of(seed, number, "", 0)
        unit = hardware_of(seed, number, recorder.path)
        self.add(unit)
        return self.add(replace(camera, name=name or camera.name, parent=unit.path))

    def add_user_defined_event(self, name: str) -> Item:
        """Add a user-defined event."""
        item = Item(
            kind="userDefinedEvents",
            id=random_guid(self._random),
            name=name,
            extra={"subtype": "UserDefined"},
        )
        return self.add(item)

    def add_event_type(
        self, event_type: EventType, group: StateGroup | None = None
    ) -> None:
        """Add an event type, as a driver or plug-in does."""
        if group is not None:
            self.state_groups[group.id] = group
        self.event_types[event_type.id] = event_type
        self.configuration_changed(
            "Added", f"eventTypes/{event_type.id}", event_type.display_name
        )

    def rename(self, item: Item | str, name: str) -> Item:
        """Rename an item."""
        return self._change(item, name=name)

    def move(self, item: Item | str, parent: Item) -> Item:
        """Move an item to another parent, as hardware to another recorder."""
        moved = replace(self.inventory.get(item), parent=parent.path)
        self._put(moved)
        self.configuration_changed("Changed", moved.path, moved.name)
        return moved

    def disable(self, item: Item | str) -> Item:
        """Disable an item, which lists omit unless they have the flag `disabled`."""
        return self._change(item, is_enabled=False)

    def enable(self, item: Item | str) -> Item:
        """Enable an item again."""
        return self._change(item, is_enabled=True)

    def remove(self, item: Item | str) -> None:
        """Delete an item with all its children."""
        gone = self.inventory.get(item)
        for child in [one for one in self.inventory if one.parent == gone.path]:
            self.remove(child)
        self.inventory.drop(gone)
        if gone.kind in EVENT_KINDS:
            del self.event_types[gone.id]
        self.configuration_changed("Removed", gone.path, gone.name)

    def _put(self, item: Item) -> None:
        self.inventory.put(item)
        if item.kind in EVENT_KINDS:
            self.event_types[item.id] = type_of_event_item(item)

    def _change(
        self,
        item: Item | str,
        *,
        name: str | None = None,
        is_enabled: bool | None = None,
    ) -> Item:
        before = self.inventory.get(item)
        after = replace(
            before,
            name=before.name if name is None else name,
            is_enabled=before.is_enabled if is_enabled is None else is_enabled,
        )
        self._put(after)
        self.configuration_changed("Changed", after.path, after.name)
        return after
