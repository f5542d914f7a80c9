"""An entry that gets its events by push."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from xprotect_simulator import (
    EventType,
    ManualClock,
    Simulator,
    StateGroup,
)

DELIVERY = "sensor.simulated_site_delivery"

DOOR = StateGroup(
    id="d0000000-0000-4000-8000-000000000001",
    display_name="Door",
    states=("Open", "Closed", "Forced"),
)

DOOR_OPEN = EventType(
    id="d0000000-0000-4000-8000-000000000002",
    name="DoorOpen",
    display_name="Door Open",
    generator_type="Driver",
    generator_subtype="Device",
    group="Device - Configurable",
    sources=("Camera",),
    state_group=DOOR.id,
    state="Open",
)

type TimeMachine = Callable[[float], Awaitable[None]]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition at the other side of a socket."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0)


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Use the default options: push, with polls as an audit."""
    return {}


@pytest.fixture
async def pushing(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: Simulator
) -> MockConfigEntry:
    """Set the integration up; events are pushed and the first polls are over."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: delivery(hass) == "push")
    # The first set-up of a site requests the states on a separate stream.
    await until(lambda: simulator.sockets.commands["getState"] == 2)
    await until(lambda: reads(simulator) >= 1)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
def pass_time(hass: HomeAssistant, clock: ManualClock) -> TimeMachine:
    """Return a function that lets time pass on both sides."""

    async def let_pass(seconds: float) -> None:
        await clock.advance(seconds)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
        await hass.async_block_till_done()

    return let_pass


def delivery(hass: HomeAssistant) -> str | None:
    """Return the state of the delivery sensor."""
    state = hass.states.get(DELIVERY)
    return state.state if state else None


def reads(simulator: Simulator) -> int:
    """Count the reads of event sessions."""
    return sum(request.path.endswith("/events") for request in simulator.requests)
