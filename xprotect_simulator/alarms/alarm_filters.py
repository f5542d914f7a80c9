"""Filters and orders of lists of alarms, in the syntax of those of events."""

from collections.abc import Callable, Mapping
import re

from .. import times
from ..errors import bad_request
from ..filters import Condition, FilterError, Scalar, parse
from .board import Alarm

type Test = Callable[[Alarm], bool]

_VALUES: Mapping[str, Callable[[Alarm], Scalar | None]] = {
    "name": lambda alarm: alarm.name,
    "message": lambda alarm: alarm.message,
    "localId": lambda alarm: alarm.local_id,
    "state.level": lambda alarm: alarm.state.level,
    "state.name": lambda alarm: alarm.state.name,
    "priority.level": lambda alarm: alarm.priority.level,
    "priority.name": lambda alarm: alarm.priority.name,
    "source.id": lambda alarm: alarm.source,
    "assignedTo.displayName": lambda alarm: alarm.assigned_to,
}
_TIMES: Mapping[str, Callable[[Alarm], int]] = {
    "time": lambda alarm: alarm.ticks,
    "lastUpdatedTime": lambda alarm: alarm.updated,
}
PARAMETERS = frozenset({"orderBy", "include", "page", "size", *_VALUES, *_TIMES})
_ORDER = re.compile(r"(?:(asc|desc):)?'(time|lastUpdatedTime)'", re.IGNORECASE)


def tests_of(query: Mapping[str, str]) -> list[Test]:
    """Return the tests that an alarm must pass. Raises ApiError for a wrong filter."""
    tests: list[Test] = []
    for name, text in query.items():
        if name not in _VALUES and name not in _TIMES:
            continue
        try:
            conditions = parse(text)
        except FilterError as error:
            message = f"Invalid filter. {name}: {error}"
            raise bad_request(message) from error
        tests += [_test(name, condition) for condition in conditions]
    return tests


def order_of(query: Mapping[str, str]) -> tuple[Callable[[Alarm], int], bool]:
    """Return the time to sort by, and whether newest first. Raises ApiError."""
    given = query.get("orderBy", "asc:'time'")
    order = _ORDER.fullmatch(given)
    if order is None:
        text = f"Invalid orderBy. {given}"
        raise bad_request(text)
    name = next(one for one in _TIMES if one.lower() == order.group(2).lower())
    return _TIMES[name], (order.group(1) or "asc").lower() == "desc"


def _test(name: str, condition: Condition) -> Test:
    if name in _TIMES:
        return _time_test(name, condition)
    value = _VALUES[name]
    return lambda alarm: condition.matches(value(alarm))


def _time_test(name: str, condition: Condition) -> Test:
    """Compare times with the same accuracy as filters of events."""
    if condition.operator not in ("gt", "lt"):
        text = f"Invalid filter. {name} does not allow {condition.operator}"
        raise bad_request(text)
    try:
        bound = times.parse(str(condition.value)) // times.FILTER_ACCURACY
    except ValueError as error:
        text = f"Invalid filter. {name}: {error}"
        raise bad_request(text) from error
    moment = _TIMES[name]
    if condition.operator == "gt":
        return lambda alarm: moment(alarm) // times.FILTER_ACCURACY > bound
    return lambda alarm: moment(alarm) // times.FILTER_ACCURACY < bound
