"""Starts the check of stored event types some time after the set-up."""

import asyncio
from datetime import datetime
import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .api import ApiError
from .const import CONF_EVENT_TYPES, CONF_EXCLUDE_EVENT_TYPES, DOMAIN
from .engine.built_in import MOTION_STARTED
from .engine.unforeseen import Unforeseen, is_cancelled_by_owner
from .runtime import XProtectConfigEntry
from .shut_down import async_at_end

_LOGGER = logging.getLogger(__name__)

# Seconds between the first poll and the check. Entities and states come first; a user
# who has just set up a site still has the page open then.
LOOK_AFTER = 30.0
# Seconds until the check is repeated if the server did not answer.
LOOK_AGAIN_AFTER = 600.0


class StorageWatch:
    """Keeps the event types to check, and searches once for stored ones of a week."""

    def __init__(self, hass: HomeAssistant, entry: XProtectConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._runtime = entry.runtime_data
        self._check = entry.runtime_data.storage
        self._has_begun = False
        self._unforeseen = Unforeseen(_LOGGER, "Looking for stored events")
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def begin(self) -> None:
        """Start the check soon after the first poll; later calls do nothing."""
        if self._has_begun:
            return
        self._has_begun = True
        self._follow_site()
        self._entry.async_on_unload(
            self._runtime.inventory.async_add_listener(self._follow_site)
        )
        async_at_end(self._hass, self._entry, self._stop)
        self._look_after(LOOK_AFTER)

    @callback
    def _follow_site(self) -> None:
        self._check.want(types_that_matter(self._entry))

    @callback
    def _look_after(self, seconds: float) -> None:
        self._cancel = async_call_later(self._hass, seconds, self._look_now)

    @callback
    def _look_now(self, _: datetime) -> None:
        self._cancel = None
        if not self._runtime.channels.is_delivering:
            # A server that fails gets no more requests than those of the polls.
            self._look_after(LOOK_AFTER)
            return
        self._entry.async_create_background_task(
            self._hass, self._look(), f"{DOMAIN} storage"
        )

    async def _look(self) -> None:
        client = self._runtime.client
        user_defined = frozenset(self._runtime.inventory.catalog.offered.own)
        try:
            await self._check.look(client.events, user_defined, now=client.clock.now())
        except ApiError:
            # Polls report problems of the server.
            self._look_after(LOOK_AGAIN_AFTER)
        except Exception, asyncio.CancelledError:
            if is_cancelled_by_owner():
                raise
            self._unforeseen.note()
            self._look_after(LOOK_AGAIN_AFTER)
        else:
            self._unforeseen.is_over()

    @callback
    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None


@callback
def types_that_matter(entry: XProtectConfigEntry) -> frozenset[str]:
    """Return motion, user-defined events and the types selected in the options."""
    inventory = entry.runtime_data.inventory.data
    wanted = {
        event.id for event in inventory.user_defined_events if not event.is_system
    }
    wanted |= set(entry.options.get(CONF_EVENT_TYPES, ()))
    wanted.add(MOTION_STARTED)
    return frozenset(wanted) - set(entry.options.get(CONF_EXCLUDE_EVENT_TYPES, ()))
