"""Reading fields of a decoded JSON answer, with the path of what is wrong."""

from collections.abc import Callable, Mapping
import logging

from .errors import ResponseError

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

_LOGGER = logging.getLogger(__name__)


def as_object(value: object, path: str) -> Mapping[str, object]:
    """Return a JSON object. Raises `ResponseError` when it is something else."""
    if not isinstance(value, dict):
        raise ResponseError(f"{path} is not an object")
    return value


def as_array(value: object, path: str) -> list[object]:
    """Return a JSON array. Raises `ResponseError` when it is something else."""
    if not isinstance(value, list):
        raise ResponseError(f"{path} is not an array")
    return value


def text(item: Mapping[str, object], key: str, path: str) -> str:
    """Return a required, non-empty text. Raises `ResponseError` without one."""
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise ResponseError(f"{path}.{key} is missing")
    return value


def optional_text(item: Mapping[str, object], key: str) -> str | None:
    """Return a text, or `None` when it is missing, empty or no text."""
    value = item.get(key)
    return value if isinstance(value, str) and value else None


def optional_int(item: Mapping[str, object], key: str) -> int | None:
    """Return a whole number; older servers write numbers as text (§3.1)."""
    value = item.get(key)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        return None


def texts(item: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the texts of an array; a missing one is empty."""
    value = item.get(key)
    if not isinstance(value, list):
        return ()
    return tuple(entry for entry in value if isinstance(entry, str) and entry)


def nested(item: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    """Return an object inside objects; a missing one is empty."""
    for key in keys:
        value = item.get(key)
        if not isinstance(value, Mapping):
            return {}
        item = value
    return item


def decode_each[T](
    decode: Callable[[object, str], T], items: list[object], path: str
) -> tuple[T, ...]:
    """Decode every item; one that cannot be read is named in the log and left out.

    One broken row must not hide the others from the user.
    """
    decoded = []
    for index, item in enumerate(items):
        try:
            decoded.append(decode(item, f"{path}[{index}]"))
        except ResponseError as err:
            _LOGGER.warning("XProtect sent something unreadable: %s", err)
    return tuple(decoded)
