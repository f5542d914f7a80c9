"""A catch-up waits for the automations that its events trigger."""

import asyncio
import itertools
from unittest.mock import patch

from homeassistant.core import HomeAssistant, callback
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN, EVENT_MISSED
from custom_components.xprotect_events.pace import MAX_LOOP_WAIT, MAX_TURN, Pace

LONG = 60.0


def entry() -> MockConfigEntry:
    """Return an entry that fires missed events."""
    return MockConfigEntry(domain=DOMAIN)


async def test_the_catch_up_waits_for_a_busy_event_loop(hass: HomeAssistant) -> None:
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


async def test_the_wait_for_a_busy_event_loop_is_limited(
    hass: HomeAssistant,
) -> None:
    """On a busy machine a catch-up took half as long as the outage."""
    hass.bus.async_listen(EVENT_MISSED, callback(lambda _: None))
    times = itertools.count(0.0, 2 * MAX_TURN)
    loop = asyncio.get_running_loop()
    with patch.object(loop, "time", lambda: next(times)):
        await Pace(hass, entry())(LONG)
    assert next(times) < MAX_LOOP_WAIT + 1


async def test_without_listeners_there_is_no_wait(
    hass: HomeAssistant,
) -> None:
    """Then a day of events takes seconds."""
    times = itertools.count(0.0, 2 * MAX_TURN)
    with patch.object(asyncio.get_running_loop(), "time", lambda: next(times)):
        await Pace(hass, entry())(LONG)
    assert next(times) < MAX_LOOP_WAIT / 2
