"""From the data of a config entry to a client."""

from collections.abc import Mapping
import ssl
from typing import Any

from homeassistant.const import (
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import (
    DATA_RESOLVER,
    async_get_clientsession,
)
from homeassistant.util.ssl import get_default_context, get_default_no_verify_context

from .api import (
    Authentication,
    Credentials,
    LoginConnector,
    SignInAttempts,
    XProtectClient,
    parse_address,
)
from .certificates import async_create_tls_context
from .const import CONF_AUTHENTICATION, CONF_CA_CERTIFICATE


async def async_create_client(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    attempts: SignInAttempts | None = None,
) -> XProtectClient:
    """Build a client that has not connected yet.

    `attempts` are those that the user of an entry has made. Raises
    `InvalidAddressError` and `InvalidCertificateError`.
    """
    address = parse_address(data[CONF_URL])
    verify = data[CONF_VERIFY_SSL]
    pem = data.get(CONF_CA_CERTIFICATE)
    tls: ssl.SSLContext | bool = True
    if verify and pem:
        tls = await async_create_tls_context(hass, pem)
    session = async_get_clientsession(hass, verify_ssl=verify)

    def login_connector() -> LoginConnector:
        # Names and certificates mean the same to it as to the shared session.
        usual = get_default_context() if verify else get_default_no_verify_context()
        return LoginConnector(resolver=hass.data[DATA_RESOLVER], tls=usual)

    return XProtectClient(
        session,
        address,
        Credentials(
            username=data[CONF_USERNAME],
            password=data[CONF_PASSWORD],
            authentication=Authentication(data[CONF_AUTHENTICATION]),
        ),
        tls=tls,
        login_connector=login_connector,
        attempts=attempts,
    )
