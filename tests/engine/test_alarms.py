"""Every alarm is new once, and the open ones are counted, at any server."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast, override

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.xprotect_events.api import (
    AlarmPage,
    AnswerTooLargeError,
    Condition,
    Direction,
    Level,
    RejectedError,
    ServerClock,
)
from custom_components.xprotect_events.engine import (
    alarm_list,
    alarm_poll,
    walk_back,
)
from custom_components.xprotect_events.engine.alarm_list import AlarmList
from custom_components.xprotect_events.engine.alarm_poll import AlarmMemory
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from tests.engine.model_alarms import (
    SECOND,
    SMALL,
    ModelAlarms,
    Quirks,
    Site,
    grade,
    polled,
)
from tests.engine.model_server import At

QUIRKS = st.builds(
    Quirks,
    is_plain=st.booleans(),
    largest_page=st.sampled_from((1000, 3)),
    clamps_to=st.sampled_from((None, None, 1, 3)),
    ignores_time=st.booleans(),
    newest_first=st.booleans(),
    numbers_rows=st.booleans(),
    bare=st.booleans(),
)

PUNCTUAL_STEPS = st.one_of(
    st.tuples(st.just("raise"), st.integers(1, 3 * SMALL)),
    st.tuples(st.sampled_from(("close", "reopen")), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.sampled_from((1, 10, 60, 3600, 86400))),
    st.tuples(st.sampled_from(("lose", "stop")), st.integers(1, 6)),
    st.tuples(st.sampled_from(("poll", "poll", "restart")), st.just(0)),
    st.tuples(st.sampled_from(("save", "crash")), st.just(0)),
)

STEPS = st.one_of(
    st.tuples(st.just("raise late"), st.integers(-3600, 86_400)), PUNCTUAL_STEPS
)

# The first poll may meet the last fault, and all alarms are read at intervals.
ENDING = (("poll", 0), ("wait", 3600), ("poll", 0), ("wait", 3600), ("poll", 0))


@given(quirks=QUIRKS, history=st.lists(STEPS, max_size=30))
# One was stored with a delay of an hour while no client ran, and then another.
@example(
    quirks=Quirks(),
    history=[("poll", 0), ("raise late", 3600), ("stop", 1), ("raise", 1)],
)
# All alarms are read in pages while new ones are raised behind the position.
@example(quirks=Quirks(is_plain=True), history=[("raise", 14), ("lose", 3)])
# One is stored with a delay exactly at the beginning of what every poll reads.
@example(quirks=Quirks(), history=[("raise late", 0), ("poll", 0), ("raise late", 900)])
@settings(deadline=None)
def test_every_alarm_is_delivered_once(
    quirks: Quirks, history: list[tuple[str, int]]
) -> None:
    """Lost alarms are worse than lost events, and a siren must not sound twice."""
    if not quirks.numbers_rows:
        # A reopened alarm looks like one that was stored with a delay.
        history = [step for step in history if step[0] != "reopen"]
    site = Site(quirks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk_back, "MAX_BLIND_PAGES", 1000)
        patch.setattr(alarm_list, "SMALLEST_PAGE", 1)
        for step in history:
            site.apply(step)
            if step[0] == "close" and not quirks.numbers_rows:
                # If it was closed before it was seen, it looks like an old one.
                site.apply(("poll", 0))
        for step in ENDING:
            site.apply(step)
    delivered = Counter(one.alarm.id for one in site.delivered)
    expected = Counter(one.id for one in site.server.raised)
    if not quirks.numbers_rows:
        late = {
            one.id for one in site.server.raised if one.id not in site.server.open_ids
        }
        assert max(delivered.values(), default=1) == 1
        assert expected.keys() - delivered.keys() <= late
    else:
        assert delivered == expected
    assert site.poll.board.open_ids == site.server.open_ids


async def test_alarms_from_before_the_first_start_are_counted_but_not_new() -> None:
    """Automations must not run for last month's alarms."""
    site = Site(Quirks())
    for _ in range(3):
        site.server.raise_alarm()
    site.server.clock.time += SECOND
    site.saved = Checkpoint.beginning(site.server.clock.time)
    site.memory = AlarmMemory(since=site.server.clock.time)
    site.start()
    assert await polled(site) == []
    assert site.poll.board.count() == 3
    # They are not new after the clock was set back, either.
    site.server.clock.time -= 120 * SECOND
    site.server.raise_alarm()
    assert await polled(site) == ["Alarm 4"]


@pytest.mark.parametrize("before", [0, 3, 3 * SMALL])
@pytest.mark.parametrize("hours", [-2, 0, 2])
async def test_without_a_time_of_the_server_reading_begins_after_the_newest_row(
    hours: int, before: int
) -> None:
    """By our own clock, new alarms of a server that is behind would seem old."""
    site = Site(Quirks())
    for _ in range(before):
        site.server.raise_alarm()
        site.server.clock.time += SECOND
    # By our own clock, which is used while the server's is unknown.
    site.server.clock.slow = timedelta(hours=hours)
    now = site.server.clock.now()
    site.saved, site.memory = Checkpoint.beginning(now), AlarmMemory(since=now)
    site.start()
    site.feed.lacks_beginning = True
    assert await polled(site) == []
    for number in range(before + 1, before + 4):
        site.server.clock.time += 40 * SECOND
        site.server.raise_alarm()
        assert await polled(site) == [f"Alarm {number}"]
    site.save()
    site.start()
    assert await polled(site) == []
    assert site.poll.board.count() == before + 3


