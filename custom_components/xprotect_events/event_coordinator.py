"""Polls the stored events: at an interval, on request, and again after failures."""

import asyncio
from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .api import ApiError, CredentialsRefusedError
from .attempts import Attempts
from .const import CONF_POLL_INTERVAL, DEFAULT_POLL_INTERVAL, DOMAIN
from .engine.backoff import Backoff
from .engine.event_poll import EventPoll
from .errors import poll_error
from .poll_attempts import async_poll, next_wait

_LOGGER = logging.getLogger(__name__)

# The interval while events are pushed, and polls only find those that were not.
AUDIT_INTERVAL = timedelta(seconds=30)
# Seconds between requested polls. More would delay events that were not pushed.
POLL_REQUEST_COOLDOWN = 0.5


class XProtectEventCoordinator(DataUpdateCoordinator[None]):
    """Polls stored events, which the poll itself delivers.

    It has no `data`, which would keep only the last event. A coordinator polls only
    while it has a listener, which `EventDelivery` adds.
    """

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        poll: EventPoll[Context],
        attempts: Attempts,
        *,
        finished: CALLBACK_TYPE,
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} events",
            update_interval=_poll_interval(entry),
            # Requested polls start at once, but not more often than this.
            request_refresh_debouncer=Debouncer(
                hass, _LOGGER, cooldown=POLL_REQUEST_COOLDOWN, immediate=True
            ),
        )
        self._poll = poll
        self._attempts = attempts
        attempts.ask_now = self.poll_soon
        self._finished = finished
        self._backoff = Backoff()
        self._lock = asyncio.Lock()
        self._is_wanted_again = False

    @callback
    def poll_soon(self) -> None:
        """Poll at once, or after the current poll, which may have asked too early.

        Do nothing before the start and after the stop, when there are no listeners.
        """
        if not self._listeners:
            return
        if self._lock.locked():
            self._is_wanted_again = True
            return
        self.config_entry.async_create_background_task(
            self.hass, self.async_request_refresh(), f"{DOMAIN} poll"
        )

    @override
    async def _async_update_data(self) -> None:
        try:
            # Scheduled and requested polls may coincide; a session has one reader.
            async with self._lock:
                await async_poll(
                    self._poll.poll, has_failed=not self.last_update_success
                )
        except ApiError as err:
            wait = next_wait(self._backoff, err)
            self._attempts.expect(
                None
                if isinstance(err, CredentialsRefusedError)
                else dt_util.utcnow() + timedelta(seconds=wait)
            )
            raise poll_error(err, retry_after=wait) from err
        self._backoff.reset()
        self._attempts.expect(None)

    @callback
    @override
    def _async_refresh_finished(self) -> None:
        """Call `finished` after each poll; listeners only get the first failure."""
        self._finished()
        is_wanted_again, self._is_wanted_again = self._is_wanted_again, False
        if is_wanted_again:
            self.poll_soon()

    @callback
    def slow_down(self) -> None:
        """Poll at the interval of an audit, because events are pushed."""
        self.update_interval = AUDIT_INTERVAL

    @callback
    def speed_up(self) -> None:
        """Poll at the user's interval."""
        self.update_interval = _poll_interval(self.config_entry)


def _poll_interval(entry: ConfigEntry) -> timedelta:
    return timedelta(
        seconds=entry.options.get(CONF_POLL_INTERVAL, DEFAULT_POLL_INTERVAL)
    )
