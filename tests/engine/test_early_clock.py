"""The server's clock is set back by seconds shortly after the first start."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.xprotect_events.engine.catch_up import OUTAGE
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from tests.engine.lossless_site import ENDING, QUIRKS, SECOND, SMALL, Site
from tests.engine.model_server import Quirks

pytestmark = pytest.mark.usefixtures("small_limits")

# After the set-up, in seconds.
STEPS = st.one_of(
    st.tuples(st.just("store"), st.integers(1, 5)),
    st.tuples(st.just("wait"), st.integers(1, 20)),
    st.tuples(st.just("poll"), st.just(0)),
)


def without_outage(history: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Add polls, so that no gap is an outage, whose events are skipped."""
    waited = timedelta()
    for action, number in history:
        if action == "wait" and waited + number * SECOND > OUTAGE / 2:
            yield "poll", 0
            waited = timedelta()
        yield action, number
        if action == "wait":
            waited += number * SECOND


@pytest.mark.parametrize("skips", [False, True], ids=["set up", "skipped"])
@given(
    quirks=QUIRKS,
    before=st.lists(STEPS, max_size=8),
    after=st.lists(STEPS, max_size=8),
    back=st.integers(1, 50),
    afterwards=st.lists(STEPS, max_size=12),
)
@settings(deadline=None)
def test_a_clock_set_back_right_after_the_beginning_loses_and_repeats_nothing(
    *,
    skips: bool,
    quirks: Quirks,
    before: list[tuple[str, int]],
    after: list[tuple[str, int]],
    back: int,
    afterwards: list[tuple[str, int]],
) -> None:
    """New events then have times before the first position."""
    site = Site(quirks)
    for action, number in before:
        if action == "store":
            site.apply((action, number))
            site.server.clock.time += 10 * SECOND
    history = len(site.server.ledger)
    now = site.server.clock.time
    begun = now - timedelta(days=2 if skips else 0)
    site.saved = Checkpoint.beginning(begun)
    site.catch_up_limit = timedelta(0)
    site.server.clock.step = None
    site.start()
    site.apply(("poll", 0))
    for step in without_outage((*after, ("set clock", -back), *afterwards, *ENDING)):
        site.apply(step)
    wanted = {event.id for event in site.server.ledger[history:]}
    arrived = Counter(site.recipient.ids)
    assert max(arrived.values(), default=1) == 1
    assert wanted <= arrived.keys()


def test_a_start_right_after_the_set_up_reads_nothing_of_the_past() -> None:
    """The demo changes the options at once; its site seemed to have missed a day."""
    site = Site(Quirks())
    for _ in range(3):
        site.apply(("store", 1))
        site.server.clock.time += 10 * SECOND
    # The first estimate of the server's time was exact, later ones may be two seconds
    # slow.
    site.saved = Checkpoint.beginning(site.server.clock.time + 2 * SECOND)
    site.catch_up_limit = timedelta(days=1)
    site.start()
    site.apply(("poll", 0))
    assert site.recipient.ids == []


@pytest.mark.parametrize("before", [0, 3, 3 * SMALL])
@pytest.mark.parametrize("hours", [-2, 0, 2])
def test_without_a_time_of_the_server_reading_begins_after_the_newest_row(
    hours: int, before: int
) -> None:
    """By our own clock, new events of a server that is behind would seem old."""
    site = Site(Quirks())
    for _ in range(before):
        site.apply(("store", 1))
    # By our own clock, which is used while the server's is unknown.
    site.server.clock.slow = timedelta(hours=hours)
    site.saved = Checkpoint.beginning(site.server.clock.now())
    site.start()
    site.feed.lacks_beginning = True
    for step in (("poll", 0), ("store", 2), ("wait", 20), ("poll", 0), ("restart", 0)):
        site.apply(step)
    for step in (("store", 2), *ENDING):
        site.apply(step)
    assert site.recipient.ids == [event.id for event in site.server.ledger[before:]]
