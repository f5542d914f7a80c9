"""Reads the page number and size of a request, and applies the faults of pages."""

from dataclasses import dataclass

from aiohttp import web

from ..paging import DEFAULT_SIZE, MAX_SIZE, whole_number
from .faults import Faults

# The highest page number; a client that requests more has a bug.
_MAX_PAGE = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list; `query` has the parameters that the server does not ignore."""

    number: int
    size: int
    query: dict[str, str]

    @property
    def place(self) -> slice:
        """The rows of the page, and one more if there is a next page."""
        return slice(self.number * self.size, (self.number + 1) * self.size + 1)

    def links(self, request: web.Request, *, has_next: bool) -> dict[str, str]:
        """Return the links to the pages before and after this one."""
        links = {}
        if self.number > 0:
            before = request.rel_url.update_query(page=self.number - 1)
            links["prev"] = str(before)
        if has_next:
            links["next"] = str(request.rel_url.update_query(page=self.number + 1))
        return links


def wanted_page(request: web.Request, faults: Faults) -> Page:
    """Return the requested page. Raises ApiError for invalid numbers."""
    query, path = dict(request.query), request.path.lower()
    number = whole_number(query, "page", 0, range(_MAX_PAGE))
    size = whole_number(query, "size", DEFAULT_SIZE, range(1, MAX_SIZE + 1))
    size = clamped(size, path, faults)
    if ignored := faults.strike("pages_ignore", path):
        number = 0 if "page" in ignored.value else number
        query = {k: v for k, v in query.items() if k not in ignored.value}
    return Page(number=number, size=size, query=query)


def clamped(size: int, path: str, faults: Faults) -> int:
    """Return the size of a page or reply, reduced by a fault."""
    clamp = faults.strike("size_clamped", path)
    return size if clamp is None else min(size, int(clamp.number))
