"""States that missed events have changed are shown when no more of them arrive."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.xprotect_events.engine.arrival import Origin
from custom_components.xprotect_events.settling import SETTLE, Settling

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def test_it_waits_again_while_states_are_withheld(hass: HomeAssistant) -> None:
    """More missed events have arrived meanwhile."""
    looks: list[None] = []
    states: Any = SimpleNamespace(contradictions=0, withholds=True)
    states.settle = lambda: looks.append(None)
    settling = Settling(hass, states, lambda: None)
    missed: Any = SimpleNamespace(arrived_at=NOON, is_missed=True, origin=Origin.POLL)
    settling.unsettled(missed)
    for number in (1, 2):
        async_fire_time_changed(
            hass, dt_util.utcnow() + number * timedelta(seconds=SETTLE + 1)
        )
        await hass.async_block_till_done()
        assert len(looks) == number
    settling.stop()


async def test_doubts_cause_a_poll_a_minute_at_most(hass: HomeAssistant) -> None:
    """A stream that often changes the order of events would cause one each time."""
    polls: list[None] = []
    states: Any = SimpleNamespace(contradictions=0, withholds=False)
    settling = Settling(hass, states, lambda: polls.append(None))
    for seconds, expected in ((0, 1), (10, 1), (61, 2)):
        states.contradictions += 1
        arrival: Any = SimpleNamespace(
            arrived_at=NOON + timedelta(seconds=seconds),
            is_missed=False,
            origin=Origin.PUSH,
        )
        settling.unsettled(arrival)
        assert len(polls) == expected
