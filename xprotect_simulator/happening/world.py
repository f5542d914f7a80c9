"""The simulated site in time: its clock, its events and its states."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import override

from .. import times
from ..clock import Clock
from ..identifiers import random_guid, seeded
from ..options import Options
from ..site.event_ids import CONFIGURATION_CHANGED
from ..site.items import Item
from ..site.site import Site
from .ledger import Ledger, StoredEvent


class World(Site):
    """A site with a clock, with states, and with the ledger of its events."""

    def __init__(self, options: Options, clock: Clock) -> None:
        """Build the site that the options and their seed describe."""
        super().__init__(options)
        self.clock = clock
        # May change at run time, as by an update of the server.
        self.product_version = options.product_version
        self.skew = timedelta()
        # The delay between an event and its storage.
        self.storage_delay = timedelta()
        # Returns the address of a recording server; None: it has none.
        self.recorder_address: Callable[[Item], str | None] = lambda _: None
        self.ledger = Ledger()
        self.states: dict[tuple[str, str], StoredEvent] = {}
        # By the path of a camera: the preset that it was sent to last.
        self.ptz_positions: dict[str, str] = {}
        # Called with every event at the moment it happens, stored or not.
        self.listeners: list[Callable[[StoredEvent], None]] = []
        # The monotonic time of the last event.
        self.last_happening = clock.monotonic()
        self._last_ticks = 0
        self._retention: dict[str, int] = {}
        # The start time is part of the seed, so that each run has new ids.
        self._random = seeded(options.seed, "events", clock.now().isoformat())

    def now(self) -> int:
        """Return the server's time in ticks; it may be wrong by `skew`."""
        return times.to_ticks(self.clock.now() + self.skew)

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
        """Create an event; it is stored with the delay `stored_late`.

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
        """Create an event with a time in ticks."""
        now = self.now()
        self.settle()
        event = StoredEvent(
            id=random_guid(self._random),
            local_id=self.ledger.forgotten + len(self.ledger.happened) + 1,
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
        """Return the time of a new event, which is later than the last one.

        Like real times it has a seventh digit, which `datetime` does not have.
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
        # New events are newer even if the clock was set back.
        if last is None or happens_now or last.ticks <= event.ticks:
            self.states[key] = event

    @override
    def configuration_changed(self, action: str, path: str, name: str) -> None:
        """Emit the event by which XProtect announces a change."""
        if action == "Removed":
            for key in [key for key in self.states if key[0] == path]:
                del self.states[key]
        related = {"Path": path, "Name": name}
        self.record(
            CONFIGURATION_CHANGED,
            self.site.path,
            ticks=None,
            data={"Action": action, "RelatedItem": related},
        )
