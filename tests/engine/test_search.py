"""Searching what a server has stored, page by page."""

from custom_components.xprotect_events.api import Direction
from custom_components.xprotect_events.engine.search import Search, search
from tests.engine.model_server import ModelServer, Quirks


async def test_events_behind_a_page_of_unreadable_rows_are_found() -> None:
    """A newer server may write rows that this version cannot read."""
    server = ModelServer(Quirks())
    events = [server.store()]
    for _ in range(5):
        server.store_unreadable()
    events.append(server.store())
    wanted = Search(direction=Direction.ASCENDING, limit=2)
    found = await search(server.events, wanted)
    assert found.events == tuple(events)
    assert not found.is_truncated
