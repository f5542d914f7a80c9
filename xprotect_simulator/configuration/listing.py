"""Lists of the Configuration API: disabled items, filters and pages."""

from collections.abc import Iterable, Mapping

from ..errors import bad_request
from ..filters import Condition, FilterError, parse
from .forms import Record

_MAX_PAGE_SIZE = 10_000
_PAGING = ("page", "size")
# Parameters that are not filters; their case does not matter.
_FLAGS = (
    "disabled",
    "includechildren",
    "definitions",
    "nodata",
    "resources",
    "tasks",
    *_PAGING,
)


def listed(
    found: Iterable[Record], query: Mapping[str, str], *, is_strict: bool
) -> list[Record]:
    """Return the records that match a query. Raises ApiError for an invalid one.

    Some builds are strict: they refuse every parameter but `disabled`.
    """
    for name in query:
        if is_strict and name != "disabled":
            text = f"Invalid query parameter: {name}"
            raise bad_request(text)
    if "disabled" not in query:
        found = [one for one in found if one.get("enabled", True)]
    for name, text in query.items():
        if name.lower() not in _FLAGS:
            conditions = _conditions(name, text)
            found = [one for one in found if _fits(one.get(name), conditions)]
    return _page(list(found), query)


def _conditions(name: str, text: str) -> tuple[Condition, ...]:
    try:
        return parse(text)
    except FilterError as error:
        message = f"Invalid filter. {name}: {error}"
        raise bad_request(message) from error


def _fits(value: object, conditions: Iterable[Condition]) -> bool:
    candidate = value if isinstance(value, int) else str(value)
    if isinstance(candidate, bool):
        candidate = str(candidate)
    return all(condition.matches(candidate) for condition in conditions)


def _page(rows: list[Record], query: Mapping[str, str]) -> list[Record]:
    if not any(name in query for name in _PAGING):
        return rows
    try:
        page = int(query.get("page", "0"))
        size = int(query.get("size", "100"))
    except ValueError as error:
        text = "page and size are whole numbers"
        raise bad_request(text) from error
    if page < 0 or not 1 <= size <= _MAX_PAGE_SIZE:
        text = f"page starts at 0, size is 1 to {_MAX_PAGE_SIZE}"
        raise bad_request(text)
    return rows[page * size : (page + 1) * size]
