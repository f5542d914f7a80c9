"""Translates errors of the client to those of Home Assistant, by one table."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .api import (
    ApiError,
    CertificateError,
    CredentialsRefusedError,
    PermissionDeniedError,
    RecorderSilentError,
    TokenRefusedError,
    UnreachableError,
)
from .const import DOMAIN

# The first matching class counts; the texts are in the translations.
TRANSLATION_KEYS: tuple[tuple[type[ApiError], str], ...] = (
    (CredentialsRefusedError, "authentication_failed"),
    (TokenRefusedError, "token_refused"),
    (PermissionDeniedError, "permission_denied"),
    (CertificateError, "certificate_not_trusted"),
    (UnreachableError, "cannot_connect"),
    (ApiError, "unexpected_response"),
)

# Errors that only actions can raise, because polls do not need a recorder.
ACTION_KEYS: tuple[tuple[type[ApiError], str], ...] = (
    (RecorderSilentError, "recorder_silent"),
    *TRANSLATION_KEYS,
)


def translation_key(err: ApiError) -> str:
    """Return the translation key of an error's text."""
    return next(key for kind, key in ACTION_KEYS if isinstance(err, kind))


def poll_error(
    err: ApiError, *, retry_after: float | None = None
) -> HomeAssistantError:
    """Return the error that a coordinator raises, at set-up and at every poll.

    After `UpdateFailed` Home Assistant retries the set-up, or polls again after
    `retry_after` seconds; by default after the usual interval.
    """
    placeholders = {"error": str(err)}
    if isinstance(err, CredentialsRefusedError):
        return ConfigEntryAuthFailed(
            translation_domain=DOMAIN,
            translation_key=translation_key(err),
            translation_placeholders=placeholders,
        )
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=translation_key(err),
        translation_placeholders=placeholders,
        retry_after=retry_after,
    )


@callback
def async_ask_for_password(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Start the reauthentication flow of an entry whose password was refused.

    Not of one that was unloaded or removed while the request waited: the next set-up
    starts it, and for a removed entry nobody could end it.
    """
    if entry.state is ConfigEntryState.LOADED:
        entry.async_start_reauth(hass)


@contextmanager
def action_errors(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[None]:
    """Raise errors of an action as `HomeAssistantError`, with the server's text.

    A refused password also starts the reauthentication flow.
    """
    try:
        yield
    except ApiError as err:
        if isinstance(err, CredentialsRefusedError):
            async_ask_for_password(hass, entry)
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=translation_key(err),
            translation_placeholders={"error": str(err)},
        ) from err
