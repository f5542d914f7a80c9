"""Lists what single objects have, after the set-up or each reading of the site."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .api import ApiError
from .const import DOMAIN
from .devices import XProtectDevices

_LOGGER = logging.getLogger(__name__)

# Seconds until the next attempt if the server did not answer. The site is read hourly,
# and entities would be missing for so long.
AGAIN_AFTER = 60.0


class BackgroundListing:
    """Runs `work`, a series of requests, in the background and once at a time.

    It waits for `confirmed`: before that, the server could be another site. If `work`
    raises an `ApiError`, it is run again later.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        confirmed: Callable[[], Awaitable[None]],
        work: Callable[[], Awaitable[None]],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._name = name
        self._confirmed = confirmed
        self._work = work
        self._lock = asyncio.Lock()
        self._cancel: CALLBACK_TYPE | None = None
        self._is_stopped = False

    @callback
    def begin(self) -> None:
        """Run the work, unless the entry unloads before."""
        self._entry.async_on_unload(self._stop)
        self._begin()

    @callback
    def follow(self, devices: XProtectDevices) -> None:
        """Run the work now, and after each reading of the site."""

        async def site_read() -> None:
            # In the background, because the reading must not wait.
            self._begin()

        self.begin()
        self._entry.async_on_unload(devices.listen(site_read))

    @callback
    def _begin(self, _: datetime | None = None) -> None:
        if self._is_stopped:
            # A reading that had begun before the unload ends after it.
            return
        self._forget()
        self._entry.async_create_background_task(
            self._hass, self._run(), f"{DOMAIN} {self._name}"
        )

    async def _run(self) -> None:
        await self._confirmed()
        async with self._lock:
            try:
                await self._work()
            except ApiError as err:
                _LOGGER.debug("The %s cannot be listed now: %s", self._name, err)
                self._forget()
                if not self._is_stopped:
                    self._cancel = async_call_later(
                        self._hass, AGAIN_AFTER, self._begin
                    )

    @callback
    def _stop(self) -> None:
        self._is_stopped = True
        self._forget()

    @callback
    def _forget(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
