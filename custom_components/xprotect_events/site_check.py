"""Checks the input of the config flow against the server."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import logging
from typing import Any

from homeassistant.const import CONF_URL, CONF_USERNAME, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from yarl import URL

from .api import (
    ApiError,
    Authentication,
    CertificateChangedError,
    CertificateError,
    CredentialsRefusedError,
    InsecureIdentityProviderError,
    InvalidAddressError,
    NotAGatewayError,
    NotFoundError,
    PermissionDeniedError,
    RedirectedError,
    Refusal,
    RejectedError,
    Site,
    TimedOutError,
    UnavailableError,
    UnreachableError,
    WindowsLoginError,
    XProtectClient,
    parse_address,
    suggest_address,
)
from .certificates import (
    ExpiredCertificateError,
    InvalidCertificateError,
    async_describe_shown_certificate,
    async_raise_for_expired_certificate,
)
from .client_factory import async_create_client
from .const import (
    CONF_AUTHENTICATION,
    CONF_CA_CERTIFICATE,
    CONF_CERTIFICATE_FINGERPRINT,
)
from .engine.inventory import read_inventory, read_site
from .engine.rights import Rights, read_rights
from .first_reading import keep_first
from .sanitize import UNKNOWN, sanitize
from .windows_support import REQUIREMENT, WindowsSupportMissingError, has_domain

_LOGGER = logging.getLogger(__name__)

# Places of errors: the whole form, and the section with the certificate. The frontend
# shows errors of a section, but not those of a field inside it.
BASE = "base"
SECTION_ADVANCED = "advanced"

REFUSALS = {
    Refusal.INVALID: "invalid_auth",
    Refusal.LOCKED: "account_locked",
    Refusal.MUST_CHANGE_PASSWORD: "password_must_change",
}

# A refused Windows user, or a proxy that breaks the login: both answers are the same.
INVALID_WINDOWS_AUTH = "invalid_windows_auth"

# Seconds for the whole check; each request has its own time-out. Large sites need part
# of it for their lists.
FORM_TIMEOUT = 300.0

CERTIFICATE_CHANGED = "certificate_changed"
ONLY_HTTP = "only_http"
PASSWORD_NEEDED = "password_needed"  # noqa: S105 - no password
SSL_ERROR = "ssl_error"
SUGGESTION = "address_suggestion"
USE_HTTPS = "use_https"
TIMED_OUT = "timeout_connect"
UNEXPECTED = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSite:
    """The site that answers, and the user's rights, `None` if they are unknown.

    The client is signed in, so that the lists can be read without another login. `data`
    is the input that was checked: a form may be sent again before the server answers.
    """

    site: Site
    rights: Rights | None
    client: XProtectClient
    data: Mapping[str, Any] = field(repr=False)


class EventsUnavailableError(Exception):
    """The gateway answers, but its event server does not."""


class DomainMissingError(Exception):
    """A Windows user without domain or name, who would be refused."""


# Error classes, with field and translation key. The first matching class counts; others
# are unexpected.
PROBLEMS: tuple[tuple[type[Exception], str, str], ...] = (
    (InvalidAddressError, CONF_URL, "invalid_url"),
    (InvalidCertificateError, SECTION_ADVANCED, "invalid_certificate"),
    (ExpiredCertificateError, SECTION_ADVANCED, "certificate_expired"),
    (DomainMissingError, CONF_USERNAME, "invalid_auth"),
    (EventsUnavailableError, BASE, "events_unavailable"),
    (TimedOutError, BASE, TIMED_OUT),
    (UnreachableError, BASE, "cannot_connect"),
    (UnavailableError, BASE, "cannot_connect"),
    (NotAGatewayError, BASE, "no_api_gateway"),
    (WindowsSupportMissingError, BASE, "windows_support_missing"),
    (WindowsLoginError, BASE, "windows_login_unavailable"),
    (InsecureIdentityProviderError, BASE, "insecure_identity_provider"),
    (PermissionDeniedError, BASE, "insufficient_permissions"),
)
EXPECTED: tuple[type[Exception], ...] = (ApiError, *(kind for kind, _, _ in PROBLEMS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error of the form, with its field and placeholders."""

    key: str
    at: str = BASE
    placeholders: Mapping[str, str] = field(default_factory=dict)
    # Whether trusting the server's certificate would solve it.
    can_be_trusted: bool = False
    # Whether the user was refused; then the password must be typed again.
    is_refusal: bool = False


