"""Findings about the server from its events: types not stored, wrong clocks."""

from collections.abc import Sequence
from datetime import datetime

from homeassistant.core import callback

from .api import Event, Resource, Source
from .engine.arrival import Arrival
from .engine.built_in import SYSTEM_CONFIGURATION_CHANGED
from .engine.clock_witness import ClockWitness
from .engine.inventory import LISTED
from .engine.storage_proof import StorageProof
from .issues import XProtectIssues
from .runtime import XProtectRuntime

# A source of these kinds that is in no list is new. Sites are excepted, because only
# our own site is listed, not federated ones.
NEW_UNLESS_LISTED = LISTED - {Resource.SITES}


class EventFindings:
    """Finds changes of the site, types that are not stored, and wrong clocks.

    Repairs are updated after each poll.
    """

    def __init__(self, runtime: XProtectRuntime, issues: XProtectIssues) -> None:
        self._inventory = runtime.inventory
        self._issues = issues
        self._check = runtime.storage
        self._now = runtime.client.clock.now
        self.storage = StorageProof(runtime.selection.event_types)
        self.clocks = ClockWitness(self._now())

    @callback
    def polled(self, events: Sequence[Event], _now: datetime) -> None:
        """Note the events that a poll has found, delivered before or not."""
        self.storage.polled(events)
        self._check.polled(events)

    @callback
    def delivered(self, arrivals: Sequence[Arrival]) -> None:
        """Note new events."""
        self.clocks.arrived(arrivals)
        self._look_for_changes(
            {one.event.type_id for one in arrivals},
            {one.event.source for one in arrivals},
        )

    def _look_for_changes(self, types: set[str], sources: set[Source | None]) -> None:
        """Read the lists again when events show that the site has changed."""
        if SYSTEM_CONFIGURATION_CHANGED in types:
            self._inventory.read_soon()
        names = self._inventory.catalog.names
        source_names = self._inventory.data.source_names
        for type_id in types:
            if type_id not in names and type_id != SYSTEM_CONFIGURATION_CHANGED:
                self._inventory.note_unknown(type_id)
        for source in sources:
            if (
                source is not None
                and source not in source_names
                and source.resource in NEW_UNLESS_LISTED
            ):
                self._inventory.note_unknown(source.id)

    @callback
    def clock_was_set(self) -> None:
        """Forget the findings about clocks, because the server's clock was set."""
        self.clocks.clear(self._now())

    @callback
    def poll_ended(self, failure: BaseException | None) -> None:
        """Update the repairs after a poll; `failure` is `None` for a complete one."""
        self._issues.judge_connection(failure)
        if failure is not None:
            self.storage.polls_failed()
            return
        now = self._now()
        self.storage.polls_complete(now=now)
        self._issues.judge_storage(self.storage.unstored, self._inventory.catalog)
        self._issues.judge_clocks(self.clocks.judge(now), self._inventory.data)
