"""A change of the mode reaches thousands of entities in portions."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.api import Source
from custom_components.xprotect_events.mode import Channels, Mode
from custom_components.xprotect_events.presence import SOURCES_AT_ONCE, Presence


class Noting:
    """An entity that only notes its number."""

    def __init__(self, notified: list[int], number: int) -> None:
        self._notified = notified
        self._number = number

    def mode_changed(self) -> None:
        """Note the number."""
        self._notified.append(self._number)


@pytest.fixture
def channels() -> Channels:
    """Return the mode of a site that has just been set up."""
    return Channels()


@pytest.fixture
def presence(
    hass: HomeAssistant, loaded: MockConfigEntry, channels: Channels
) -> Presence:
    """Return what follows this mode, and the lists of a site."""
    inventory = loaded.runtime_data.inventory
    following = Presence(hass, inventory, channels, gone=lambda _: None)
    following.follow()
    return following


def _source(number: int) -> Source:
    return Source("metadata", str(number))


async def test_entities_are_notified_in_portions(
    presence: Presence, channels: Channels
) -> None:
    """A site of 2,500 cameras writes 16,000 states when it becomes available."""
    notified: list[int] = []
    for number in range(2 * SOURCES_AT_ONCE + 10):
        presence.add(_source(number), Noting(notified, number))
    channels.set(poll=True)
    assert len(notified) == SOURCES_AT_ONCE
    await asyncio.sleep(0)
    assert len(notified) == 2 * SOURCES_AT_ONCE
    await asyncio.sleep(0)
    assert notified == list(range(2 * SOURCES_AT_ONCE + 10))


async def test_an_entity_that_goes_before_its_turn_is_not_notified(
    presence: Presence, channels: Channels
) -> None:
    """It may have been removed in between."""
    notified: list[int] = []
    entities = [Noting(notified, number) for number in range(SOURCES_AT_ONCE + 2)]
    for number, entity in enumerate(entities):
        presence.add(_source(number), entity)
    channels.set(push=True)
    presence.remove(_source(SOURCES_AT_ONCE), entities[SOURCES_AT_ONCE])
    await asyncio.sleep(0)
    assert notified == [*range(SOURCES_AT_ONCE), SOURCES_AT_ONCE + 1]


async def test_only_the_entities_of_the_server_follow_a_change_from_poll_to_push(
    presence: Presence, channels: Channels
) -> None:
    """Thousands of sensors would write the states that they have."""
    notified: list[int] = []
    channels.set(poll=True)
    presence.add(None, Noting(notified, 0))
    presence.add(_source(1), Noting(notified, 1))
    channels.set(push=True)
    assert channels.mode is Mode.PUSH
    assert notified == [0]
    channels.set(push=False, poll=False)
    assert notified == [0, 0, 1]


async def test_entities_wait_for_the_first_states_of_a_stream(
    presence: Presence, channels: Channels
) -> None:
    """Each would be written twice, at first as unknown."""
    notified: list[int] = []
    presence.add(_source(1), Noting(notified, 1))
    channels.set(push=True, awaits_states=True)
    channels.set(poll=True)
    assert channels.is_pushing
    assert (channels.mode, notified) == (Mode.DOWN, [])
    channels.set(awaits_states=False)
    assert (channels.mode, notified) == (Mode.PUSH, [1])


async def test_the_same_mode_again_calls_no_listener() -> None:
    """An entity that writes the same state at each poll fills the recorder."""
    channels = Channels()
    notified: list[Mode] = []
    channels.listen(lambda: notified.append(channels.mode))
    for _ in range(2):
        channels.set(poll=True)
    assert notified == [Mode.POLL]
