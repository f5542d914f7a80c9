"""The mode is told to thousands of entities without holding up everything else."""

import asyncio
from functools import partial

from custom_components.xprotect_events.mode import LISTENERS_AT_ONCE, Mode, ModeSwitch


async def test_listeners_are_told_in_portions() -> None:
    """A site of 2,500 cameras writes 16,000 states when it comes back."""
    switch = ModeSwitch()
    told: list[int] = []
    for number in range(2 * LISTENERS_AT_ONCE + 10):
        switch.listen(partial(told.append, number))
    switch.switch(Mode.POLL, is_delivering=True)
    assert len(told) == LISTENERS_AT_ONCE
    await asyncio.sleep(0)
    assert len(told) == 2 * LISTENERS_AT_ONCE
    await asyncio.sleep(0)
    assert told == list(range(2 * LISTENERS_AT_ONCE + 10))


async def test_a_listener_that_goes_before_its_turn_is_not_told() -> None:
    """The entity may have been removed in between."""
    switch = ModeSwitch()
    told: list[int] = []
    stops = [
        switch.listen(partial(told.append, number))
        for number in range(LISTENERS_AT_ONCE + 2)
    ]
    switch.switch(Mode.PUSH, is_delivering=True)
    stops[LISTENERS_AT_ONCE]()
    await asyncio.sleep(0)
    assert told == [*range(LISTENERS_AT_ONCE), LISTENERS_AT_ONCE + 1]


async def test_the_same_mode_again_is_no_news() -> None:
    """An entity that writes the same state at each poll fills the recorder."""
    switch = ModeSwitch()
    told: list[Mode] = []
    switch.listen(lambda: told.append(switch.mode))
    for _ in range(2):
        switch.switch(Mode.POLL, is_delivering=True)
    assert told == [Mode.POLL]
