"""A catch-up waits for those who take its events."""

import asyncio
import itertools
from unittest.mock import patch

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import DATA_INSTANCE
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events import pace as pace_module
from custom_components.xprotect_events.const import DOMAIN, EVENT_MISSED
from custom_components.xprotect_events.pace import (
    MAX_BACKLOG,
    MAX_LOOP_WAIT,
    MAX_TURN,
    Pace,
)

LONG = 60.0


class Backlog:
    """A recorder that writes some items whenever somebody looks."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.looks = 0

    @property
    def backlog(self) -> int:
        """Return what is left, and write some of it."""
        self.looks += 1
        self.items -= 1000
        return self.items


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the recorder be fast."""
    monkeypatch.setattr(pace_module, "RECORDER_PAUSE", 0.0)


def entry(**options: object) -> MockConfigEntry:
    """Return an entry with options."""
    return MockConfigEntry(domain=DOMAIN, options=options)


def with_recorder(hass: HomeAssistant, recorder: Backlog) -> None:
    """Pretend that a recorder is loaded; a real one would need seconds to be late."""
    hass.data[str(DATA_INSTANCE)] = recorder


async def test_the_recorder_is_waited_for(hass: HomeAssistant) -> None:
    """Its queue is in memory, and it gives up when that is full."""
    recorder = Backlog(MAX_BACKLOG + 10_000)
    with_recorder(hass, recorder)
    await Pace(hass, entry())(LONG)
    assert recorder.items < MAX_BACKLOG


async def test_nobody_is_waited_for_beyond_the_patience(hass: HomeAssistant) -> None:
    """A catch-up has to end."""
    recorder = Backlog(10**12)
    with_recorder(hass, recorder)
    await Pace(hass, entry())(0.01)
    assert recorder.items >= MAX_BACKLOG


async def test_a_busy_loop_is_waited_for(hass: HomeAssistant) -> None:
    """Automations run in it, one after the other."""
    hass.bus.async_listen(EVENT_MISSED, callback(lambda _: None))
    turns = 3
    times = iter(number / 10 for number in range(100))
    loop = asyncio.get_running_loop()
    seen: list[float] = []

    def late_for_some_turns() -> float:
        now = next(times) if len(seen) < 2 * turns else 100.0
        seen.append(now)
        return now

    with patch.object(loop, "time", late_for_some_turns):
        await Pace(hass, entry())(LONG)
    assert len(seen) > 2 * turns


async def test_a_loop_that_is_always_late_is_waited_for_briefly(
    hass: HomeAssistant,
) -> None:
    """On a machine with other work a catch-up took half the time of the outage."""
    hass.bus.async_listen(EVENT_MISSED, callback(lambda _: None))
    times = itertools.count(0.0, 2 * MAX_TURN)
    loop = asyncio.get_running_loop()
    with patch.object(loop, "time", lambda: next(times)):
        await Pace(hass, entry())(LONG)
    assert next(times) < MAX_LOOP_WAIT + 1


@pytest.mark.parametrize(
    ("options", "has_recorder"), [({"missed_events": "ignore"}, True), ({}, False)]
)
async def test_nobody_is_waited_for_where_nobody_takes_anything(
    hass: HomeAssistant, options: dict[str, object], *, has_recorder: bool
) -> None:
    """A day of events then takes seconds."""
    recorder = Backlog(10**12)
    if has_recorder:
        with_recorder(hass, recorder)
    await Pace(hass, entry(**options))(LONG)
    assert recorder.looks == 0
