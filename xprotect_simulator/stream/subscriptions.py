"""Subscriptions of the Events and State WebSocket, and their filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from ..errors import bad_request
from ..happening.ledger import StoredEvent
from ..identifiers import is_guid

_ANY = "*"
_MODIFIERS = ("include", "exclude")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The parts of an event that filters compare, in lower case."""

    kind: str
    source_id: str
    type_id: str

    @classmethod
    def of(cls, event: StoredEvent) -> Self:
        """Return the subject of an event; without a source only `*` matches it."""
        kind, _, source_id = (event.source or "").lower().partition("/")
        return cls(kind=kind, source_id=source_id, type_id=event.type.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFilter:
    """One filter of a subscription; None matches everything."""

    is_include: bool
    kinds: frozenset[str] | None
    source_ids: frozenset[str] | None
    type_ids: frozenset[str] | None

    @classmethod
    def from_wire(cls, item: object) -> Self:
        """Read a filter. Raises ApiError."""
        if not isinstance(item, dict):
            text = "A filter must be a JSON object"
            raise bad_request(text)
        modifier = item.get("modifier")
        if not isinstance(modifier, str) or modifier.lower() not in _MODIFIERS:
            text = "Property 'modifier' must be one of include, exclude"
            raise bad_request(text)
        return cls(
            is_include=modifier.lower() == "include",
            kinds=_names(item, "resourceTypes"),
            source_ids=_guids(item, "sourceIds"),
            type_ids=_guids(item, "eventTypes"),
        )

    def means(self, subject: Subject) -> bool:
        """Return whether all three conditions match."""
        return (
            (self.kinds is None or subject.kind in self.kinds)
            and (self.type_ids is None or subject.type_id in self.type_ids)
            and (self.source_ids is None or subject.source_id in self.source_ids)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """The filters of one `addSubscription`."""

    filters: tuple[StreamFilter, ...]

    @classmethod
    def from_wire(cls, filters: object) -> Self:
        """Read a command's filters; an empty list includes nothing. Raises ApiError."""
        if filters is None:
            filters = []
        if not isinstance(filters, list):
            text = "Property 'filters' must be an array"
            raise bad_request(text)
        return cls(filters=tuple(StreamFilter.from_wire(item) for item in filters))

    def includes(self, subject: Subject) -> bool:
        """Return whether the last matching filter includes an event."""
        for one in reversed(self.filters):
            if one.means(subject):
                return one.is_include
        return False


def is_included(subscriptions: Iterable[Subscription], event: StoredEvent) -> bool:
    """Return whether any subscription includes an event."""
    subject = Subject.of(event)
    return any(one.includes(subject) for one in subscriptions)


def _names(item: dict[str, object], name: str) -> frozenset[str] | None:
    """Return the values of a list in lower case; None if it contains `*`."""
    values = item.get(name)
    if values is None:
        values = []
    if not isinstance(values, list):
        text = f"Property '{name}' must be an array of texts"
        raise bad_request(text)
    names: set[str] = set()
    for value in values:
        if not isinstance(value, str):
            text = f"Property '{name}' must be an array of texts"
            raise bad_request(text)
        names.add(value.lower())
    return None if _ANY in names else frozenset(names)


def _guids(item: dict[str, object], name: str) -> frozenset[str] | None:
    ids = _names(item, name)
    for one in ids or ():
        if not is_guid(one):
            text = f"Invalid id in '{name}'. {one}"
            raise bad_request(text)
    return ids
