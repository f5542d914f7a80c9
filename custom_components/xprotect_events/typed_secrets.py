"""What a form does not bring back: the password, and a certificate that is trusted."""

from collections.abc import Mapping
from typing import Any, Self

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_VERIFY_SSL
from yarl import URL

from .api import InvalidAddressError, parse_address
from .const import CONF_CA_CERTIFICATE, CONF_CERTIFICATE_FINGERPRINT


class TypedSecrets:
    """Keeps both for the origin they were given for, and for no other."""

    def __init__(self) -> None:
        self._password: str | None = None
        self._fingerprint: str | None = None
        # `None` stands for any: whoever changes an entry may move the server.
        self._password_for: URL | None = None
        self._fingerprint_for: URL | None = None

    @classmethod
    def of_entry(cls, data: Mapping[str, Any]) -> Self:
        """Begin with what an entry has stored."""
        secrets = cls()
        secrets._password = data[CONF_PASSWORD]
        secrets._fingerprint = data.get(CONF_CERTIFICATE_FINGERPRINT)
        secrets._fingerprint_for = _origin(data)
        return secrets

    @property
    def has_password(self) -> bool:
        """Whether the password may be left empty."""
        return self._password is not None

    def complete(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Add what is kept to what was typed; nothing is left without a password."""
        origin = _origin(data)
        if password := data.get(CONF_PASSWORD):
            self._password, self._password_for = password, origin
        elif self._password is None or self._password_for not in {None, origin}:
            return None
        completed = {**data, CONF_PASSWORD: self._password}
        is_verified = data[CONF_VERIFY_SSL] and not data.get(CONF_CA_CERTIFICATE)
        if is_verified and self._fingerprint and self._fingerprint_for == origin:
            completed[CONF_CERTIFICATE_FINGERPRINT] = self._fingerprint
        return completed

    def trust(self, data: Mapping[str, Any], fingerprint: str) -> dict[str, Any]:
        """Trust one certificate, instead of any authority, from now on."""
        self._fingerprint, self._fingerprint_for = fingerprint, _origin(data)
        kept = {key: value for key, value in data.items() if key != CONF_CA_CERTIFICATE}
        return {**kept, CONF_CERTIFICATE_FINGERPRINT: fingerprint}

    def forget_password(self) -> None:
        """Want the password again: it was refused, and must not be sent unasked."""
        self._password = None


def tidy(data: Mapping[str, Any]) -> dict[str, Any]:
    """Spell the address one way, and leave out a certificate that was emptied."""
    address = str(parse_address(data[CONF_URL])).rstrip("/")
    return {key: value for key, value in data.items() if value != ""} | {
        CONF_URL: address
    }


def _origin(data: Mapping[str, Any]) -> URL | None:
    try:
        return parse_address(data[CONF_URL]).origin()
    except InvalidAddressError:
        return None
