"""Every stored event is delivered once, whatever fails in between."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from hypothesis import assume, example, given, settings, strategies as st
import pytest

from custom_components.xprotect_events.engine import (
    checkpoint,
    feed,
)
from tests.engine.lossless_site import ENDING, QUIRKS, SMALL, STATE, Site, blind_pages
from tests.engine.model_server import (
    Quirks,
)

pytestmark = pytest.mark.usefixtures("small_limits")

# More requests than a poll needs, even if every event needs several.
MANY_REQUESTS = 5000

PUNCTUAL_STEPS = st.one_of(
    st.tuples(st.just("tell time"), st.integers(0, 999)),
    st.tuples(st.just("store"), st.integers(1, 3 * SMALL)),
    st.tuples(st.just("store unreadable"), st.integers(1, 3 * SMALL)),
    # With 1, an answer has room for four events; with 5, not even for one.
    st.tuples(st.just("store heavy"), st.integers(1, 5)),
    st.tuples(st.just("push"), st.integers(1, SMALL)),
    st.tuples(st.just("wait"), st.sampled_from((1, 5, 20, 40, 3600, 86400))),
    st.tuples(
        st.sampled_from(("lose", "stop", "store meanwhile", "forget meanwhile")),
        st.integers(1, 6),
    ),
    st.tuples(st.sampled_from(("poll", "poll", "forget")), st.just(0)),
    st.tuples(st.sampled_from(("restart", "save", "crash")), st.just(0)),
)

LATE_STEPS = st.one_of(
    # Within the overlap; longer delays are covered by push only.
    st.tuples(st.just("store late"), st.integers(1, 14 * 60)),
    PUNCTUAL_STEPS,
)

STEPS = st.one_of(st.tuples(st.just("store ahead"), st.integers(1, 3600)), LATE_STEPS)

RUNNING_STEPS = st.one_of(
    st.tuples(st.just("tell time"), st.integers(0, 999)),
    st.tuples(st.just("set clock"), st.integers(-86400, 86400)),
    st.tuples(st.just("store"), st.integers(1, 3 * SMALL)),
    st.tuples(st.just("wait"), st.sampled_from((1, 5, 20, 40, 3600, 86400))),
    st.tuples(st.just("lose"), st.integers(1, 4)),
    st.tuples(st.sampled_from(("poll", "poll", "forget")), st.just(0)),
)

AWAY_STEPS = st.one_of(
    st.tuples(st.just("set clock while away"), st.integers(-86400, 86400)),
    st.tuples(st.just("store"), st.integers(1, 3 * SMALL)),
    st.tuples(st.just("wait"), st.sampled_from((1, 5, 20, 40, 3600, 86400))),
    st.tuples(st.sampled_from(("poll", "poll", "restart")), st.just(0)),
)


@given(quirks=QUIRKS, history=st.lists(STEPS, max_size=40))
# An event is stored while pages of one row are compared.
@example(
    quirks=Quirks(pages_newest_first=True, clamps_to=1, limits_window=True),
    history=[("store", 5), ("store meanwhile", 3)],
)
# Home Assistant stops in the middle of a catch-up.
@example(quirks=Quirks(), history=[("wait", 3600), ("store", 15), ("stop", 1)])
# A session is full and has some unreadable rows; a page has only such rows.
@example(
    quirks=Quirks(limits_window=True),
    history=[("store unreadable", 2), ("store", 3), ("poll", 0), ("store", 1)],
)
@example(
    quirks=Quirks(limits_window=True, repeats_rows=True),
    history=[("store unreadable", 1), ("poll", 0), ("store", 5)],
)
@example(
    quirks=Quirks(refuses_session_filter=True),
    history=[("store unreadable", 5), ("store", 1)],
)
@settings(deadline=None)
def test_every_stored_event_is_delivered_once(
    quirks: Quirks, history: list[tuple[str, int]]
) -> None:
    """Lost and repeated events are the worst faults of this product."""
    site = Site(quirks)
    for step in (*history, *ENDING):
        site.apply(step)
    expected = Counter(event.id for event in site.expected)
    assert Counter(site.recipient.ids) == expected


@given(
    quirks=st.builds(
        Quirks,
        ignores_page=st.just(value=True),
        ignores_time=st.booleans(),
        pages_newest_first=st.booleans(),
        clamps_to=st.sampled_from((None, 1, 3)),
        limits_window=st.booleans(),
        begins_empty=st.booleans(),
        refuses_session_filter=st.booleans(),
    ),
    # An event stored behind the returned rows leaves no trace.
    history=st.lists(PUNCTUAL_STEPS, max_size=40),
)
# The pages that were to confirm a new session are lost; the next read of that session
# brings newer events and seems to need no pages.
@example(
    quirks=Quirks(ignores_page=True, clamps_to=1, begins_empty=True),
    history=[("poll", 0), ("store", 3), ("lose", 1), ("lose", 3), ("store", 2)],
)
@example(
    quirks=Quirks(
        ignores_page=True,
        ignores_time=True,
        pages_newest_first=True,
        limits_window=True,
        clamps_to=3,
    ),
    history=[("store meanwhile", 1), ("store", 6), ("lose", 6)],
)
# A session holds only the newest rows, and a single one is stored between two replies.
@example(
    quirks=Quirks(
        ignores_page=True,
        ignores_time=True,
        pages_newest_first=True,
        sessions_newest_first=True,
        limits_window=True,
    ),
    history=[("poll", 0), ("store", 8), ("store meanwhile", 1)],
)
@settings(deadline=None)
def test_hidden_events_are_reported_and_the_rest_arrives_once(
    quirks: Quirks, history: list[tuple[str, int]]
) -> None:
    """Users cannot find them otherwise, and requests must end."""
    site = Site(quirks)
    with blind_pages(10):
        for step in (*history, *ENDING):
            site.server.requests = 0
            site.apply(step)
            assert site.server.requests < MANY_REQUESTS
    delivered = Counter(site.recipient.ids)
    assert max(delivered.values(), default=1) == 1
    for event in site.expected:
        assert delivered[event.id] or any(
            since <= event.time <= until for since, until in site.recipient.unreachable
        )


@given(quirks=QUIRKS, history=st.lists(RUNNING_STEPS, max_size=40))
# Set back by more than the overlap, and right again before the next poll.
@example(
    quirks=Quirks(),
    history=[
        *[("store", 1), ("poll", 0), ("set clock", -901)],
        *[("store", 1), ("set clock", 901)],
    ],
)
# Set back while no poll succeeds for an hour.
@example(
    quirks=Quirks(),
    history=[
        *[("store", 1), ("poll", 0), ("set clock", -901)],
        *[("store", 1), ("wait", 3600)],
    ],
)
@settings(deadline=None)
def test_no_event_is_lost_or_repeated_when_the_servers_clock_is_set(
    quirks: Quirks, history: list[tuple[str, int]]
) -> None:
    """A server that was hours ahead for weeks is corrected one day.

    This holds while the ids of all events since the new time are known.
    """
    site = Site(quirks, runs_since=timedelta(days=100))
    for step in (*history, *ENDING):
        site.apply(step)
    expected = Counter(event.id for event in site.expected)
    assert Counter(site.recipient.ids) == expected


def set_clock_once(history: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Set the clock between polls, once: no answer shows its former time."""
    was_set = False
    for action, number in history:
        if action == "poll":
            was_set = False
        if action == "set clock while away":
            if was_set:
                continue
            was_set = True
        yield action, number


