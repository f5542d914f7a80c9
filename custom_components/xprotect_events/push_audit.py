"""Feeds the audit, and follows its results with repairs and the poll interval."""

from collections.abc import Iterable
from datetime import datetime

from homeassistant.core import callback

from .api import Event, Source
from .engine.arrival import Arrival
from .engine.audit import Audit, Subject
from .issues import XProtectIssues
from .runtime import XProtectRuntime


class PushAudit:
    """Feeds the audit with pushed and polled events, and follows its results."""

    def __init__(self, runtime: XProtectRuntime, issues: XProtectIssues) -> None:
        self._runtime = runtime
        self._issues = issues
        self._now = runtime.client.clock.now
        self._audit = Audit(self._now(), self._is_subscribed)
        # Notes all pushed events, delivered before or not.
        self.pushed = self._audit.pushed
        # Whether a stream is open.
        self.is_open = False

    @property
    def since(self) -> datetime:
        """The server's time from which on every event should have been pushed."""
        return self._audit.since

    @property
    def is_pushing(self) -> bool:
        """Whether a stream is open and pushes events."""
        return self.is_open and not self._audit.is_silent

    @property
    def is_push_enough(self) -> bool:
        """Whether all selected or shown types and sources are pushed."""
        return self.is_pushing and not any(map(self._matters, self._audit.not_pushed))

    @callback
    def began(self) -> None:
        """Expect every event from now on to be pushed."""
        self.is_open = True
        self._audit.began(self._now())

    @callback
    def ended(self) -> None:
        """Expect nothing until the next stream."""
        self.is_open = False

    @callback
    def clock_was_set(self) -> None:
        """Expect events to be pushed by the server's new time."""
        self._audit.clock_was_set(self._now())

    @callback
    def polled(self, arrivals: Iterable[Arrival]) -> None:
        """Note events that a poll has found first."""
        if self.is_open:
            self._audit.polled(arrivals)

    @callback
    def poll_ended(self) -> bool:
        """Judge the polled events; return whether to renew the stream."""
        if not self.is_open:
            return False
        needs_renewal = self._audit.poll_ended(self._now())
        self._runtime.statistics.audit_finds = self._audit.finds
        self._runtime.statistics.not_pushed = self._audit.not_pushed
        self._issues.judge_push(
            self._audit.not_pushed,
            self._runtime.inventory.catalog,
            self._runtime.inventory.data,
        )
        return needs_renewal

    def _is_subscribed(self, event: Event) -> bool:
        is_stateful = event.type_id in self._runtime.inventory.catalog.states
        return self._runtime.selection.covers(event, is_stateful=is_stateful)

    def _matters(self, subject: Subject) -> bool:
        """Whether it is selected in the options, or has a state that is shown."""
        selection, shown = self._runtime.selection, self._runtime.source_states.shown()
        if isinstance(subject, Source):
            return selection.chooses(subject) or any(
                source == subject for source, _ in shown
            )
        state = self._runtime.inventory.catalog.states.get(subject)
        return subject in selection.event_types or (
            state is not None and any(group == state.group for _, group in shown)
        )
