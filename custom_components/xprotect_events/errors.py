"""From the client's errors to Home Assistant's, in one table."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
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

# The first class that fits counts; texts are in the translations.
TRANSLATION_KEYS: tuple[tuple[type[ApiError], str], ...] = (
    (CredentialsRefusedError, "authentication_failed"),
    (TokenRefusedError, "token_refused"),
    (PermissionDeniedError, "permission_denied"),
    (CertificateError, "certificate_not_trusted"),
    (UnreachableError, "cannot_connect"),
    (ApiError, "unexpected_response"),
)

# What only actions meet, because nothing that is polled needs a recorder.
ACTION_KEYS: tuple[tuple[type[ApiError], str], ...] = (
    (RecorderSilentError, "recorder_silent"),
    *TRANSLATION_KEYS,
)


def translation_key(err: ApiError) -> str:
    """Return the key of the sentence that explains an error to the user."""
    return next(key for kind, key in ACTION_KEYS if isinstance(err, kind))


def poll_error(
    err: ApiError, *, retry_after: float | None = None
) -> HomeAssistantError:
    """Return what a coordinator raises, at set-up and at every later poll.

    Home Assistant makes a set-up that is tried again of `UpdateFailed`, and polls
    again after `retry_after` seconds, or else at its usual pace.
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


@contextmanager
def action_errors(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[None]:
    """Raise an action's errors as Home Assistant's, with the server's own text.

    A refused password also starts the flow that asks for another one.
    """
    try:
        yield
    except ApiError as err:
        if isinstance(err, CredentialsRefusedError):
            entry.async_start_reauth(hass)
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=translation_key(err),
            translation_placeholders={"error": str(err)},
        ) from err