@given(history=st.lists(AWAY_STEPS, max_size=30), remembers=st.booleans())
# Set back by less than the time since the last poll: the position is in the past.
@example(
    history=[
        *[("store", 15), ("wait", 3600), ("poll", 0), ("store", 5)],
        *[("set clock while away", -7200), ("store", 5), ("wait", 86400)],
        *[("restart", 0)],
    ],
    remembers=False,
)
# An event is less than two seconds after the time to which the clock was set back.
@example(
    history=[
        *[("store", 1), ("wait", 3600), ("store", 1), ("poll", 0)],
        ("set clock while away", -3602),
    ],
    remembers=False,
)
@settings(deadline=None)
def test_a_clock_that_is_set_during_an_absence_costs_nothing(
    history: list[tuple[str, int]], *, remembers: bool
) -> None:
    """Only events with a time within the step may be repeated.

    And only if their ids are not among the last ones.
    """
    with patch.object(
        checkpoint, "MAX_RECENT", checkpoint.MAX_RECENT if remembers else 0
    ):
        site = Site(Quirks(), runs_since=timedelta(days=100))
        for step in (*set_clock_once(history), *ENDING):
            site.apply(step)
    arrived = Counter(site.recipient.ids)
    assert arrived.keys() == {event.id for event in site.expected}
    for event in site.expected:
        assert arrived[event.id] == 1 or (
            not remembers
            and any(since <= event.time <= until for since, until in site.may_repeat)
        )


