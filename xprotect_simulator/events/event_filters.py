"""Filters of events: by time, by source and by other properties."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .. import times
from ..errors import bad_request
from ..filters import Condition, FilterError, Scalar, make_condition, parse
from ..happening.ledger import StoredEvent
from ..happening.world import World

type Test = Callable[[StoredEvent], bool]

_TIME_OPERATORS = ("gt", "lt")
_NAME_OPERATORS = ("equals", "notEquals", "contains", "startsWith", "oneOf")
_ID_OPERATORS = ("equals", "notEquals", "oneOf")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """A span of time, and tests that an event in it must pass."""

    # Ticks; `after` is the first that matches, `before` the first that does not.
    after: int | None = None
    before: int | None = None
    tests: tuple[Test, ...] = ()

    def matches(self, event: StoredEvent) -> bool:
        """Return whether an event matches."""
        if self.after is not None and event.ticks < self.after:
            return False
        if self.before is not None and event.ticks >= self.before:
            return False
        return all(test(event) for test in self.tests)


def from_query(world: World, query: dict[str, str]) -> EventFilter:
    """Read the filters of GET /events (`time`, `source.…`). Raises ApiError."""
    allowed = {
        "time": _TIME_OPERATORS,
        "source.name": _NAME_OPERATORS,
        "source.id": _ID_OPERATORS,
    }
    conditions: list[tuple[str, Condition]] = []
    for target, operators in allowed.items():
        if target not in query:
            continue
        try:
            found = parse(query[target])
        except FilterError as error:
            text = f"Invalid filter. {target}: {error}"
            raise bad_request(text) from error
        for condition in found:
            if condition.operator not in operators:
                text = f"Invalid filter. {target} does not allow {condition.operator}"
                raise bad_request(text)
            conditions.append((target, condition))
    return _combined(world, conditions)


def from_session(
    world: World, rows: Iterable[tuple[str, str, object]], *, with_time: bool
) -> EventFilter:
    """Read the (target, operator, value) rows of a session. Raises ApiError."""
    conditions: list[tuple[str, Condition]] = []
    for target, operator, value in rows:
        try:
            condition = make_condition(operator, value)
        except FilterError as error:
            text = f"Invalid filter. {target}: {error}"
            raise bad_request(text) from error
        conditions.append((target, condition))
    combined = _combined(world, conditions)
    return combined if with_time else EventFilter(tests=combined.tests)


def _combined(world: World, conditions: Iterable[tuple[str, Condition]]) -> EventFilter:
    after: int | None = None
    before: int | None = None
    tests: list[Test] = []
    for target, condition in conditions:
        if target == "time":
            first, last = _span(condition)
            after = first if after is None else max(after, first or after)
            before = last if before is None else min(before, last or before)
        else:
            tests.append(_test(world, target, condition))
    return EventFilter(after=after, before=before, tests=tuple(tests))


def _span(condition: Condition) -> tuple[int | None, int | None]:
    """Return the span of time of a condition, with the server's accuracy of 10 ms."""
    if not isinstance(condition.value, str):
        text = f"Invalid filter. time: '{condition.value}' is not a date-time"
        raise bad_request(text)
    try:
        ticks = times.parse(condition.value)
    except ValueError as error:
        text = f"Invalid filter. time: {error}"
        raise bad_request(text) from error
    coarse = ticks - ticks % times.FILTER_ACCURACY
    after_it = coarse + times.FILTER_ACCURACY
    match condition.operator:
        case "gt":
            return after_it, None
        case "lt":
            return None, coarse
        case "equals":
            return coarse, after_it
        case _:
            text = f"Invalid filter. time does not allow {condition.operator}"
            raise bad_request(text)


def _test(world: World, target: str, condition: Condition) -> Test:
    if target == "source.name":
        return lambda event: condition.matches(_source_name(world, event))
    if target in ("source.id", "source"):
        return _source_test(condition)
    properties: dict[str, Callable[[StoredEvent], Scalar | None]] = {
        "id": lambda event: event.id,
        "localId": lambda event: event.local_id,
        "type": lambda event: event.type,
        "tag": lambda event: event.tag,
    }
    if target not in properties:
        text = f"Invalid filter. Unknown target '{target}'"
        raise bad_request(text)
    return lambda event: condition.matches(properties[target](event))


def _source_test(condition: Condition) -> Test:
    """Return a test of the source, by GUID or by resource path."""
    if condition.operator not in _ID_OPERATORS:
        text = f"Invalid filter. source.id does not allow {condition.operator}"
        raise bad_request(text)
    is_wanted = condition.operator != "notEquals"
    given = (
        condition.value if isinstance(condition.value, tuple) else (condition.value,)
    )
    wanted = {str(value).casefold() for value in given}

    def test(event: StoredEvent) -> bool:
        path = (event.source or "").casefold()
        is_meant = path in wanted or path.rpartition("/")[2] in wanted
        return is_meant == is_wanted

    return test


def _source_name(world: World, event: StoredEvent) -> str | None:
    item = world.find(event.source) if event.source else None
    return None if item is None else item.name
