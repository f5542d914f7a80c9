"""Reads fields of decoded JSON; errors name the path of the invalid field."""

from collections.abc import Callable, Iterable, Mapping
import math
from typing import NamedTuple
from unicodedata import category

from .errors import ResponseError

# Characters; the limit of Home Assistant's states and entity ids. Names are shorter.
MAX_TEXT = 255
# Characters; a GUID has 36. Ids become parts of addresses and keys of registries.
MAX_ID = 100
# The largest lists known have 16,406 rows.
MAX_ROWS = 100_000
# Home Assistant can neither send nor store larger whole numbers.
MAX_INT = 2**63 - 1
# Years of valid times, those of wrong clocks included. Adding or subtracting hours
# stays within the range of `datetime`.
YEARS = range(1970, 2200)

# Unicode categories to replace: controls, surrogates, line and paragraph separators.
# Surrogates cannot be encoded, and controls could forge lines in a log.
_UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Characters that change the direction of text, so that a name would read as another.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
_ISOLATING = frozenset("\u2066\u2067\u2068\u2069")

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


class Decoded[T](NamedTuple):
    """The readable rows, the number of the others, and the reason for the first."""

    rows: tuple[T, ...]
    unreadable: int
    reason: str | None


def as_object(value: object, path: str) -> Mapping[str, object]:
    """Return a JSON object. Raises `ResponseError` when it is something else."""
    if not isinstance(value, dict):
        raise ResponseError(f"{path} is not an object")
    return value


def as_array(value: object, path: str) -> list[object]:
    """Return a JSON array. Raises `ResponseError` if it is none or too long."""
    if not isinstance(value, list):
        raise ResponseError(f"{path} is not an array")
    if len(value) > MAX_ROWS:
        raise ResponseError(f"{path} has more than {MAX_ROWS} rows")
    return value


def clean(value: str, limit: int = MAX_TEXT) -> str:
    """Return a text of the server that is safe to show, store and log."""
    value = value[:limit]
    return value if value.isprintable() else "".join(map(_safe, value))


def required(item: Mapping[str, object], key: str, path: str) -> str:
    """Return a required, non-empty text as it is. Raises `ResponseError` without one.

    It may be of any length and hold any characters: see `clean`.
    """
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise ResponseError(f"{path}.{key} is missing")
    return value


def text(item: Mapping[str, object], key: str, path: str) -> str:
    """Return a required, non-empty text. Raises `ResponseError` without one."""
    # Not by `required` and `clean`: this runs twice per event, and calls cost more.
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise ResponseError(f"{path}.{key} is missing")
    return value if value.isprintable() and len(value) <= MAX_TEXT else clean(value)


def identifier(item: Mapping[str, object], key: str, path: str) -> str:
    """Return a required id unchanged. Raises `ResponseError` without a valid one."""
    value = required(item, key, path)
    if len(value) > MAX_ID or not value.isprintable():
        raise ResponseError(f"{path}.{key} is no id")
    return value


def optional_text(
    item: Mapping[str, object], key: str, limit: int = MAX_TEXT
) -> str | None:
    """Return a text, or `None` when it is missing, empty or no text."""
    value = item.get(key)
    return clean(value, limit) if isinstance(value, str) and value else None


def optional_int(item: Mapping[str, object], key: str) -> int | None:
    """Return a whole number; older servers write numbers as text (protocol §3.1)."""
    value = item.get(key)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            return None
    return value if isinstance(value, int) and abs(value) <= MAX_INT else None


def optional_seconds(item: Mapping[str, object], key: str) -> float | None:
    """Return a positive, finite number of seconds, or `None`."""
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except ValueError, OverflowError:
        return None
    return seconds if 0 < seconds < math.inf else None


def texts(item: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the texts of an array; a missing one is empty."""
    value = item.get(key)
    if not isinstance(value, list):
        return ()
    return tuple(
        clean(entry) for entry in value[:MAX_ROWS] if isinstance(entry, str) and entry
    )


def nested(item: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    """Return an object inside objects; a missing one is empty."""
    for key in keys:
        value = item.get(key)
        if not isinstance(value, Mapping):
            return {}
        item = value
    return item


def decode_each[T](
    decode: Callable[[object, str], T], items: Iterable[object], path: str
) -> Decoded[T]:
    """Decode every item, and count those for which `decode` raises `ResponseError`.

    One invalid row must not hide the others.
    """
    rows = []
    unreadable = 0
    reason = None
    for item in items:
        try:
            rows.append(decode(item, path))
        except ResponseError as err:
            unreadable += 1
            reason = reason or err.text
    return Decoded(tuple(rows), unreadable, reason)


def _safe(character: str) -> str:
    if character in _TURNING or character in _ISOLATING:
        return ""
    return " " if category(character) in _UNSAFE else character