def site_with_a_small_memory(quirks: Quirks, history: list[tuple[str, int]]) -> Site:
    """Return a site after its history, of which only twelve ids are remembered."""
    with patch.object(feed, "MAX_REMEMBERED", 12):
        site = Site(quirks)
        for step in (*history, *ENDING):
            site.apply(step)
    return site


@given(quirks=QUIRKS, history=st.lists(PUNCTUAL_STEPS, max_size=40))
@settings(deadline=None)
def test_nothing_is_repeated_when_more_happens_than_can_be_remembered(
    quirks: Quirks, history: list[tuple[str, int]]
) -> None:
    """A busy site fills the memory within minutes; its lights must not flash twice."""
    site = site_with_a_small_memory(quirks, history)
    assert max(Counter(site.recipient.ids).values(), default=1) == 1


@given(quirks=QUIRKS, history=st.lists(PUNCTUAL_STEPS, max_size=40))
@settings(deadline=None)
def test_a_small_memory_loses_nothing_that_is_stored_in_time(
    quirks: Quirks, history: list[tuple[str, int]]
) -> None:
    """The number of ids only limits the delay with which an event may be stored."""
    site = site_with_a_small_memory(quirks, history)
    expected = Counter(event.id for event in site.expected)
    assert Counter(site.recipient.ids) == expected


@given(quirks=QUIRKS, history=st.lists(LATE_STEPS, max_size=40))
# The server sends its time, in whole seconds, between two events.
@example(
    quirks=Quirks(),
    history=[("store", 1), ("push", 1), ("tell time", 900), ("store", 1), ("push", 1)],
)
@settings(deadline=None)
def test_the_state_is_that_of_the_newest_event(
    quirks: Quirks, history: list[tuple[str, int]]
) -> None:
    """Pushed or polled, in any order: the last to arrive may be older."""
    site = Site(replace(quirks, numbers_rows=False))
    for step in (*history, *ENDING):
        site.apply(step)
    newest = site.recipient.states.newest(STATE)
    # Of events at the same instant, any one.
    assert (newest and newest.order) == max(
        (event.order for event in site.expected), default=None
    )


@given(
    # Fewer than fill a session: after a full one, delayed events arrive within minutes.
    before=st.integers(1, SMALL - 3),
    behind=st.integers(30, 14 * 60),
    pauses=st.lists(st.sampled_from((1, 3, 27, 40)), min_size=1, max_size=2),
)
@settings(deadline=None)
def test_a_source_whose_clock_falls_behind_has_the_state_of_its_next_row(
    before: int, behind: int, pauses: list[int]
) -> None:
    """Otherwise its motion would last until its clock has caught up."""
    # Of events within a second, the times decide.
    assume(abs(behind - pauses[0]) > 1)
    site = Site(Quirks())
    site.apply(("store", before))
    for pause in pauses:
        site.apply(("poll", 0))
        site.apply(("wait", pause))
        last = site.server.store(ago=timedelta(seconds=behind))
        site.apply(("poll", 0))
        assert site.recipient.states.newest(STATE) == last
