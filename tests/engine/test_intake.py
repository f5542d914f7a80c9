"""The portions in which events are delivered, and the waits after them."""

import asyncio
from datetime import timedelta
import itertools
from unittest.mock import patch

import pytest

from custom_components.xprotect_events.engine.arrival import Arrival
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.feed import Feed
from custom_components.xprotect_events.engine.intake import (
    EVENTS_AT_ONCE,
    MANY_AT_ONCE,
    PUSH_PATIENCE,
    Intake,
)
from custom_components.xprotect_events.engine.pending_triggers import PendingTriggers
from tests.engine.model_server import START, ModelServer, Quirks

HOUR = timedelta(hours=1)


class Slow:
    """Takes a set time for each portion of events."""

    def __init__(self, server: ModelServer, *, takes: timedelta) -> None:
        self._server = server
        self._takes = takes
        self.waits: list[float] = []
        self.portions: list[int] = []

    def deliver(self, arrivals: tuple[Arrival, ...]) -> None:
        """Count a portion."""
        self.portions.append(len(arrivals))

    async def pace(self, patience: float) -> None:
        """Wait as long as a portion takes, or as allowed."""
        self.waits.append(patience)
        wait = min(self._takes, timedelta(seconds=max(0.0, patience)))
        self._server.clock.time += wait


def missed(count: int, span: timedelta) -> ModelServer:
    """Return a server that has stored so many events in the time until now."""
    server = ModelServer(Quirks())
    for number in range(count):
        server.store(ago=span - number * span / count)
    return server


def intake_of(server: ModelServer, slow: Slow, *, since: timedelta) -> Intake:
    """Return an intake that delivers to a slow listener."""
    feed = Feed(Checkpoint.beginning(START - since - timedelta(seconds=1)))
    return Intake(
        feed,
        server.clock,
        PendingTriggers(),
        slow.deliver,
        stepped=lambda _: None,
        pace=slow.pace,
    )


@pytest.mark.parametrize(
    ("seconds", "largest"), [(0.0, MANY_AT_ONCE), (0.02, EVENTS_AT_ONCE)]
)
async def test_a_catch_up_waits_after_each_portion(
    seconds: float, largest: int
) -> None:
    """Thirty thousand events at once took a gigabyte, and the recorder an hour.

    If a portion takes long, the next one stays small.
    """
    server = missed(1000, HOUR)
    slow = Slow(server, takes=timedelta(seconds=1))
    intake = intake_of(server, slow, since=HOUR)
    intake.poll_begins()
    loop_time = itertools.count(0.0, seconds)
    loop = asyncio.get_running_loop()
    with patch.object(loop, "time", lambda: next(loop_time)):
        await intake.take(server.ledger, since=START - 2 * HOUR)
    assert sum(slow.portions) == 1000
    assert max(slow.portions) == largest
    assert len(slow.waits) == len(slow.portions)
    assert min(slow.waits) > 1


@pytest.mark.parametrize("takes", [timedelta(minutes=1), HOUR])
async def test_a_catch_up_is_twice_as_fast_as_real_time_even_if_listeners_are_slow(
    takes: timedelta,
) -> None:
    """Otherwise a day of events could take a day to deliver, and never end."""
    server = missed(10_000, HOUR)
    slow = Slow(server, takes=takes)
    intake = intake_of(server, slow, since=HOUR)
    intake.poll_begins()
    await intake.take(server.ledger, since=START - 2 * HOUR)
    assert sum(slow.portions) == 10_000
    assert timedelta(minutes=29) < server.clock.time - START < timedelta(minutes=31)


async def test_a_burst_between_two_polls_is_not_delayed() -> None:
    """It may switch lights."""
    server = missed(5000, timedelta(seconds=2))
    slow = Slow(server, takes=HOUR)
    intake = intake_of(server, slow, since=timedelta(seconds=2))
    intake.poll_begins()
    await intake.take(server.ledger, since=START - 2 * HOUR)
    assert server.clock.time - START < timedelta(seconds=2)


async def test_a_large_pushed_message_waits_for_seconds_at_most() -> None:
    """It may be a flood, or live events."""
    server = missed(1000, timedelta(seconds=2))
    slow = Slow(server, takes=timedelta(seconds=1))
    intake = intake_of(server, slow, since=timedelta(seconds=2))
    await intake.take(server.ledger[: EVENTS_AT_ONCE - 1], since=None)
    assert not slow.waits
    await intake.take(server.ledger, since=None)
    assert sum(slow.portions) == 1000
    assert len(slow.waits) > PUSH_PATIENCE
    assert server.clock.time - START <= timedelta(seconds=PUSH_PATIENCE)


async def test_repeats_are_not_waited_for() -> None:
    """Repeats are not fired."""
    server = missed(1000, HOUR)
    slow = Slow(server, takes=HOUR)
    intake = intake_of(server, slow, since=HOUR)
    await intake.take(server.ledger, since=None)
    slow.waits.clear()
    intake.poll_begins()
    await intake.take(server.ledger, since=START - 2 * HOUR)
    assert sum(slow.portions) == 1000
    assert not slow.waits
