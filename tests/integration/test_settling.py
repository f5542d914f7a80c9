"""States of missed events are shown when no more of them arrive."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.xprotect_events.api import Source
from custom_components.xprotect_events.engine.arrival import Arrival, Origin
from custom_components.xprotect_events.engine.states import (
    STATES_AT_ONCE,
    StateKey,
    States,
)
from custom_components.xprotect_events.settling import SETTLE, Settling
from tests.engine.known_states import MINUTE, NOON, event, meaning


async def test_it_waits_again_while_states_are_withheld(hass: HomeAssistant) -> None:
    """More missed events have arrived meanwhile."""
    looks: list[None] = []
    states: Any = SimpleNamespace(contradictions=0, withholds=True)
    states.settle = tuple
    states.show_settled = lambda _keys: looks.append(None)
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


async def test_thousands_of_states_are_shown_in_portions(hass: HomeAssistant) -> None:
    """All at once would block the event loop, and a newer one waits for its round."""
    order: list[str] = []
    keys = [(Source("cameras", f"{number}"), "motion") for number in range(500)]

    def changed(key: StateKey, _: str | None) -> None:
        order.append(key[0].id)

    states = States[Any](meaning, changed)
    settling = Settling(hass, states, lambda: None)
    states.unsettled = settling.unsettled

    def miss(number: int, minutes: int) -> None:
        late = event(f"{number}-{minutes}", NOON + minutes * MINUTE, key=keys[number])
        states.fold(Arrival(late, NOON + 5 * MINUTE), "cause")

    for number in range(500):
        miss(number, 0)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=SETTLE + 1))
    await hass.async_block_till_done()
    assert order == []
    miss(7, 1)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2 * SETTLE + 2))
    assert len(order) == STATES_AT_ONCE
    hass.loop.call_soon(order.append, "another task")
    for _ in range(500 // STATES_AT_ONCE):
        await asyncio.sleep(0)
    others = [f"{number}" for number in range(500) if number != 7]
    assert [one for one in order if one != "another task"] == others
    assert 0 < order.index("another task") < len(others)
    settling.stop()


async def test_contradictions_cause_one_poll_a_minute_at_most(
    hass: HomeAssistant,
) -> None:
    """Otherwise a stream that often changes the order of events would cause many."""
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
