"""Searches stored events, also by criteria that the server cannot filter by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from ..api import (
    MAX_PAGE_SIZE,
    Condition,
    Direction,
    Event,
    Events,
    Operator,
    RejectedError,
    Source,
    any_of,
)
from .pages import ACCURACY, Pages

# Events to read for one search. More would take too long and load the server; fewer
# would not find an event that happens once a day on a busy site.
MAX_SEARCHED = 20_000


@dataclass(frozen=True, kw_only=True)
class Search:
    """The criteria; `start` and `end` are included, and an empty set matches all."""

    start: datetime | None = None
    end: datetime | None = None
    sources: frozenset[Source] = frozenset()
    event_types: frozenset[str] = frozenset()
    direction: Direction
    limit: int
    include_data: bool = False

    def matches(self, event: Event) -> bool:
        """Whether the event meets all criteria."""
        return (
            (self.start is None or event.time >= self.start)
            and (self.end is None or event.time <= self.end)
            and (not self.event_types or event.type_id in self.event_types)
            and (not self.sources or self._is_of_these(event.source))
        )

    def first(self, found: Iterable[Event]) -> tuple[Event, ...]:
        """Return the first `limit` of these events in the requested order."""
        is_descending = self.direction is Direction.DESCENDING
        ordered = sorted(found, key=lambda event: event.order, reverse=is_descending)
        return tuple(ordered[: self.limit])

    @property
    def time_conditions(self) -> Sequence[Condition]:
        """The conditions on times, a little wider: the server compares roughly."""
        conditions = []
        if self.start is not None:
            start = self.start - ACCURACY
            conditions.append(Condition(Operator.GREATER_THAN, start))
        if self.end is not None:
            conditions.append(Condition(Operator.LESS_THAN, self.end + ACCURACY))
        return conditions

    @property
    def source_conditions(self) -> Sequence[Condition]:
        """The conditions on sources, for one query each."""
        return any_of(sorted(self._source_ids))

    def _is_of_these(self, source: Source | None) -> bool:
        # Both this source and those of the search may be GUIDs only.
        return source is not None and source.id in self._source_ids

    @cached_property
    def _source_ids(self) -> frozenset[str]:
        return frozenset(source.id for source in self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of a search; `is_truncated` if it ended at `MAX_SEARCHED`."""

    events: tuple[Event, ...]
    is_truncated: bool


async def search(events: Events, wanted: Search) -> Found:
    """Read stored events until enough are found. Raises any `ApiError`."""
    try:
        parts = [
            await _search(events, wanted, (condition,))
            for condition in wanted.source_conditions
        ]
    except RejectedError:
        # Some servers refuse the filter by source; then filter here.
        parts = []
    parts = parts or [await _search(events, wanted, ())]
    found = {event.id: event for part in parts for event in part.events}
    return Found(
        events=wanted.first(found.values()),
        is_truncated=any(part.is_truncated for part in parts),
    )


async def _search(
    events: Events, wanted: Search, source_id: Sequence[Condition]
) -> Found:
    """Read the events of some sources, or of all."""
    found: dict[str, Event] = {}
    searched = 0
    is_exact = not wanted.event_types and (bool(source_id) or not wanted.sources)
    ask = partial(
        events.list,
        time=wanted.time_conditions,
        source_id=source_id,
        direction=wanted.direction,
    )
    size = wanted.limit if is_exact else MAX_PAGE_SIZE
    pages = Pages(ask, size=size, include_data=wanted.include_data)
    while searched < MAX_SEARCHED:
        page = await pages.next()
        # New events shift the pages, so some are read twice.
        found |= {event.id: event for event in page.events if wanted.matches(event)}
        if len(found) >= wanted.limit or page.is_last:
            return Found(events=tuple(found.values()), is_truncated=False)
        # Count unreadable rows, too.
        searched += pages.size
    return Found(events=tuple(found.values()), is_truncated=True)
