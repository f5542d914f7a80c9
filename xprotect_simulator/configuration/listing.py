"""Lists of the Configuration API: disabled items, filters and pages."""

from collections.abc import Iterable, Mapping

from ..errors import bad_request
from ..filters import Condition, FilterError, parse
from ..paging import DEFAULT_SIZE, whole_number
from .forms import Record

_MAX_PAGE, _MAX_PAGE_SIZE = 10_000_000, 10_000
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
    query = {
        name.lower() if name.lower() in _FLAGS else name: query[name] for name in query
    }
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
    page = whole_number(query, "page", 0, range(_MAX_PAGE))
    size = whole_number(query, "size", DEFAULT_SIZE, range(1, _MAX_PAGE_SIZE + 1))
    return rows[page * size : (page + 1) * size]
