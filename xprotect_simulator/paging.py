"""Reads numbers and flags of query strings."""

from collections.abc import Mapping
import re

from .errors import bad_request

DEFAULT_SIZE = 100

# Python's `int` would take signs, blanks and digits that servers refuse.
_NUMBER = re.compile(r"-?[0-9]{1,18}")

# The largest page size, according to quotes of the specification.
MAX_SIZE = 2_000


def whole_number(
    query: Mapping[str, str], name: str, default: int, allowed: range
) -> int:
    """Return a number of the query. Raises ApiError if it is not allowed."""
    text = query.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text):
        message = f"Invalid {name}. '{text}' is not a whole number"
        raise bad_request(message)
    value = int(text)
    if value not in allowed:
        message = f"Invalid {name}. It must be {allowed.start} to {allowed.stop - 1}"
        raise bad_request(message)
    return value


def includes_data(query: Mapping[str, str]) -> bool:
    """Return whether `include` is `data`. Raises ApiError for another value."""
    wanted = [word for word in query.get("include", "").split(",") if word]
    for word in wanted:
        if word.lower() != "data":
            text = f"Invalid include. '{word}'"
            raise bad_request(text)
    return bool(wanted)
