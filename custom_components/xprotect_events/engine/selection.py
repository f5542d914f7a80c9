"""The user's selection of events, and the subscription for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..api import Event, Source, SubscriptionFilter
from .built_in import SYSTEM_CONFIGURATION_CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The user's selection of events; an empty selection includes all.

    Types are GUIDs. Exclusions take precedence. Stateful events are always pushed,
    because states would be wrong otherwise.
    """

    event_types: frozenset[str] = frozenset()
    sources: frozenset[Source] = frozenset()
    excluded_types: frozenset[str] = frozenset()
    excluded_sources: frozenset[Source] = frozenset()

    def wants(self, event: Event) -> bool:
        """Whether the user has selected this event."""
        return (
            self._includes(event)
            and event.type_id not in self.excluded_types
            and event.source not in self.excluded_sources
        )

    def covers(self, event: Event, *, is_stateful: bool) -> bool:
        """Whether our subscription includes this event.

        The subscription excludes nothing, because it is not documented which of two
        conflicting filters decides (protocol §5.3).
        """
        return is_stateful or self._includes(event)

    def _includes(self, event: Event) -> bool:
        return (not self.event_types or event.type_id in self.event_types) and (
            not self.sources or event.source in self.sources
        )

    def subscription(
        self, stateful_types: Iterable[str]
    ) -> tuple[SubscriptionFilter, ...]:
        """Return the filters for the selected events and all stateful types."""
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
