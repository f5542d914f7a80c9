"""Findings about the server from its events: types not stored, wrong clocks."""

from collections.abc import Sequence
from datetime import datetime

from homeassistant.core import callback

from .api import Event
from .engine.clock_witness import ClockWitness
from .engine.storage_proof import StorageProof
from .issues import XProtectIssues
from .runtime import XProtectRuntime


class EventFindings:
    """Compares what was pushed with what was polled, and reports it after each poll."""

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
