"""Confirms that the server at the address is the site of the config entry."""

import asyncio
from collections.abc import Awaitable, Callable
import logging

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady

from .api import AnotherSiteError, ApiError, Configuration, UnavailableError
from .const import DOMAIN
from .engine.backoff import Backoff
from .engine.inventory import read_site
from .engine.unforeseen import Unforeseen, is_cancelled_by_owner
from .errors import poll_error
from .inventory_store import InventoryStore
from .issues import async_get_issues

_LOGGER = logging.getLogger(__name__)

# Seconds that the set-up waits for the sign-in and the site's GUID. More would delay
# the start of Home Assistant and its automations; with less, the entities of ordinary
# servers would be unavailable for a moment at each start.
SET_UP_TIMEOUT = 1.5
# Seconds that a check after a sign-in may take. All requests wait for it, and a slow
# answer is no sign of another site.
CHECK_TIMEOUT = 10.0


class SiteConfirmation:
    """Reads the GUID of the server's site until it is that of the entry.

    A site whose lists are on disk is loaded even while the server is slow or
    unreachable. Events wait for the confirmation, because they could be of another
    site.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        configuration: Configuration,
        lists: InventoryStore,
        confirmed: Callable[[], Awaitable[None]],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._configuration = configuration
        self._lists = lists
        self._on_confirmed = confirmed
        self._confirmed = asyncio.Event()
        self._has_failed = False
        self._unforeseen = Unforeseen(_LOGGER, "Confirming the site")
        # Seconds, from `Retry-After` in the server's last answer.
        self._retry_after = 0.0

    async def confirm(self) -> None:
        """Note that the server is this site."""
        await self._on_confirmed()
        self._confirmed.set()

    @property
    def is_confirmed(self) -> bool:
        """Whether the server is known to be this site."""
        return self._confirmed.is_set()

    async def wait(self) -> None:
        """Return once the site is confirmed."""
        await self._confirmed.wait()

    async def check(self, configuration: Configuration) -> None:
        """Reload the entry, and raise `AnotherSiteError`, if another site answers.

        Its events must not be delivered, so the new set-up waits for the entry's own
        site. Raises nothing if the site cannot be read.
        """
        if self._entry.state is not ConfigEntryState.LOADED:
            return
        try:
            async with asyncio.timeout(CHECK_TIMEOUT):
                site = await read_site(configuration)
        except ApiError, TimeoutError:
            return
        if site.id == self._entry.unique_id:
            return
        self._hass.config_entries.async_schedule_reload(self._entry.entry_id)
        raise AnotherSiteError("Another site answers at this address")

    async def begin(self) -> None:
        """Ask, wait for `SET_UP_TIMEOUT` at most, and continue in the background.

        Raises `ConfigEntryAuthFailed` when the user is refused, `ConfigEntryNotReady`
        when another site answers, both only within that time.
        """
        # Not cancelled after that time: a second attempt would send the password again.
        attempt = self._entry.async_create_background_task(
            self._hass, self._ask(), f"{DOMAIN} site"
        )
        await asyncio.wait([attempt], timeout=SET_UP_TIMEOUT)
        if not attempt.done() or not attempt.result():
            self._entry.async_create_background_task(
                self._hass, self._go_on(attempt), f"{DOMAIN} site confirmation"
            )

    async def _go_on(self, attempt: Awaitable[bool]) -> None:
        backoff = Backoff()
        try:
            while not await attempt:
                await asyncio.sleep(max(backoff.wait(), self._retry_after))
                attempt = self._ask()
        except ConfigEntryAuthFailed:
            self._entry.async_start_reauth(self._hass)
        except ConfigEntryNotReady:
            # Without lists on disk the next set-up waits for the server's answer, and
            # is repeated until the right site answers.
            await self._lists.remove()
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    async def _ask(self) -> bool:
        """Ask once; return whether the site is confirmed.

        An unexpected error ends only this attempt: without a confirmation no event is
        ever delivered.
        """
        try:
            is_confirmed = await self._ask_for_site()
        except ConfigEntryAuthFailed, ConfigEntryNotReady:
            raise
        except Exception, asyncio.CancelledError:
            if is_cancelled_by_owner():
                raise
            self._unforeseen.note()
            return False
        self._unforeseen.is_over()
        return is_confirmed

    async def _ask_for_site(self) -> bool:
        try:
            site = await read_site(self._configuration)
        except ApiError as err:
            failure = poll_error(err)
            if isinstance(failure, ConfigEntryAuthFailed):
                raise failure from err
            async_get_issues(self._hass, self._entry).judge_connection(err)
            self._note_failure(err)
            return False
        if site.id != self._entry.unique_id:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN, translation_key="another_site"
            )
        if self._has_failed:
            _LOGGER.info("The site has answered; events are delivered from now on")
        await self.confirm()
        return True

    def _note_failure(self, err: ApiError) -> None:
        wanted = err.retry_after if isinstance(err, UnavailableError) else None
        self._retry_after = wanted or 0.0
        if not self._has_failed:
            self._has_failed = True
            _LOGGER.warning(
                "The site has not answered yet: %s. Its entities are unavailable until"
                " it does",
                err,
            )
