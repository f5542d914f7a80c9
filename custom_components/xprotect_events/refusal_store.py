"""What stands against another sign-in: a refusal on disk, and failures of late."""

from typing import Any

from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .api import CredentialsRefusedError, Refusal, SignInAttempts
from .const import DOMAIN

VERSION = 1

DATA_ATTEMPTS: HassKey[dict[str, SignInAttempts]] = HassKey(f"{DOMAIN}_attempts")


@singleton(DATA_ATTEMPTS)
@callback
def _attempts_by_entry(hass: HomeAssistant) -> dict[str, SignInAttempts]:
    """Hold what outlives a set-up that fails: the next one makes a new client."""
    return {}


class RefusalStore:
    """Keeps why the user of one config entry was refused; never with what password."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}.refusal"
        )
        self._is_repeated = False
        self.attempts = _attempts_by_entry(hass).setdefault(entry_id, SignInAttempts())

    async def load(self) -> Refusal | None:
        """Return why the user was refused, `None` if nothing is known against it."""
        stored = await self._store.async_load()
        if stored is None:
            return None
        self._is_repeated = stored.get("is_repeated") is not False
        word = stored.get("refusal")
        # What cannot be read was a refusal all the same.
        return Refusal(word) if word in set(Refusal) else Refusal.INVALID

    async def raise_unless_somebody_acted(self) -> None:
        """Raise `ConfigEntryAuthFailed` when a login would repeat a refused one.

        A restart is nobody's word that the user works now. A reload is, once: there
        are automations that reload whatever fails, and they would lock the account.
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

    async def remember(self, err: CredentialsRefusedError) -> None:
        """Keep a refusal, from before anybody hears of it."""
        await self._store.async_save(
            {"refusal": err.refusal.value, "is_repeated": self._is_repeated}
        )

    async def forget(self) -> None:
        """Take the user for one that works."""
        self._is_repeated = False
        self.attempts.forget()
        await self._store.async_remove()
