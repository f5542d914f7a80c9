"""Stores why no password may be sent now: a refusal on disk, and recent failures."""

from typing import Any

from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .api import CredentialsRefusedError, Refusal, SignInAttempts
from .client_factory import create_attempts
from .const import DOMAIN, UNREADABLE

VERSION = 1

DATA_ATTEMPTS: HassKey[dict[str, SignInAttempts]] = HassKey(f"{DOMAIN}_attempts")


@singleton(DATA_ATTEMPTS)
@callback
def _attempts_by_entry(hass: HomeAssistant) -> dict[str, SignInAttempts]:
    """Return the attempts by entry, which also outlive failed set-ups."""
    return {}


class RefusalStore:
    """Stores why the user of one config entry was refused, without the password."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}.refusal"
        )
        self._is_repeated = False
        self._entry_id = entry_id
        by_entry = _attempts_by_entry(hass)
        if entry_id not in by_entry:
            by_entry[entry_id] = create_attempts(hass)
        self.attempts = by_entry[entry_id]

    async def load(self) -> Refusal | None:
        """Return why the user was refused, `None` if there was no refusal."""
        try:
            stored = await self._store.async_load()
            if stored is None:
                return None
            self._is_repeated = stored.get("is_repeated") is not False
            return Refusal(stored["refusal"])
        except UNREADABLE:
            # An unknown value is still a refusal.
            return Refusal.INVALID

    async def raise_if_refused(self) -> None:
        """Raise `ConfigEntryAuthFailed` after a refusal, so that it is not repeated.

        A restart does not mean that the password works now. A reload by the user does,
        but only once: some automations reload all failed entries, and would lock the
        account.
        """
        refusal = await self.load()
        if refusal is None:
            return
        if self._is_repeated or self._hass.state is not CoreState.running:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN,
                translation_key="authentication_failed",
                translation_placeholders={"error": refusal.value},
            )
        self._is_repeated = True
        self.attempts.shared.clear()

    async def remember(self, err: CredentialsRefusedError) -> None:
        """Store a refusal, before its error is raised; not that of a removed entry."""
        if self._hass.config_entries.async_get_entry(self._entry_id) is None:
            return
        await self._store.async_save(
            {"refusal": err.refusal.value, "is_repeated": self._is_repeated}
        )

    async def forget(self) -> None:
        """Delete the refusal and the failures, because the user works now."""
        self._is_repeated = False
        self.attempts.forget()
        self.attempts.shared.clear()
        await self._store.async_remove()

    async def remove(self) -> None:
        """End a sign-in of a removed entry, and delete its refusal and failures."""
        self.attempts.shared.end()
        _attempts_by_entry(self._hass).pop(self._entry_id, None)
        await self._store.async_remove()
