"""A change of the mode reaches thousands of entities in portions."""

import asyncio
from functools import partial

from custom_components.xprotect_events.mode import LISTENERS_AT_ONCE, Channels, Mode


async def test_listeners_are_called_in_portions() -> None:
    """A site of 2,500 cameras writes 16,000 states when it becomes available."""
    channels = Channels()
    told: list[int] = []
    for number in range(2 * LISTENERS_AT_ONCE + 10):
        channels.listen(partial(told.append, number))
    channels.set(poll=True)
    assert len(told) == LISTENERS_AT_ONCE
    await asyncio.sleep(0)
    assert len(told) == 2 * LISTENERS_AT_ONCE
    await asyncio.sleep(0)
    assert told == list(range(2 * LISTENERS_AT_ONCE + 10))


async def test_a_listener_that_is_removed_before_its_turn_is_not_called() -> None:
    """The entity may have been removed in between."""
    channels = Channels()
    told: list[int] = []
    stops = [
        channels.listen(partial(told.append, number))
        for number in range(LISTENERS_AT_ONCE + 2)
    ]
    channels.set(push=True)
    stops[LISTENERS_AT_ONCE]()
    await asyncio.sleep(0)
    assert told == [*range(LISTENERS_AT_ONCE), LISTENERS_AT_ONCE + 1]


async def test_the_same_mode_again_calls_no_listener() -> None:
    """An entity that writes the same state at each poll fills the recorder."""
    channels = Channels()
    told: list[Mode] = []
    channels.listen(lambda: told.append(channels.mode))
    for _ in range(2):
        channels.set(poll=True)
    assert told == [Mode.POLL]
