"""Reads the match filters of the REST APIs, as they are documented.

    property=operator:value,operator:value

Strings and date-times are in single quotes, with quotes inside doubled; numbers have
no quotes, arrays are `(a,b)`. The default operator is `equals`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import re

type Scalar = int | str
type Value = Scalar | tuple[Scalar, ...]

OPERATORS = (
    "lt",
    "gt",
    "equals",
    "notEquals",
    "startsWith",
    "contains",
    "oneOf",
)

_CANONICAL: Mapping[str, str] = {name.lower(): name for name in OPERATORS}
_OPERATOR = re.compile(r"\s*([A-Za-z]+):")
_QUOTED = re.compile(r"\s*'((?:[^']|'')*)'")
_BARE = re.compile(r"\s*([^',()]+)")
# Longer numbers do not fit the server's integers.
_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


class FilterError(Exception):
    """A filter has a syntax error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An operator and the value that it compares to."""

    operator: str
    # None (null) occurs only in a condition of an event session.
    value: Value | None

    def matches(self, candidate: Scalar | None) -> bool:
        """Return whether a value meets the condition; case is ignored."""
        if candidate is None or self.value is None:
            is_same = candidate is None and self.value is None
            return is_same == (self.operator != "notEquals")
        if isinstance(self.value, tuple):
            return any(_compare("equals", candidate, one) for one in self.value)
        return _compare(self.operator, candidate, self.value)


def parse(text: str) -> tuple[Condition, ...]:
    """Return the conditions of one property; all of them must be met."""
    return _Reader(text).conditions()


def make_condition(operator: str, value: object) -> Condition:
    """Return a condition of an event session. Raises FilterError."""
    name = _known_operator(operator)
    if value is None:
        if name not in ("equals", "notEquals"):
            message = f"{name} cannot compare to null"
            raise FilterError(message)
        return Condition(operator=name, value=None)
    if name == "oneOf":
        if not isinstance(value, list) or not value:
            message = "oneOf needs an array of values"
            raise FilterError(message)
        return Condition(operator=name, value=tuple(_scalar(one) for one in value))
    return Condition(operator=name, value=_scalar(value))


def _known_operator(name: str) -> str:
    found = _CANONICAL.get(name.lower())
    if found is None:
        message = f"unknown operator '{name}'"
        raise FilterError(message)
    return found


def _scalar(value: object) -> Scalar:
    if isinstance(value, bool) or not isinstance(value, int | str):
        message = f"'{value}' is neither a string nor a whole number"
        raise FilterError(message)
    return value


def _compare(operator: str, candidate: Scalar, value: Scalar) -> bool:
    left: Scalar = candidate
    right: Scalar = value
    if not (isinstance(left, int) and isinstance(right, int)):
        left, right = str(left).casefold(), str(right).casefold()
    if isinstance(left, str) and isinstance(right, str):
        return _compare_texts(operator, left, right)
    numbers = int(left), int(right)
    if operator == "lt":
        return numbers[0] < numbers[1]
    if operator == "gt":
        return numbers[0] > numbers[1]
    if operator in ("equals", "notEquals"):
        return (numbers[0] == numbers[1]) == (operator == "equals")
    return _compare_texts(operator, str(left), str(right))


def _compare_texts(operator: str, left: str, right: str) -> bool:
    match operator:
        case "lt":
            return left < right
        case "gt":
            return left > right
        case "startsWith":
            return left.startswith(right)
        case "contains":
            return right in left
        case "notEquals":
            return left != right
        case _:
            return left == right


class _Reader:
    """Reads one property's filter from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def conditions(self) -> tuple[Condition, ...]:
        found = [self._condition()]
        while self._take(","):
            found.append(self._condition())
        if self._text[self._at :].strip():
            raise self._error("the end or ','")
        return tuple(found)

    def _condition(self) -> Condition:
        operator = "equals"
        named = _OPERATOR.match(self._text, self._at)
        if named is not None:
            operator = _known_operator(named.group(1))
            self._at = named.end()
        if operator == "oneOf":
            return Condition(operator=operator, value=self._array())
        return Condition(operator=operator, value=self._value())

    def _array(self) -> tuple[Scalar, ...]:
        if not self._take("("):
            raise self._error("'('")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        if not self._take(")"):
            raise self._error("')'")
        return tuple(values)

    def _value(self) -> Scalar:
        quoted = _QUOTED.match(self._text, self._at)
        if quoted is not None:
            self._at = quoted.end()
            return quoted.group(1).replace("''", "'")
        bare = _BARE.match(self._text, self._at)
        if bare is None or not bare.group(1).strip():
            raise self._error("a value")
        self._at = bare.end()
        word = bare.group(1).strip()
        return int(word) if _NUMBER.fullmatch(word) else word

    def _take(self, mark: str) -> bool:
        rest = self._text[self._at :]
        if not rest.lstrip().startswith(mark):
            return False
        self._at += len(rest) - len(rest.lstrip()) + len(mark)
        return True

    def _error(self, expected: str) -> FilterError:
        return FilterError(
            f"expected {expected} at position {self._at} of '{self._text}'"
        )
