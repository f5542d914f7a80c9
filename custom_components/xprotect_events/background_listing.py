"""Lists what single objects have, after the set-up or each reading of the site."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .api import ApiError, UnavailableError
from .const import DOMAIN
from .devices import XProtectDevices
from .engine.unforeseen import Unforeseen, is_cancelled_by_owner
from .shut_down import async_at_end

_LOGGER = logging.getLogger(__name__)

# Seconds until the next attempt if the server did not answer. The site is read hourly,
# and entities would be missing for so long.
AGAIN_AFTER = 60.0


class BackgroundListing:
    """Runs `work`, a series of requests, in the background and once at a time.

    It waits for `confirmed`: before that, the server could be another site. `work`
    returns the seconds until it has to run again, `None` if only when the site was
    read. If it raises an error, it runs again later.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        confirmed: Callable[[], Awaitable[None]],
        work: Callable[[], Awaitable[float | None]],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._name = name
        self._confirmed = confirmed
        self._work = work
        self._lock = asyncio.Lock()
        self._unforeseen = Unforeseen(_LOGGER, f"Listing the {name}")
        self._cancel: CALLBACK_TYPE | None = None
        self._is_queued = False
        self._is_stopped = False

    @callback
    def begin(self) -> None:
        """Run the work, until the entry unloads."""
        async_at_end(self._hass, self._entry, self._stop)
        self.run_soon()

    @callback
    def follow(self, devices: XProtectDevices, forget_gone: CALLBACK_TYPE) -> None:
        """Run the work now, and after each reading of the site.

        `forget_gone` is called at once: before the work runs, a device that was removed
        may be back, without its entities.
        """

        async def site_read() -> None:
            forget_gone()
            # In the background, because the reading must not wait.
            self.run_soon()

        self.begin()
        self._entry.async_on_unload(devices.listen(site_read))

    @callback
    def run_soon(self, _: datetime | None = None) -> None:
        """Run the work after the run that has begun, if there is one."""
        # A reading that had begun before the unload ends after it.
        if self._is_stopped or self._is_queued:
            return
        self._is_queued = True
        self._forget()
        self._entry.async_create_background_task(
            self._hass, self._run(), f"{DOMAIN} {self._name}"
        )

    async def _run(self) -> None:
        await self._confirmed()
        async with self._lock:
            self._is_queued = False
            again_after = await self._attempt()
            self._forget()
            if again_after is not None and not self._is_stopped:
                self._cancel = async_call_later(self._hass, again_after, self.run_soon)

    async def _attempt(self) -> float | None:
        """Run the work once; return the seconds until the next time, if it is known."""
        try:
            again_after = await self._work()
        except ApiError as err:
            _LOGGER.debug("The %s cannot be listed now: %s", self._name, err)
            wanted = err.retry_after if isinstance(err, UnavailableError) else None
            return max(AGAIN_AFTER, wanted or 0.0)
        except Exception, asyncio.CancelledError:
            if is_cancelled_by_owner():
                raise
            self._unforeseen.note()
            return AGAIN_AFTER
        self._unforeseen.is_over()
        return again_after

    @callback
    def _stop(self) -> None:
        self._is_stopped = True
        self._forget()

    @callback
    def _forget(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
