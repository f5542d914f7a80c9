"""Polls the alarms: when, how often, and what happens after a failure."""

import asyncio
from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .api import (
    REFUSED_REQUESTS,
    ApiError,
)
from .const import DOMAIN
from .engine.alarm_poll import POLL_EVERY, AlarmPoll
from .engine.backoff import Backoff
from .errors import poll_error
from .poll_attempts import async_poll, next_wait

_LOGGER = logging.getLogger(__name__)

# Seconds between polls after refusals, which end only when an administrator adds a
# right or a licence.
REFUSED_FOR = 300.0
# Refusals in a row after which they count as such. Some come from a gateway that is
# being restarted, for half a minute; after five minutes all alarms would be missed.
REFUSALS_IN_A_ROW = 5
# Seconds. The longest wait after other failures. Polls of events find the end of an
# outage sooner, and with less, both would burden a failing server.
CAP = 60.0


class XProtectAlarmCoordinator(DataUpdateCoordinator[None]):
    """Polls while it has a listener, which `AlarmDelivery` adds."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        poll: AlarmPoll,
        *,
        finished: CALLBACK_TYPE,
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} alarms",
            update_interval=POLL_EVERY,
        )
        self._poll = poll
        self._finished = finished
        self._backoff = Backoff(cap=CAP)
        self._refusals = 0
        self._lock = asyncio.Lock()

    @override
    async def _async_update_data(self) -> None:
        try:
            # Scheduled and requested polls may coincide.
            async with self._lock:
                await async_poll(
                    self._poll.poll,
                    has_failed=not self.last_update_success,
                    refusals=REFUSED_REQUESTS,
                )
        except ApiError as err:
            raise poll_error(err, retry_after=self._wait(err)) from err
        self._backoff.reset()
        self._refusals = 0
        self.update_interval = max(self._poll.interval, timedelta(seconds=1))

    def _wait(self, err: ApiError) -> float:
        self._refusals += isinstance(err, REFUSED_REQUESTS)
        if self._refusals > REFUSALS_IN_A_ROW and isinstance(err, REFUSED_REQUESTS):
            return REFUSED_FOR
        return next_wait(self._backoff, err)

    @callback
    @override
    def _async_refresh_finished(self) -> None:
        """Call `finished` after each poll; listeners only get the first failure."""
        self._finished()
