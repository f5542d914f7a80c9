"""The user's selection of events, and the subscription for it."""

from collections.abc import Callable, Iterable
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
    # Whether groups are chosen beside the sources, and what is in them by now.
    has_groups: bool = False
    members: Callable[[], frozenset[Source]] = frozenset
    excluded_types: frozenset[str] = frozenset()
    excluded_sources: frozenset[Source] = frozenset()

    @property
    def is_narrow(self) -> bool:
        """Whether the user does not want every event."""
        return bool(
            self.event_types
            or self.sources
            or self.has_groups
            or self.excluded_types
            or self.excluded_sources
        )

    def wants(self, event: Event) -> bool:
        """Whether the user has selected this event."""
        return (
            self._includes(event)
            and event.type_id not in self.excluded_types
            and event.source not in self.excluded_sources
        )

    def chooses(self, source: Source | None) -> bool:
        """Whether a source is chosen, by itself or by a group."""
        return source in self.sources or (self.has_groups and source in self.members())

    def covers(self, event: Event, *, is_stateful: bool) -> bool:
        """Whether our subscription includes this event.

        The subscription excludes nothing, because it is not documented which of two
        conflicting filters decides (protocol §5.3).
        """
        return is_stateful or self._includes(event)

    def _includes(self, event: Event) -> bool:
        return (not self.event_types or event.type_id in self.event_types) and (
            not (self.sources or self.has_groups) or self.chooses(event.source)
        )

    def subscription(
        self, stateful_types: Iterable[str]
    ) -> tuple[SubscriptionFilter, ...]:
        """Return the filters that bring the wanted events and all states."""
        sources = self.sources | (self.members() if self.has_groups else frozenset())
        has_sources = bool(self.sources) or self.has_groups
        if not self.event_types and not has_sources:
            return (SubscriptionFilter(),)
        needed = {SYSTEM_CONFIGURATION_CHANGED, *stateful_types}
        states = SubscriptionFilter(event_types=tuple(sorted(needed)))
        chosen = SubscriptionFilter()
        if self.event_types:
            chosen = replace(chosen, event_types=tuple(sorted(self.event_types)))
        if has_sources:
            ids = {source.id for source in sources}
            chosen = replace(chosen, source_ids=tuple(sorted(ids)))
        if has_sources and not sources:
            # Nothing is in the groups; a filter without sources means none of them.
            return (states,)
        return (chosen, states)
