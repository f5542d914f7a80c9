"""From the data of a config entry to a client."""

from collections.abc import Mapping
from datetime import UTC, datetime
import ssl
from typing import Any

from cryptography import x509
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import Credentials, XProtectClient, parse_address
from .const import CONF_CA_CERTIFICATE


class InvalidCertificateError(Exception):
    """The text is no PEM certificate."""


class ExpiredCertificateError(Exception):
    """The certificate is not valid any more."""


async def async_create_client(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> XProtectClient:
    """Build a client that has not connected yet.

    Raises `InvalidAddressError`, `InvalidCertificateError` and
    `ExpiredCertificateError`.
    """
    address = parse_address(data[CONF_URL])
    verify = data[CONF_VERIFY_SSL]
    pem = data.get(CONF_CA_CERTIFICATE)
    tls: ssl.SSLContext | bool = True
    if verify and pem:
        # Building a context reads files and must not block the event loop.
        tls = await hass.async_add_executor_job(_create_tls_context, pem)
    return XProtectClient(
        async_get_clientsession(hass, verify_ssl=verify),
        address,
        Credentials(username=data[CONF_USERNAME], password=data[CONF_PASSWORD]),
        tls=tls,
    )


def _create_tls_context(pem: str) -> ssl.SSLContext:
    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as err:
        raise InvalidCertificateError from err
    now = datetime.now(UTC)
    if all(certificate.not_valid_after_utc < now for certificate in certificates):
        raise ExpiredCertificateError
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Also the server's own certificate, which no authority signed, may be given.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=pem)
    except ssl.SSLError as err:
        raise InvalidCertificateError from err
    return context
