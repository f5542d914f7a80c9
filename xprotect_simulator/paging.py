"""Whole numbers in query strings."""

from collections.abc import Mapping

from .errors import bad_request

DEFAULT_SIZE = 100

# The size that the specification is quoted with; more is refused.
MAX_SIZE = 2_000


def whole_number(
    query: Mapping[str, str], name: str, default: int, allowed: range
) -> int:
    """Return a number of the query, or refuse it."""
    text = query.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError as error:
        message = f"Invalid {name}. '{text}' is not a whole number"
        raise bad_request(message) from error
    if value not in allowed:
        message = f"Invalid {name}. It must be {allowed.start} to {allowed.stop - 1}"
        raise bad_request(message)
    return value


def includes_data(query: Mapping[str, str]) -> bool:
    """Tell whether the optional `data` is asked for; anything else is refused."""
    wanted = [word for word in query.get("include", "").split(",") if word]
    for word in wanted:
        if word.lower() != "data":
            text = f"Invalid include. '{word}'"
            raise bad_request(text)
    return bool(wanted)
