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
# Seconds that a commit is waited for while there is little in the recorder's queue. A
# usual one takes a tenth of a second. But the recorder may migrate its database for an
# hour after an update, and if the database fails, the future is never done.
LONGEST_COMMIT = 5.0
# Items in the recorder's queue, of which an event has two or more. With more, a
# catch-up waits for any commit, because they would take much memory.
MAX_BACKLOG = 1_000


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
            if now - before < MAX_TURN or now - start >= MAX_LOOP_WAIT:
                break
        await self._recorded(until=start + patience)

    def _has_listeners(self) -> bool:
        if self._is_ignored:
            return False
        listeners = self._hass.bus.async_listeners()
        has_automations = EVENT_MISSED in listeners or EVENT_LIVE in listeners
        return has_automations or DATA_INSTANCE in self._hass.data

    async def _recorded(self, *, until: float) -> None:
        """Wait until the recorder has committed, at most until this time of the loop.

        An empty queue is not enough. The recorder keeps what it took from it until the
        next commit, and a commit takes time in the square of the changes of one entity:
        with five seconds of a catch-up in it, 40 seconds and 100 MB.
        """
        recorder = self._hass.data.get(DATA_INSTANCE)
        committed = recorder.async_get_commit_future() if recorder else None
        if recorder is None or committed is None:
            return
        loop = asyncio.get_running_loop()
        while recorder.recording and (left := until - loop.time()) > 0:
            await asyncio.wait({committed}, timeout=min(left, LONGEST_COMMIT))
            if committed.done() or recorder.backlog < MAX_BACKLOG:
                return
