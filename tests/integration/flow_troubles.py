"""Problems of a site, each with the error that the form shows for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from unittest.mock import patch

from custom_components.xprotect_events import site_check
from custom_components.xprotect_events.api import transport
from tests.integration.flow_forms import Form
from xprotect_simulator import ManualClock, Simulator

NONSENSE_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----"
# Valid PEM and base64, but not a certificate.
HOLLOW_CERTIFICATE = (
    "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"
)

type Trouble = Callable[[Simulator], AbstractAsyncContextManager[None]]


def fault(*specs: str) -> Trouble:
    """Return a problem that consists of these faults of the server."""

    @asynccontextmanager
    async def trouble(simulator: Simulator) -> AsyncIterator[None]:
        for spec in specs:
            simulator.faults.enable(spec)
        yield
        simulator.faults.clear()

    return trouble


@asynccontextmanager
async def closed_port(simulator: Simulator) -> AsyncIterator[None]:
    """Stop listening at the address."""
    await simulator.stop()
    yield
    await simulator.start()


@asynccontextmanager
async def silence(simulator: Simulator) -> AsyncIterator[None]:
    """Accept requests and never answer: the server's clock stands still."""
    simulator.faults.enable("slow:60")
    with patch.object(transport, "DEFAULT_TIMEOUT", 0.05):
        yield
    simulator.faults.clear()
    assert isinstance(simulator.clock, ManualClock)
    await simulator.clock.advance(60)


@asynccontextmanager
async def endless_lists(simulator: Simulator) -> AsyncIterator[None]:
    """Answer each page of a list in time, without an end."""
    simulator.faults.enable("slow:60:path=/api/rest/*")
    with patch.object(site_check, "FORM_TIMEOUT", 0.05):
        yield
    simulator.faults.clear()
    assert isinstance(simulator.clock, ManualClock)
    await simulator.clock.advance(60)


@asynccontextmanager
async def locked_user(simulator: Simulator) -> AsyncIterator[None]:
    """Lock the user, as after too many wrong passwords."""
    simulator.identity.lock()
    yield
    simulator.identity.unlock()


@asynccontextmanager
async def changed_password(simulator: Simulator) -> AsyncIterator[None]:
    """Require a new password, which the user then chooses."""
    simulator.identity.require_password_change()
    yield
    simulator.identity.set_password("demo")


def forbidden(*resources: str) -> Trouble:
    """Return the problem of a user whose role lacks rights."""

    @asynccontextmanager
    async def trouble(simulator: Simulator) -> AsyncIterator[None]:
        simulator.identity.forbid(*resources)
        yield
        simulator.identity.allow(*resources)

    return trouble


@asynccontextmanager
async def bug(_simulator: Simulator) -> AsyncIterator[None]:
    """Raise an unexpected error."""
    with patch(
        "custom_components.xprotect_events.site_check.read_site",
        side_effect=ZeroDivisionError,
    ):
        yield


TROUBLES: dict[str, tuple[Trouble, str]] = {
    "closed port": (closed_port, "cannot_connect"),
    "connection reset": (fault("reset"), "cannot_connect"),
    "half an answer": (fault("truncated"), "cannot_connect"),
    "identity provider down": (fault("idp_down"), "cannot_connect"),
    "gateway overloaded": (fault("server_error:503"), "cannot_connect"),
    "too many requests": (fault("too_many_requests"), "cannot_connect"),
    "silence": (silence, "timeout_connect"),
    "lists without end": (endless_lists, "timeout_connect"),
    "locked": (locked_user, "account_locked"),
    "must change": (changed_password, "password_must_change"),
    "IIS without a gateway": (fault("gateway_missing"), "no_api_gateway"),
    "another web site": (fault("html"), "no_api_gateway"),
    "redirect to https": (fault("redirect"), "use_https"),
    "redirect to somewhere": (fault("redirect:https://192.0.2.1"), "no_api_gateway"),
    "gateway without identity provider": (
        fault("server_error:404:path=*/connect/token"),
        "no_api_gateway",
    ),
    "2022": (fault("events_api_missing"), "events_unavailable"),
    "2022, which answers 400": (
        fault("server_error:400:path=*/events"),
        "events_unavailable",
    ),
    "event server down": (fault("event_server_down"), "events_unavailable"),
    "no right to events": (forbidden("events"), "insufficient_permissions"),
    "no right to anything": (
        forbidden("sites", "recordingServers"),
        "insufficient_permissions",
    ),
    "token refused": (fault("unauthorized"), "unknown"),
    "garbage": (fault("garbage:path=*/sites"), "unknown"),
    "bug": (bug, "unknown"),
}

INVALID_URL = {"url": "invalid_url"}
INVALID_AUTH = {"base": "invalid_auth"}
INVALID_CERTIFICATE = {"advanced": "invalid_certificate"}

# The mistyped value, and the error of the form at its field.
MISTAKES: dict[str, tuple[Form, dict[str, str]]] = {
    "no host": ({"url": "http://["}, INVALID_URL),
    "another scheme": ({"url": "ftp://vms.example.com"}, INVALID_URL),
    "no such port": ({"url": "http://vms.example.com:99999"}, INVALID_URL),
    "words": ({"url": "the server/in?the cellar"}, INVALID_URL),
    "name with spaces": ({"url": "vms. example.com"}, {"url": "address_suggestion"}),
    "IPv6 without brackets": ({"url": "2001:db8::1"}, {"url": "address_suggestion"}),
    "user in the address": ({"url": "https://demo:demo@vms.example.com"}, INVALID_URL),
    "wrong password": ({"password": "wrong"}, INVALID_AUTH),
    "no such user": ({"username": "nobody"}, INVALID_AUTH),
    "Windows user without domain": (
        {"authentication": "windows"},
        {"username": "invalid_auth"},
    ),
    **{
        f"Windows user written {name}": (
            {"authentication": "windows", "username": name},
            {"username": "invalid_auth"},
        )
        for name in ("\\ann", "CORP\\", "CORP\\\\ann", "ann@", "@corp.example")
    },
    "no certificate": (
        {"advanced": {"ca_certificate": "my certificate"}},
        INVALID_CERTIFICATE,
    ),
    "certificate of nonsense": (
        {"advanced": {"ca_certificate": NONSENSE_CERTIFICATE}},
        INVALID_CERTIFICATE,
    ),
    "hollow certificate": (
        {"advanced": {"ca_certificate": HOLLOW_CERTIFICATE}},
        INVALID_CERTIFICATE,
    ),
}
