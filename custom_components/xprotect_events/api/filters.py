"""Writes match filters of the XProtect REST APIs (protocol §4.4).

The form is `property=operator:value`: strings and times in single quotes (doubled
inside), numbers without, arrays in brackets, several conditions on one property
separated by commas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote

type Scalar = int | str | datetime
type FilterValue = Scalar | Sequence[Scalar]


class Operator(StrEnum):
    """The four of the seven operators that are needed here."""

    LESS_THAN = "lt"
    GREATER_THAN = "gt"
    EQUALS = "equals"
    ONE_OF = "oneOf"


# Characters of the values in a query string. IIS answers 404 to a query above 2,048
# characters; the remainder is for times, order and page.
MAX_VALUES_LENGTH = 1_500


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a property.

    Raises `TypeError` for a value that its operator cannot take.
    """

    operator: Operator
    value: FilterValue

    def __post_init__(self) -> None:
        is_array = _is_array(self.value)
        if is_array != (self.operator is Operator.ONE_OF):
            raise TypeError("oneOf takes an array, and only oneOf does")
        if is_array and not self.value:
            raise TypeError("oneOf takes at least one value")
        str(self)

    def __str__(self) -> str:
        return f"{self.operator}:{format_value(self.value)}"


def match(*conditions: Condition) -> str:
    """Return the value of a query parameter; all conditions must match."""
    return ",".join(str(condition) for condition in conditions)


def any_of(values: Sequence[str]) -> tuple[Condition, ...]:
    """Return conditions that together match all values, each short enough to send."""
    groups: list[list[str]] = []
    room = 0
    for value in values:
        length = len(quote(f"{format_value(value)},", safe=""))
        if length > room:
            groups.append([])
            room = MAX_VALUES_LENGTH
        groups[-1].append(value)
        room -= length
    return tuple(
        Condition(Operator.ONE_OF, group)
        if len(group) > 1
        else Condition(Operator.EQUALS, group[0])
        for group in groups
    )


def format_value(value: FilterValue) -> str:
    """Return a value in the syntax of the filter language."""
    if isinstance(value, str):
        doubled = value.replace("'", "''")
        return f"'{doubled}'"
    if isinstance(value, datetime):
        return f"'{format_time(value)}'"
    if isinstance(value, Sequence):
        return f"({','.join(format_value(item) for item in value)})"
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"The filter language has no {type(value).__name__}")
    return str(value)


def format_time(value: datetime) -> str:
    """Return a time with zone as text in UTC with microseconds and `Z`."""
    if value.tzinfo is None:
        raise TypeError("A time needs a time zone")
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _is_array(value: FilterValue) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
