"""The log lines about rows that cannot be read."""

from datetime import UTC, datetime, timedelta
import logging

import pytest

from custom_components.xprotect_events.api import Unreadable
from custom_components.xprotect_events.engine.unreadable_log import (
    EVENTS_QUIET,
    LISTS_QUIET,
    UnreadableLog,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REASON = "events.array.time is not a time"


@pytest.fixture(autouse=True)
def warnings(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Capture warnings."""
    caplog.set_level(logging.WARNING)
    return caplog


@pytest.mark.parametrize(
    ("path", "quiet"), [("events", EVENTS_QUIET), ("cameras", LISTS_QUIET)]
)
def test_unreadable_rows_are_logged_once_and_counted_at_the_end(
    warnings: pytest.LogCaptureFixture, path: str, quiet: timedelta
) -> None:
    """A camera whose clock is in 1969 makes such a row with every event."""
    log = UnreadableLog()
    now = START
    for _ in range(500):
        now += MINUTE
        log.note({path: Unreadable(count=2, reason=REASON)}, now)
    log.note({}, now + quiet)
    (line,) = warnings.messages
    assert path in line
    assert REASON in line
    log.note({}, now + quiet + MINUTE)
    log.note({}, now + quiet + MINUTE)
    assert len(warnings.messages) == 2
    assert "1000 unreadable ones" in warnings.messages[1]


def test_the_log_names_the_list(warnings: pytest.LogCaptureFixture) -> None:
    """The reader of the log needs to know the list."""
    log = UnreadableLog()
    broken = Unreadable(count=1, reason=REASON)
    log.note({"cameras": broken, "hardware": broken}, START)
    log.note({"cameras": broken, "hardware": broken}, START + MINUTE)
    assert len(warnings.messages) == 2


def test_a_new_problem_is_logged_again(warnings: pytest.LogCaptureFixture) -> None:
    """The second time it may be another camera."""
    log = UnreadableLog()
    for again in range(2):
        moment = START + again * timedelta(days=1)
        log.note({"events": Unreadable(count=1, reason=REASON)}, moment)
        log.note({}, moment + 2 * EVENTS_QUIET)
    assert len(warnings.messages) == 4