async def test_without_time_and_order_old_alarms_are_not_new() -> None:
    """Its first page may contain any alarms, perhaps the oldest."""
    site = Site(Quirks(is_plain=True))
    for _ in range(3 * SMALL):
        site.server.raise_alarm()
        site.server.clock.time += SECOND
    now = site.server.clock.now()
    site.saved, site.memory = Checkpoint.beginning(now), AlarmMemory(since=now)
    site.start()
    site.feed.lacks_beginning = True
    assert await polled(site) == []
    assert site.poll.board.count() == 3 * SMALL


@pytest.mark.parametrize(("ago", "is_missed"), [(59, False), (61, True)])
async def test_an_alarm_of_more_than_a_minute_ago_is_missed(
    ago: int,
    is_missed: bool,
) -> None:
    """A light must not switch on for an old alarm."""
    site = Site(Quirks())
    site.server.raise_alarm(ago=ago * SECOND)
    await site.poll.poll()
    assert [one.is_missed for one in site.delivered] == [is_missed]


async def test_at_a_long_interval_a_new_alarm_is_not_missed() -> None:
    """Even a new alarm may be as old as two intervals."""
    site = Site(Quirks(is_plain=True))
    for _ in range(20 * SMALL):
        site.server.raise_alarm()
    await site.poll.poll()
    assert site.poll.is_plain
    assert site.poll.interval == 21 * alarm_poll.PAGE_EVERY
    site.server.clock.time += site.poll.interval
    site.server.raise_alarm(ago=200 * SECOND)
    await site.poll.poll()
    assert not site.delivered[-1].is_missed


async def test_most_polls_of_a_quiet_server_send_two_requests() -> None:
    """Polls without new alarms must be cheap."""
    site = Site(Quirks())
    for _ in range(3):
        site.server.raise_alarm()
    await site.poll.poll()
    requests = []
    for _ in range(6):
        site.server.requests = 0
        site.server.clock.time += alarm_poll.POLL_EVERY
        await site.poll.poll()
        requests.append(site.server.requests)
    assert requests == [1, 1, 2, 1, 1, 2]


async def test_whole_readings_of_many_alarms_are_less_frequent() -> None:
    """The interval grows with the number of pages; new alarms are still found."""
    site = Site(Quirks())
    for _ in range(10 * SMALL):
        site.server.raise_alarm()
    site.server.clock.time += timedelta(hours=1)
    site.server.raise_alarm()
    await site.poll.poll()
    closed = site.server.raised[0].id
    site.server.change(closed, Level.CLOSED)
    site.server.clock.time += timedelta(minutes=20)
    await site.poll.poll()
    site.server.change(closed, Level.NEW)
    for _ in range(10):
        site.server.clock.time += alarm_poll.POLL_EVERY
        site.server.raise_alarm()
        assert len(await polled(site)) == 1
        assert closed not in site.poll.board.open_ids
    site.server.clock.time += timedelta(seconds=40)
    await site.poll.poll()
    assert closed in site.poll.board.open_ids


async def test_a_change_during_a_whole_reading_is_newer_than_its_rows() -> None:
    """A closed alarm must not be open again for half a minute."""
    site = Site(Quirks())
    for _ in range(2 * SMALL):
        site.server.raise_alarm()
    await site.poll.poll()
    alarm = site.server.raised[0]
    site.server.clock.time += timedelta(hours=1)
    site.server.raise_alarm()
    await site.poll.poll()
    site.server.clock.time += timedelta(hours=1)

    def close() -> None:
        closed = alarm._replace(state=grade(Level.CLOSED))
        site.poll.board.note(closed)

    # The page of the new alarms, then the pages of all.
    site.server.on_answer = At(3, close)
    await site.poll.poll()
    assert alarm.id not in site.poll.board.open_ids
    site.server.clock.time += timedelta(minutes=10)
    await site.poll.poll()
    assert alarm.id in site.poll.board.open_ids


async def test_hidden_alarms_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Users cannot find them otherwise."""

    class Hiding(ModelAlarms):
        """Returns the same page for every request."""

        @override
        async def list(
            self,
            *,
            page: int,
            size: int,
            time: Sequence[Condition] = (),
            direction: Direction | None = None,
        ) -> AlarmPage:
            found = await super().list(page=0, size=SMALL)
            return AlarmPage(alarms=found.alarms, count=SMALL, is_last=False)

    site = Site(Quirks(newest_first=True))
    site.server = Hiding(site.server.quirks)
    site.start()
    for _ in range(3 * SMALL):
        site.server.clock.time += SECOND
        site.server.raise_alarm()
    caplog.set_level("WARNING")
    for _ in range(3):
        await site.poll.poll()
        site.server.clock.time += timedelta(minutes=2)
    assert caplog.text.count("cannot be read") == 1
    assert not site.poll.board.is_complete


async def test_no_alarm_is_lost_after_the_clock_was_set_back() -> None:
    """New alarms have times at which there were others before."""
    site = Site(Quirks())
    site.server.raise_alarm()
    await site.poll.poll()
    site.server.clock.time -= timedelta(minutes=10)
    site.server.raise_alarm()
    assert await polled(site) == ["Alarm 2"]
    site.server.clock.time += timedelta(minutes=20)
    assert await polled(site) == []


async def test_a_refusal_of_small_pages_is_not_about_the_size() -> None:
    """Otherwise ever smaller pages would be requested."""

    class Refusing:
        """Alarms that the server refuses to list."""

        async def list(self, **_: object) -> None:
            """Raise the refusal."""
            raise RejectedError("No", status=400)

    alarms = AlarmList(cast("Any", Refusing()), ServerClock())
    for size, error in ((11, AnswerTooLargeError), (10, RejectedError)):
        with pytest.raises(error):
            await alarms.list(size=size)
