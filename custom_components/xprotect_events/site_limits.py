"""How much of a site is shown, so that no server can fill Home Assistant's registries.

The largest sites that XProtect is sold for stay below each of these numbers.
"""

from enum import StrEnum

from homeassistant.core import CALLBACK_TYPE, callback

# A site of 2,500 cameras with a microphone, speaker, input and output each and a
# hardware for every two of them has 14,000.
MAX_DEVICES = 20_000
# After the first reading. A new recorder brings some hundreds of cameras; ids that
# change at each reading bring all of them again, and what goes is kept for 30 days.
MAX_NEW_DEVICES = 2000
# Home Assistant's page of a device with more of them does not open within seconds.
MAX_BUTTONS = 1000

HOUR = 3600.0


class Limit(StrEnum):
    """What is limited, by the keys of the repairs."""

    BUTTONS = "too_many_buttons"
    DEVICES = "too_many_devices"
    EVENT_TYPES = "too_many_event_types"
    NEW_DEVICES = "too_many_new_devices"


class LeftOut:
    """Counts what is not shown because there is too much of it."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Limit, 0)
        self._listeners: dict[CALLBACK_TYPE, None] = {}

    @callback
    def note(self, limit: Limit, count: int) -> None:
        """Note how many are left out now, 0 for none."""
        if self.counts[limit] != count:
            self.counts[limit] = count
            for listener in tuple(self._listeners):
                listener()

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener after each change; returns the way to stop that."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener)


class HourlyQuota:
    """Admits so many an hour."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit
        self._since = float("-inf")

    def take(self, wanted: int, now: float) -> int:
        """Return how many of those wanted are admitted; `now` in seconds."""
        if now - self._since >= HOUR:
            self._since = now
            self._left = self._limit
        taken = min(wanted, self._left)
        self._left -= taken
        return taken
