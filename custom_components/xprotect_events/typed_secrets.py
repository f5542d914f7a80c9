"""Keeps the password and the trusted certificate while a form is shown again."""

from collections.abc import Mapping
from typing import Any, Self

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_VERIFY_SSL
from yarl import URL

from .api import InvalidAddressError, parse_address
from .const import CONF_CA_CERTIFICATE, CONF_CERTIFICATE_FINGERPRINT


class TypedSecrets:
    """Keeps a password and a certificate, each only for the origin it was typed for."""

    def __init__(self) -> None:
        self._password: str | None = None
        self._fingerprint: str | None = None
        # `None` means any origin: reconfiguration may change the server's address.
        self._password_for: URL | None = None
        self._fingerprint_for: URL | None = None

    @classmethod
    def of_entry(cls, data: Mapping[str, Any]) -> Self:
        """Start with the secrets of an entry."""
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
        """Return the input with the kept secrets, `None` without a password."""
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
        """Return the input with a pinned certificate instead of authorities."""
        self._fingerprint, self._fingerprint_for = fingerprint, _origin(data)
        kept = {key: value for key, value in data.items() if key != CONF_CA_CERTIFICATE}
        return {**kept, CONF_CERTIFICATE_FINGERPRINT: fingerprint}

    def forget_password(self) -> None:
        """Drop a refused password, so that the user must type it again."""
        self._password = None


def tidy(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with a normalized address, and without empty values."""
    address = str(parse_address(data[CONF_URL])).rstrip("/")
    return {key: value for key, value in data.items() if value != ""} | {
        CONF_URL: address
    }


def _origin(data: Mapping[str, Any]) -> URL | None:
    try:
        return parse_address(data[CONF_URL]).origin()
    except InvalidAddressError:
        return None
