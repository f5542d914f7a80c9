"""Which events the user wants, and which the server must push for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..api import Event, Source, SubscriptionFilter
from .built_in import SYSTEM_CONFIGURATION_CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The user's choice of events; to choose nothing is to choose everything.

    Types are GUIDs. What is both chosen and excluded is excluded. States are never
    narrowed: they would be wrong.
    """

    event_types: frozenset[str] = frozenset()
    sources: frozenset[Source] = frozenset()
    excluded_types: frozenset[str] = frozenset()
    excluded_sources: frozenset[Source] = frozenset()

    def wants(self, event: Event) -> bool:
        """Whether the user wants to be told of this event."""
        return (
            self._includes(event)
            and event.type_id not in self.excluded_types
            and event.source not in self.excluded_sources
        )

    def covers(self, event: Event, *, is_stateful: bool) -> bool:
        """Whether the server pushes this event under our subscription.

        Which filter decides where one includes and another excludes is not documented
        (protocol §5.3). So the subscription excludes nothing.
        """
        return is_stateful or self._includes(event)

    def _includes(self, event: Event) -> bool:
        return (not self.event_types or event.type_id in self.event_types) and (
            not self.sources or event.source in self.sources
        )

    def subscription(
        self, stateful_types: Iterable[str]
    ) -> tuple[SubscriptionFilter, ...]:
        """Return the filters that bring the wanted events and all states."""
        if not self.event_types and not self.sources:
            return (SubscriptionFilter(),)
        needed = {SYSTEM_CONFIGURATION_CHANGED, *stateful_types}
        states = SubscriptionFilter(event_types=tuple(sorted(needed)))
        chosen = SubscriptionFilter()
        if self.event_types:
            chosen = replace(chosen, event_types=tuple(sorted(self.event_types)))
        if self.sources:
            ids = {source.id for source in self.sources}
            chosen = replace(chosen, source_ids=tuple(sorted(ids)))
        return (chosen, states)
