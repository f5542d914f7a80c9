"""A server with endless rows gets a limited number of requests."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from custom_components.xprotect_events.engine import page_poll, session_poll, walk_back
from tests.engine.lossless_site import SMALL, Site
from tests.engine.model_server import Quirks

MANY = 60


@pytest.fixture(autouse=True)
def small_bounds() -> Iterator[None]:
    """Lower the limits."""
    with (
        patch.object(session_poll, "MAX_SESSION_ROWS", MANY * SMALL),
        patch.object(page_poll, "MAX_PAGES", MANY),
        patch.object(walk_back, "MAX_PAGES", MANY),
    ):
        yield


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(),
        Quirks(refuses_session_filter=True),
        Quirks(refuses_session_filter=True, pages_newest_first=True),
    ],
    ids=["sessions", "pages", "pages backwards"],
)
def test_endless_rows_end_a_poll(quirks: Quirks) -> None:
    """Each answer is full of new events, all of one instant."""
    site = Site(quirks)
    site.run_poll()

    def more() -> None:
        for _ in range(SMALL):
            site.server.store()

    site.server.on_answer = more
    site.server.requests = 0
    site.run_poll()
    assert site.server.requests < 5 * MANY
    site.server.on_answer = lambda: None
    for _ in range(20):
        site.apply(("wait", 20))
        site.run_poll()
    arrived = Counter(site.recipient.ids)
    assert max(arrived.values()) == 1
    for event in site.expected:
        assert arrived[event.id] or any(
            since <= event.time <= until for since, until in site.recipient.unreachable
        )


def test_sessions_that_end_with_each_reply_are_replaced_by_pages() -> None:
    """Each new session would end in the middle of a reading, too; pages do not."""
    site = Site(Quirks(ends_sessions=True))
    for _ in range(3):
        site.apply(("store", 3 * SMALL))
        site.server.requests = 0
        site.run_poll()
        assert site.server.requests < MANY
        assert Counter(site.recipient.ids) == Counter(one.id for one in site.expected)


def test_a_server_that_sends_data_unasked_is_asked_for_fewer_events() -> None:
    """Otherwise the states would not be read, and every poll would fail."""
    site = Site(Quirks(sends_data=True))
    for _ in range(3):
        for _ in range(3 * SMALL):
            # An answer has room for four.
            site.apply(("store heavy", 1))
        asyncio.run(site.poll.poll())
        assert Counter(site.recipient.ids) == Counter(one.id for one in site.expected)
