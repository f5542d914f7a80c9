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
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import Authentication, Credentials, XProtectClient, parse_address
from .certificates import async_create_tls_context
from .const import CONF_AUTHENTICATION, CONF_CA_CERTIFICATE


async def async_create_client(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> XProtectClient:
    """Build a client that has not connected yet.

    Raises `InvalidAddressError` and `InvalidCertificateError`.
    """
    address = parse_address(data[CONF_URL])
    verify = data[CONF_VERIFY_SSL]
    pem = data.get(CONF_CA_CERTIFICATE)
    tls: ssl.SSLContext | bool = True
    if verify and pem:
        tls = await async_create_tls_context(hass, pem)
    return XProtectClient(
        async_get_clientsession(hass, verify_ssl=verify),
        address,
        Credentials(
            username=data[CONF_USERNAME],
            password=data[CONF_PASSWORD],
            authentication=Authentication(data[CONF_AUTHENTICATION]),
        ),
        tls=tls,
    )
