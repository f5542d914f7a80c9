"""From the data of a config entry to a client."""

from collections.abc import Mapping
from datetime import UTC, datetime
import ssl
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import Authentication, Credentials, XProtectClient, parse_address
from .const import CONF_AUTHENTICATION, CONF_CA_CERTIFICATE


class InvalidCertificateError(Exception):
    """The text is no PEM certificate."""


class ExpiredCertificateError(Exception):
    """The certificate is not valid any more."""


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
        # Building a context reads files and must not block the event loop.
        tls = await hass.async_add_executor_job(_create_tls_context, pem)
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


def raise_for_expired_certificate(data: Mapping[str, Any]) -> None:
    """Raise `ExpiredCertificateError` for a certificate that nobody can use any more.

    For forms: an entry whose certificate expires later finds the server unreachable.
    """
    pem = data.get(CONF_CA_CERTIFICATE)
    if not data[CONF_VERIFY_SSL] or not pem:
        return
    now = datetime.now(UTC)
    if all(certificate.not_valid_after_utc < now for certificate in _read(pem)):
        raise ExpiredCertificateError


def _read(pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError as err:
        raise InvalidCertificateError from err


def _create_tls_context(pem: str) -> ssl.SSLContext:
    # Written anew: `ssl` does not take the names that tools put around certificates.
    authorities = b"".join(one.public_bytes(Encoding.DER) for one in _read(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Also the server's own certificate, which no authority signed, may be given.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=authorities)
    except ssl.SSLError as err:
        raise InvalidCertificateError from err
    return context
