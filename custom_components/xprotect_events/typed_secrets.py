"""Keeps the password and the trusted certificate while a form is shown again."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_VERIFY_SSL
from yarl import URL

from .api import InvalidAddressError, parse_address
from .const import CONF_CA_CERTIFICATE, CONF_CERTIFICATE_FINGERPRINT


class TypedSecrets:
    """Keeps a password and a certificate, each only for the origin it was typed for."""

    def __init__(self, entry: ConfigEntry | None = None) -> None:
        """Start with the secrets of an entry, also those that others change later."""
        self._entry = entry
        self._is_refused = False
        self._password: str | None = None
        self._fingerprint: str | None = None
        self._password_for: URL | None = None
        self._fingerprint_for: URL | None = None

    @property
    def has_password(self) -> bool:
        """Whether the password may be left empty."""
        is_stored = self._entry is not None and not self._is_refused
        return self._password is not None or is_stored

    def complete(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the input with the kept secrets, `None` without a password."""
        origin = _origin(data)
        if typed := data.get(CONF_PASSWORD):
            self._password, self._password_for = typed, origin
        password = self._kept_password(origin)
        if password is None:
            return None
        completed = {**data, CONF_PASSWORD: password}
        is_verified = data[CONF_VERIFY_SSL] and not data.get(CONF_CA_CERTIFICATE)
        if is_verified and (fingerprint := self._kept_fingerprint(origin)):
            completed[CONF_CERTIFICATE_FINGERPRINT] = fingerprint
        return completed

    def trust(self, data: Mapping[str, Any], fingerprint: str) -> dict[str, Any]:
        """Return the input with a pinned certificate instead of authorities."""
        self._fingerprint, self._fingerprint_for = fingerprint, _origin(data)
        kept = {key: value for key, value in data.items() if key != CONF_CA_CERTIFICATE}
        return {**kept, CONF_CERTIFICATE_FINGERPRINT: fingerprint}

    def forget_password(self) -> None:
        """Drop a refused password, so that the user must type it again."""
        self._password, self._is_refused = None, True

    def _kept_password(self, origin: URL | None) -> str | None:
        if self._password is not None:
            return self._password if self._password_for == origin else None
        if self._entry is None or self._is_refused:
            return None
        # For any origin: the server's address may change.
        password: str = self._entry.data[CONF_PASSWORD]
        return password

    def _kept_fingerprint(self, origin: URL | None) -> str | None:
        if self._fingerprint is not None:
            return self._fingerprint if self._fingerprint_for == origin else None
        data = self._entry.data if self._entry else {}
        same = bool(data) and _origin(data) == origin
        return data.get(CONF_CERTIFICATE_FINGERPRINT) if same else None


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
