"""Adapts the pace of a catch-up to automations and the recorder."""

import asyncio

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE

from .const import CONF_MISSED_EVENTS, EVENT_LIVE, EVENT_MISSED, MISSED_IGNORE

# Seconds. After a longer turn of the event loop the next portion waits. Users notice a
# tenth of a second; with less, ordinary work would delay the catch-up.
MAX_TURN = 0.05
# Seconds that a portion waits for the event loop. The automations of fifty events take
# less, also on a small computer. If the loop is busy for another reason, a longer
# wait would not help, and a catch-up would take half the time of the outage.
MAX_LOOP_WAIT = 2.0
# Items in the recorder's queue, of which an event has two or more. With more, they
# would take much memory; with fewer, the recorder would be idle between two portions.
MAX_BACKLOG = 1_000
# Seconds between two checks of the recorder, which writes thousands of items a second.
RECORDER_PAUSE = 0.05


class Pace:
    """Waits after a portion until automations and the recorder have caught up."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._is_ignored = entry.options.get(CONF_MISSED_EVENTS) == MISSED_IGNORE

    async def __call__(self, patience: float) -> None:
        """Wait until both have caught up, at most `patience` seconds."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        while True:
            before = loop.time()
            await asyncio.sleep(0)
            now = loop.time()
            if now - start >= patience or not self._has_listeners():
                return
            if self._recorder_backlog() >= MAX_BACKLOG:
                await asyncio.sleep(RECORDER_PAUSE)
            elif now - before < MAX_TURN or now - start >= MAX_LOOP_WAIT:
                return

    def _has_listeners(self) -> bool:
        if self._is_ignored:
            return False
        listeners = self._hass.bus.async_listeners()
        has_automations = EVENT_MISSED in listeners or EVENT_LIVE in listeners
        return has_automations or DATA_INSTANCE in self._hass.data

    def _recorder_backlog(self) -> int:
        recorder = self._hass.data.get(DATA_INSTANCE)
        return 0 if recorder is None else recorder.backlog
