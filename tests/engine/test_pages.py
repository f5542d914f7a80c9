"""Pages that are too large for an answer are read in smaller ones."""

from datetime import UTC, datetime

from custom_components.xprotect_events.api import AnswerTooLargeError, EventPage
from custom_components.xprotect_events.engine.pages import Pages
from tests.engine.feed_events import event

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
STORED = [event(f"event {number}", NOON) for number in range(10)]


class Server:
    """Answers with pages, unless they contain a row that is too large."""

    def __init__(self, *, too_large: int, fits_without_data: bool) -> None:
        self._too_large = too_large
        self._fits_without_data = fits_without_data

    async def page(self, *, page: int, size: int, include_data: bool) -> EventPage:
        """Return a page of the stored events."""
        rows = range(page * size, min((page + 1) * size, len(STORED)))
        fits = self._fits_without_data and not include_data
        if self._too_large in rows and not fits:
            raise AnswerTooLargeError("too large")
        found = tuple(STORED[row] for row in rows)
        return EventPage(events=found, count=len(found), is_last=len(found) < size)


async def read_ids(server: Server) -> set[str]:
    """Read all pages, and return the ids of their events."""
    pages = Pages(server.page, size=8)
    seen: set[str] = set()
    is_last = False
    while not is_last:
        found = await pages.next()
        seen |= {one.id for one in found.events}
        is_last = found.is_last
    return seen


async def test_an_event_that_is_too_large_is_read_without_its_data() -> None:
    """A picture in the data must not hide the event."""
    server = Server(too_large=5, fits_without_data=True)
    assert await read_ids(server) == {one.id for one in STORED}


async def test_an_event_that_no_answer_can_contain_hides_no_other() -> None:
    """It would stop the delivery for ever."""
    server = Server(too_large=5, fits_without_data=False)
    assert await read_ids(server) == {one.id for one in STORED} - {"event 5"}
