"""Open alarms are counted, and the newest of them kept."""

from datetime import timedelta
import sys
from types import FrameType

import pytest

from custom_components.xprotect_events.api import (
    Grade,
    Level,
)
from custom_components.xprotect_events.engine import (
    alarm_board,
    alarm_poll,
)
from custom_components.xprotect_events.engine.alarm_board import AlarmBoard
from custom_components.xprotect_events.engine.alarm_settings import (
    AlarmSettings,
    key_of,
)
from tests.engine.model_alarms import (
    HIGH,
    LOW,
    SECOND,
    STATES,
    ModelAlarms,
    Quirks,
    Site,
    grade,
)


async def test_open_alarms_are_counted_by_priority_and_state() -> None:
    """By the names of the server, including unknown ones."""
    site = Site(Quirks(names_grades=False))
    server = site.server
    for priority in (HIGH, HIGH, LOW, Grade("own", "Our own", 7)):
        server.raise_alarm(priority=priority)
    nameless = server.raise_alarm(priority=Grade(None, None, 2))
    server.change(server.raised[0].id, Level.IN_PROGRESS)
    server.stored[nameless.id] = nameless._replace(state=None, priority=None)
    await site.poll.poll()
    board = site.poll.board
    assert board.count() == 5
    assert {one.name: board.count(one) for one in board.priorities} == {
        "High": 2,
        "Low": 1,
        "Our own": 1,
    }
    assert board.count_states(HIGH) == {"New": 1, "In_Progress": 1}
    assert board.count_states() == {"": 1, "New": 3, "In_Progress": 1}
    assert [one.name for one in board.newest] == [f"Alarm {n}" for n in range(1, 6)]


async def test_the_newest_are_kept_whole_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Memory is limited, and dashboards show only a few."""
    monkeypatch.setattr(alarm_board, "MAX_OPEN", 40)
    site = Site(Quirks())
    for _ in range(45):
        site.server.clock.time += SECOND
        site.server.raise_alarm()
    await site.poll.poll()
    board = site.poll.board
    assert (board.count(), board.is_complete) == (40, False)
    assert len(board.newest) == alarm_board.NEWEST
    for alarm in site.server.raised[:10]:
        site.server.change(alarm.id, Level.CLOSED)
    site.server.clock.time += timedelta(minutes=10)
    await site.poll.poll()
    assert (board.count(), board.is_complete) == (35, True)
    assert [one.name for one in board.newest[:2]] == ["Alarm 45", "Alarm 44"]
    monkeypatch.setattr(alarm_poll, "MAX_STORED", 20)
    site.server.clock.time += timedelta(minutes=10)
    await site.poll.poll()
    assert not board.is_complete


def test_the_effort_to_show_them_does_not_grow_with_their_number() -> None:
    """Sensors ask at every poll, also at sites that never close an alarm."""
    assert effort_of(3_000) == effort_of(300)


def effort_of(number: int) -> int:
    """Return the Python calls that count so many open alarms, of which some change."""
    settings = AlarmSettings()
    settings.states, settings.priorities = STATES, (HIGH, LOW)
    board = AlarmBoard(settings)
    server = ModelAlarms(Quirks())
    for index in range(number):
        server.raise_alarm(priority=(HIGH, LOW)[index % 2])
    for alarm in server.raised:
        board.note(alarm)
    for alarm in server.raised[:100]:
        server.change(alarm.id, Level.IN_PROGRESS)
        board.note(server.stored[alarm.id])
    for alarm in server.raised[:50]:
        server.change(alarm.id, Level.CLOSED)
        board.note(server.stored[alarm.id])
    calls = 0

    def count(_frame: FrameType, what: str, _argument: object) -> None:
        nonlocal calls
        calls += what == "call"

    sys.setprofile(count)
    try:
        counts = [board.count(one) for one in (HIGH, LOW)]
        states = [board.count_states(one) for one in (None, HIGH, LOW)]
    finally:
        sys.setprofile(None)
    assert counts == [number // 2 - 25] * 2
    assert states[0] == {"New": number - 100, "In_Progress": 50}
    assert sum(sum(one.values()) for one in states) == 2 * (number - 50)
    return calls


async def test_an_unknown_name_causes_a_reading_of_the_names() -> None:
    """An administrator has added a state, which so far only alarms contain."""
    site = Site(Quirks(bare=True))
    server = site.server
    await site.poll.poll()
    own = Grade("own", "Our own", 7)
    server.raise_alarm(priority=own)
    await site.poll.poll()
    site.poll.settings.priorities = (HIGH,)
    server.clock.time += timedelta(minutes=2)
    await site.poll.poll()
    assert list(site.poll.settings.priorities) == [HIGH, LOW]


def test_states_are_compared_by_id_or_level_or_name() -> None:
    """Without the list only the English names are known."""
    known = AlarmSettings()
    known.states = STATES
    alarm = ModelAlarms(Quirks()).raise_alarm()
    for given_state in (
        Grade("CLOSED", None, None),
        Grade(None, None, 11),
        Grade(None, "Closed", None),
    ):
        assert not known.is_open(alarm._replace(state=given_state))
        assert known.knows(alarm._replace(state=given_state, priority=None))
    bare = AlarmSettings()
    assert not bare.is_open(alarm._replace(state=Grade(None, "Closed", None)))
    assert bare.is_open(alarm._replace(state=Grade("x", None, None)))
    assert bare.is_open(alarm._replace(state=None))
    assert bare.state_of(Level.CLOSED) is None
    assert known.state_of(Level.CLOSED) == grade(Level.CLOSED)
    assert [key_of(one) for one in (Grade("A", "b", 1), Grade(None, "B", None))] == [
        "a",
        "b",
    ]
    assert key_of(Grade(None, "x", 3)) == "3"


def test_a_text_may_be_the_name_of_a_state() -> None:
    """It is not documented whether alarms contain ids or names."""
    alarm = ModelAlarms(Quirks()).raise_alarm()
    closed = Grade("5b6f6b0e-0000-4000-8000-000000000011", "Afsluttet", 11)
    settings = AlarmSettings()
    assert not settings.is_open(alarm._replace(state=Grade("Closed", None, None)))
    settings.states = (grade(Level.NEW), closed)
    named = alarm._replace(state=Grade("afsluttet", None, None), priority=None)
    assert settings.state(named) == closed
    assert settings.knows(named)
    assert not settings.knows(named._replace(state=Grade("Other", None, None)))
    assert not settings.knows(named._replace(state=Grade("x", "Afsluttet", None)))