async def async_check_site(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> FoundSite | Problem:
    """Return the site that answers, or the problem that prevents its use."""
    return await _async_try(hass, data, _async_read_site(hass, data))


async def async_read_lists(
    hass: HomeAssistant, found: FoundSite, progress: Callable[[float], None]
) -> Problem | None:
    """Read the lists for the set-up, or return the problem that prevents it."""
    reading = read_inventory(found.client.configuration, progress)
    inventory = await _async_try(hass, found.data, reading)
    if isinstance(inventory, Problem):
        return inventory
    keep_first(hass, inventory)
    return None


async def _async_try[T](
    hass: HomeAssistant, data: Mapping[str, Any], work: Awaitable[T]
) -> T | Problem:
    """Return the result of some requests, or the problem that ended them."""
    try:
        async with asyncio.timeout(FORM_TIMEOUT):
            return await work
    except TimeoutError:
        return Problem(key=TIMED_OUT)
    except EXPECTED as err:
        return await _async_problem(hass, data, err)
    except Exception:
        _LOGGER.exception("Unexpected error while checking the site")
        return Problem(key=UNEXPECTED)


async def _async_problem(
    hass: HomeAssistant, data: Mapping[str, Any], err: Exception
) -> Problem:
    """Return the problem for an error, with advice if possible."""
    problem: Problem | None = None
    match err:
        case CredentialsRefusedError():
            problem = refused(err.refusal, data)
        case CertificateError():
            problem = await _async_certificate_problem(hass, data, err)
        case RedirectedError():
            problem = _redirect_problem(data, err)
        case InvalidAddressError():
            problem = _suggestion(data)
        case UnreachableError() if not isinstance(err, TimedOutError):
            problem = await _async_without_encryption(hass, data)
    return problem or _problem(err)


async def _async_certificate_problem(
    hass: HomeAssistant, data: Mapping[str, Any], err: CertificateError
) -> Problem:
    address = parse_address(data[CONF_URL])
    shown = await async_describe_shown_certificate(hass, address)
    is_changed = isinstance(err, CertificateChangedError)
    facts = {
        **shown,
        "host": address.host or "",
        "reason": sanitize(err.server_text or UNKNOWN),
    }
    # The pinned certificate is trusted, so the error is about another host.
    is_elsewhere = not is_changed and bool(data.get(CONF_CERTIFICATE_FINGERPRINT))
    return Problem(
        key=CERTIFICATE_CHANGED if is_changed else SSL_ERROR,
        placeholders=facts,
        can_be_trusted=not is_elsewhere and shown["fingerprint"] != UNKNOWN,
    )


def _suggestion(data: Mapping[str, Any]) -> Problem | None:
    """Return a suggestion for an invalid address."""
    address = suggest_address(data[CONF_URL])
    if address is None:
        return None
    return Problem(key=SUGGESTION, at=CONF_URL, placeholders={"address": address})


def _redirect_problem(data: Mapping[str, Any], err: RedirectedError) -> Problem | None:
    """Return the address to enter if `http` is redirected to `https`."""
    address = parse_address(data[CONF_URL])
    try:
        target = URL(err.location)
        is_secured = target.scheme == "https" and target.host == address.host
    except ValueError:
        target, is_secured = address, False
    if address.scheme != "http" or not is_secured:
        return None
    suggestion = str(target.origin().with_path(address.path)).rstrip("/")
    return Problem(key=USE_HTTPS, placeholders={"address": suggestion})


async def _async_without_encryption(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> Problem | None:
    """Return the address to enter if only `http` works and no scheme was typed."""
    if "://" in data[CONF_URL]:
        return None
    address = parse_address(f"http://{data[CONF_URL].strip()}")
    client = await async_create_client(hass, {**data, CONF_URL: str(address)})
    try:
        await client.configuration.gateway()
    except ApiError:
        return None
    return Problem(
        key=ONLY_HTTP,
        placeholders={"address": str(address).rstrip("/")},
    )


def refused(refusal: Refusal, data: Mapping[str, Any]) -> Problem:
    """Return the problem for a refusal of the user in the data."""
    is_windows = data[CONF_AUTHENTICATION] == Authentication.WINDOWS
    if is_windows and refusal is Refusal.INVALID:
        return Problem(key=INVALID_WINDOWS_AUTH, is_refusal=True)
    return Problem(key=REFUSALS[refusal], is_refusal=True)


async def _async_read_site(hass: HomeAssistant, data: Mapping[str, Any]) -> FoundSite:
    is_windows = data[CONF_AUTHENTICATION] == Authentication.WINDOWS
    if is_windows and not has_domain(data[CONF_USERNAME]):
        raise DomainMissingError
    client = await async_create_client(hass, data)
    if data[CONF_VERIFY_SSL] and data.get(CONF_CA_CERTIFICATE):
        await async_raise_for_expired_certificate(hass, data[CONF_CA_CERTIFICATE])
    return await _async_read_everything(client, data)


async def _async_read_everything(
    client: XProtectClient, data: Mapping[str, Any]
) -> FoundSite:
    """Read everything that the integration requires."""
    await client.configuration.gateway()
    site = await read_site(client.configuration)
    try:
        await client.events.list(size=1)
    except (NotFoundError, RejectedError, UnavailableError) as err:
        # Gateways answer to some resources that they do not know with 400.
        raise EventsUnavailableError from err
    rights = await read_rights(client.configuration)
    return FoundSite(site=site, rights=rights, client=client, data=data)


def _problem(err: Exception) -> Problem:
    for kind, at, key in PROBLEMS:
        if isinstance(err, kind):
            facts = (
                {"package": REQUIREMENT} if kind is WindowsSupportMissingError else {}
            )
            return Problem(key=key, at=at, placeholders=facts)
    _LOGGER.error("Unexpected answer while checking the site: %s", err)
    return Problem(key=UNEXPECTED)
