"""Limits for devices and entities, so that no server can fill the registries.

The largest supported XProtect sites stay below all of them.
"""

from collections.abc import Sequence
from enum import StrEnum

from homeassistant.core import CALLBACK_TYPE, callback

# A site of 2,500 cameras, each with microphone, speaker, input and output, and with
# half as many hardware, has 14,000.
MAX_DEVICES = 20_000
# New devices per hour after the first reading. A new recorder has some hundreds of
# cameras. A server whose ids change at each reading would add all devices again, and
# Home Assistant keeps deleted devices for 30 days.
MAX_NEW_DEVICES = 2000
# With more, Home Assistant's page of the server's device takes too long to open.
MAX_BUTTONS = 1000
# States of a group that are listed in the registry, for each sensor. Groups have fewer
# than twenty; a thousand at each of 200 cameras would be 42 MB.
MAX_OPTIONS = 100
# And their letters: 50,000 sensors would otherwise have a list of 25 KB each.
MAX_OPTIONS_LENGTH = 2_000
# Sensors of (source, group). Large sites have 16,000.
MAX_STATE_SENSORS = 50_000
# Sensors beyond that are counted up to here, as a server may invent more of them.
MAX_COUNTED = 10_000

HOUR = 3600.0


class Limit(StrEnum):
    """The limits; the values are the keys of their repairs."""

    BUTTONS = "too_many_buttons"
    DEVICES = "too_many_devices"
    EVENT_TYPES = "too_many_event_types"
    NEW_DEVICES = "too_many_new_devices"
    STATE_SENSORS = "too_many_state_sensors"
    STATES = "too_many_states"


def is_listable(states: Sequence[str]) -> bool:
    """Whether the states of a group are few and short enough for a list."""
    return len(states) <= MAX_OPTIONS and sum(map(len, states)) <= MAX_OPTIONS_LENGTH


class LeftOut:
    """Counts the objects beyond each limit."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Limit, 0)
        self._listeners: dict[CALLBACK_TYPE, None] = {}

    @callback
    def note(self, limit: Limit, count: int) -> None:
        """Set how many objects are beyond a limit, and call the listeners."""
        if self.counts[limit] != count:
            self.counts[limit] = count
            for listener in tuple(self._listeners):
                listener()

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener after each change; return a function that stops it."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener)


class HourlyQuota:
    """Admits a limited number per hour."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit
        self._since = float("-inf")

    def take(self, wanted: int, now: float) -> int:
        """Return how many of `wanted` are admitted; `now` is in seconds."""
        if now - self._since >= HOUR:
            self._since = now
            self._left = self._limit
        taken = min(wanted, self._left)
        self._left -= taken
        return taken
