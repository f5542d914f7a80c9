"""Searching stored events, also by what the server cannot search for."""

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

# Events looked through for one answer. More would keep the caller waiting, and the
# server busy; fewer would not find what happens once a day on a busy site.
MAX_SEARCHED = 20_000


@dataclass(frozen=True, kw_only=True)
class Search:
    """What to look for; both ends belong to it, and an empty choice is everything."""

    start: datetime | None = None
    end: datetime | None = None
    sources: frozenset[Source] = frozenset()
    event_types: frozenset[str] = frozenset()
    direction: Direction
    limit: int
    include_data: bool = False

    def matches(self, event: Event) -> bool:
        """Whether the event is one of those looked for."""
        return (
            (self.start is None or event.time >= self.start)
            and (self.end is None or event.time <= self.end)
            and (not self.event_types or event.type_id in self.event_types)
            and (not self.sources or self._is_of_these(event.source))
        )

    def first(self, found: Iterable[Event]) -> tuple[Event, ...]:
        """Return as many as were asked for, in the order that was asked for."""
        is_descending = self.direction is Direction.DESCENDING
        ordered = sorted(found, key=lambda event: event.order, reverse=is_descending)
        return tuple(ordered[: self.limit])

    @property
    def time_conditions(self) -> Sequence[Condition]:
        """What the server is asked of times: a little more, as it compares roughly."""
        conditions = []
        if self.start is not None:
            start = self.start - ACCURACY
            conditions.append(Condition(Operator.GREATER_THAN, start))
        if self.end is not None:
            conditions.append(Condition(Operator.LESS_THAN, self.end + ACCURACY))
        return conditions

    @property
    def source_conditions(self) -> Sequence[Condition]:
        """What the server is asked of sources, in one query after the other."""
        return any_of(sorted(self._source_ids))

    def _is_of_these(self, source: Source | None) -> bool:
        # A source may be known by its GUID only, on either side.
        return source is not None and source.id in self._source_ids

    @cached_property
    def _source_ids(self) -> frozenset[str]:
        return frozenset(source.id for source in self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search has found; `is_truncated` when it gave up before its end."""

    events: tuple[Event, ...]
    is_truncated: bool


async def search(events: Events, wanted: Search) -> Found:
    """Look through stored events until enough are found. Raises any `ApiError`."""
    try:
        parts = [
            await _search(events, wanted, (condition,))
            for condition in wanted.source_conditions
        ]
    except RejectedError:
        # Not every server takes every way of naming sources.
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
    """Look through the events of some sources, of all where none is named."""
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
        # New events shift the pages, so some are met twice.
        found |= {event.id: event for event in page.events if wanted.matches(event)}
        if len(found) >= wanted.limit or page.is_last:
            return Found(events=tuple(found.values()), is_truncated=False)
        # Also behind a page of rows that nobody can read.
        searched += pages.size
    return Found(events=tuple(found.values()), is_truncated=True)
