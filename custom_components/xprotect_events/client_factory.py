"""Creates a client from the data of a config entry."""

from collections.abc import Mapping
from functools import partial
import ssl
from typing import Any

import aiohttp
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    EVENT_HOMEASSISTANT_CLOSE,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import (
    DATA_RESOLVER,
    async_create_clientsession,
)
from homeassistant.helpers.singleton import singleton
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ssl import get_default_context, get_default_no_verify_context

from .api import (
    Authentication,
    Credentials,
    LoginConnector,
    SignInAttempts,
    XProtectClient,
    parse_address,
)
from .certificates import async_create_tls_context, read_fingerprint
from .const import (
    CONF_AUTHENTICATION,
    CONF_CA_CERTIFICATE,
    CONF_CERTIFICATE_FINGERPRINT,
    DOMAIN,
)
from .windows_support import async_require_windows_support

DATA_SESSIONS: HassKey[dict[bool, aiohttp.ClientSession]] = HassKey(
    f"{DOMAIN}_sessions"
)


@callback
def create_attempts(hass: HomeAssistant) -> SignInAttempts:
    """Return attempts whose sign-ins end at the latest with Home Assistant."""
    start = partial(hass.async_create_background_task, name=f"{DOMAIN} sign-in")
    return SignInAttempts(start=start)


async def async_create_client(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    attempts: SignInAttempts | None = None,
) -> XProtectClient:
    """Return a client, which has not connected yet.

    `attempts` has the earlier sign-ins of the entry. Raises `InvalidAddressError`,
    `InvalidCertificateError` and `WindowsSupportMissingError`.
    """
    authentication = Authentication(data[CONF_AUTHENTICATION])
    if authentication is Authentication.WINDOWS:
        await async_require_windows_support(hass)
    address = parse_address(data[CONF_URL])
    verify = data[CONF_VERIFY_SSL]
    pem = data.get(CONF_CA_CERTIFICATE)
    pin = data.get(CONF_CERTIFICATE_FINGERPRINT) if verify else None
    tls: ssl.SSLContext | bool = True
    if verify and pem:
        tls = await async_create_tls_context(hass, pem)
    session = _session(hass, verify_ssl=verify)

    def login_connector() -> LoginConnector:
        # The same name resolution and certificate checks as in the shared session.
        usual = get_default_context() if verify else get_default_no_verify_context()
        return LoginConnector(resolver=hass.data[DATA_RESOLVER], tls=usual)

    return XProtectClient(
        session,
        address,
        Credentials(
            username=data[CONF_USERNAME],
            password=data[CONF_PASSWORD],
            authentication=authentication,
        ),
        tls=tls,
        fingerprint=read_fingerprint(pin) if pin else None,
        login_connector=login_connector,
        attempts=attempts or create_attempts(hass),
    )


@callback
def _session(hass: HomeAssistant, *, verify_ssl: bool) -> aiohttp.ClientSession:
    """Return a session with Home Assistant's shared connections, but without cookies.

    The cookies of Home Assistant's own session are shared with all integrations.
    """
    sessions = _sessions(hass)
    if verify_ssl not in sessions:
        sessions[verify_ssl] = async_create_clientsession(
            hass,
            verify_ssl=verify_ssl,
            auto_cleanup=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
    return sessions[verify_ssl]


@singleton(DATA_SESSIONS)
@callback
def _sessions(hass: HomeAssistant) -> dict[bool, aiohttp.ClientSession]:
    """Return the sessions by `verify_ssl`, which last until Home Assistant ends."""
    sessions: dict[bool, aiohttp.ClientSession] = {}

    @callback
    def detach(_: Event) -> None:
        for session in sessions.values():
            session.detach()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, detach)
    return sessions
