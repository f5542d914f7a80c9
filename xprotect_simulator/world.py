"""What exists at the simulated site, what happens there, and what is stored."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from . import times
from .clock import Clock
from .event_ids import CONFIGURATION_CHANGED, SYSTEM_USER_DEFINED_EVENTS
from .event_types import (
    EventType,
    StateGroup,
    built_in_types,
    state_groups,
    type_of_event_item,
)
from .identifiers import random_guid, seeded
from .inventory import Inventory
from .ledger import Ledger, StoredEvent
from .options import Options
from .site import Item, build_site, camera_of, hardware_of

EVENT_KINDS = ("userDefinedEvents", "analyticsEvents")


class World:
    """A site: its configuration, its clock and the ledger of its events."""

    def __init__(self, options: Options, clock: Clock) -> None:
        """Build the site that the options and their seed describe."""
        self.options = options
        self.clock = clock
        # An administrator may update the server while it is watched.
        self.product_version = options.product_version
        self.skew = timedelta()
        # How long after it happened a stored event can be read.
        self.storage_delay = timedelta()
        self.inventory = Inventory()
        self.ledger = Ledger()
        self.event_types: dict[str, EventType] = {}
        self.state_groups: dict[str, StateGroup] = {}
        self.states: dict[tuple[str, str], StoredEvent] = {}
        # Told of every event at the moment it happens, stored or not.
        self.listeners: list[Callable[[StoredEvent], None]] = []
        # When, by the monotonic clock, anything happened last.
        self.last_happening = clock.monotonic()
        self._last_ticks = 0
        self._retention: dict[str, int] = {}
        # The start is part of it: another run must not give the same ids again.
        self._random = seeded(options.seed, "events", clock.now().isoformat())
        self._added = 0
        self._build()

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

    def now(self) -> int:
        """Return the server's own time in ticks; it may be wrong."""
        return times.to_ticks(self.clock.now() + self.skew)

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
        """Return everything of a kind that is not hidden."""
        return self.inventory.of_kind(kind)

    def find(self, path: str) -> Item | None:
        """Return what a resource path means."""
        return self.inventory.find(path)

    def named(self, name: str) -> Item:
        """Return the first thing of that name."""
        return self.inventory.named(name)

    def add(self, item: Item) -> Item:
        """Make a thing appear, and tell it as XProtect does."""
        self._put(item)
        self._tell("Added", item.path, item.name)
        return item

    def add_camera(self, name: str | None = None) -> Item:
        """Make a camera with hardware of its own appear."""
        number = self.options.cameras + self._added
        self._added += 1
        seed = self.options.seed
        recorder = self.items("recordingServers")[0]
        camera = camera_of(seed, number, "", 0)
        unit = hardware_of(seed, number, f"{name or camera.name} unit", recorder.path)
        self.add(unit)
        return self.add(replace(camera, name=name or camera.name, parent=unit.path))

    def add_user_defined_event(self, name: str) -> Item:
        """Make a user-defined event."""
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
        """Make an event type appear, as a driver or a plug-in brings it."""
        if group is not None:
            self.state_groups[group.id] = group
        self.event_types[event_type.id] = event_type
        self._tell("Added", f"eventTypes/{event_type.id}", event_type.display_name)

    def rename(self, item: Item | str, name: str) -> Item:
        """Give a thing another name."""
        return self._change(item, name=name)

    def disable(self, item: Item | str) -> Item:
        """Disable a thing: plain listings leave it out."""
        return self._change(item, is_enabled=False)

    def enable(self, item: Item | str) -> Item:
        """Enable a thing again."""
        return self._change(item, is_enabled=True)

    def remove(self, item: Item | str) -> None:
        """Delete a thing, with everything that belongs to it."""
        gone = self.inventory.get(item)
        for child in [one for one in self.inventory if one.parent == gone.path]:
            self.remove(child)
        self.inventory.drop(gone)
        if gone.kind in EVENT_KINDS:
            del self.event_types[gone.id]
        for key in [key for key in self.states if key[0] == gone.path]:
            del self.states[key]
        self._tell("Removed", gone.path, gone.name)

    def set_retention(self, type_id: str, days: int) -> None:
        """Store events of a type for so many days from now on; 0: never."""
        self._retention[type_id] = days

    def retention(self, type_id: str) -> int:
        """Return for how many days events of a type are stored."""
        return self._retention.get(type_id, self.options.retention_days)

    def emit(
        self,
        type_id: str,
        source: Item | str | None = None,
        *,
        time: datetime | None = None,
        tag: str | None = None,
        data: Mapping[str, object] | None = None,
        stored_late: timedelta | None = None,
    ) -> StoredEvent:
        """Let an event happen; `stored_late`: readable only so much later.

        A user-defined event without a source is its own source, as in XProtect.
        """
        path = source.path if isinstance(source, Item) else source
        if path is None and self.find(f"userDefinedEvents/{type_id}"):
            path = f"userDefinedEvents/{type_id}"
        return self.record(
            type_id,
            path,
            ticks=None if time is None else times.to_ticks(time),
            datatype="none" if data is None else "analytics",
            tag=tag,
            data=data,
            stored_late=stored_late,
        )

    def record(
        self,
        type_id: str,
        source: str | None,
        *,
        ticks: int | None,
        datatype: str = "none",
        tag: str | None = None,
        data: Mapping[str, object] | None = None,
        stored_late: timedelta | None = None,
    ) -> StoredEvent:
        """Let an event happen whose time is known to the last digit."""
        now = self.now()
        self.settle()
        event = StoredEvent(
            id=random_guid(self._random),
            local_id=len(self.ledger.happened) + 1,
            type=type_id,
            source=source,
            ticks=self._next_ticks(now) if ticks is None else ticks,
            datatype=datatype,
            tag=tag,
            data=data,
            is_stored=self.retention(type_id) > 0,
        )
        delay = self.storage_delay if stored_late is None else stored_late
        real_now = times.to_ticks(self.clock.now())
        store_at = real_now + int(delay.total_seconds() * times.TICKS_PER_SECOND)
        self.ledger.add(event, store_at=store_at)
        self.last_happening = self.clock.monotonic()
        self._remember_state(event, happens_now=ticks is None)
        self.settle()
        for listener in self.listeners:
            listener(event)
        return event

    def settle(self) -> None:
        """Bring the stored events up to date with the clock."""
        self.ledger.settle(times.to_ticks(self.clock.now()))
        self.ledger.clean(self.now(), self.retention)

    def _next_ticks(self, now: int) -> int:
        """Return a time for an event of now: later than the one before.

        Real times have a seventh digit, which no datetime can hold.
        """
        ticks = now + self._random.randrange(10)
        if 0 <= self._last_ticks - ticks < times.TICKS_PER_SECOND:
            ticks = self._last_ticks + 1
        self._last_ticks = ticks
        return ticks

    def _remember_state(self, event: StoredEvent, *, happens_now: bool) -> None:
        event_type = self.event_types.get(event.type)
        if event_type is None or event_type.state_group is None or not event.source:
            return
        key = (event.source, event_type.state_group)
        last = self.states.get(key)
        # A clock that was set back makes what happens now no older than what was.
        if last is None or happens_now or last.ticks <= event.ticks:
            self.states[key] = event

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
        self._tell("Changed", after.path, after.name)
        return after

    def _tell(self, action: str, path: str, name: str) -> None:
        related = {"Path": path, "Name": name}
        self.record(
            CONFIGURATION_CHANGED,
            self.site.path,
            ticks=None,
            data={"Action": action, "RelatedItem": related},
        )
