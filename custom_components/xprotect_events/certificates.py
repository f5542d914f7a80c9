"""Certificates: those that people give, and the one that a server shows."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
import hashlib
import re
import ssl

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from homeassistant.core import HomeAssistant
from homeassistant.util.ssl import get_default_no_verify_context
from yarl import URL

from .sanitize import UNKNOWN, sanitize

# What `openssl x509 -fingerprint` and browsers write: digits, with or without colons.
_FINGERPRINT = re.compile(
    r"(?:sha-?256 fingerprint\s*[=:])?\s*((?:[0-9a-f]{2}[:\s]*){32})", re.IGNORECASE
)

# Somebody waits for the form that shows the certificate.
SHOW_TIMEOUT = 10.0


class InvalidCertificateError(Exception):
    """The text is no PEM certificate."""


class ExpiredCertificateError(Exception):
    """The certificate is not valid any more."""


async def async_create_tls_context(hass: HomeAssistant, pem: str) -> ssl.SSLContext:
    """Build a context that trusts these certificates and no others.

    Raises `InvalidCertificateError`.
    """
    # It takes long enough to hold up the event loop.
    return await hass.async_add_executor_job(_create_tls_context, pem)


async def async_create_trust(
    hass: HomeAssistant, text: str
) -> ssl.SSLContext | aiohttp.Fingerprint:
    """Return what trusts these certificates, or the one with this SHA-256 fingerprint.

    Raises `InvalidCertificateError`.
    """
    digest = read_fingerprint(text)
    if digest is not None:
        return aiohttp.Fingerprint(digest)
    return await async_create_tls_context(hass, text)


def read_fingerprint(text: str) -> bytes | None:
    """Read a SHA-256 fingerprint as people copy it; `None` where it is none."""
    found = _FINGERPRINT.fullmatch(text.strip())
    return bytes.fromhex(re.sub(r"[:\s]", "", found[1])) if found else None


async def async_raise_for_expired_certificate(hass: HomeAssistant, pem: str) -> None:
    """Raise `ExpiredCertificateError` for certificates that nobody can use any more.

    For forms: an entry whose certificate expires later finds the server unreachable.
    """
    certificates = await hass.async_add_executor_job(_read, pem)
    now = datetime.now(UTC)
    if all(certificate.not_valid_after_utc < now for certificate in certificates):
        raise ExpiredCertificateError


async def async_describe_shown_certificate(
    hass: HomeAssistant, address: URL
) -> Mapping[str, str]:
    """Describe the certificate that a server shows, whoever that is.

    On a connection of its own that carries nothing else, because nobody has vouched
    for the other end. What cannot be found out is a question mark.
    """
    der: bytes | None = None
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(SHOW_TIMEOUT):
            der = await _shown_by(address)
    return await hass.async_add_executor_job(_describe, der or b"")


async def _shown_by(address: URL) -> bytes | None:
    _, writer = await asyncio.open_connection(
        address.host, address.port, ssl=get_default_no_verify_context()
    )
    try:
        connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return connection.getpeercert(binary_form=True)
    finally:
        writer.transport.abort()


def _describe(der: bytes) -> dict[str, str]:
    described = dict.fromkeys(
        ("subject", "issuer", "names", "fingerprint", "valid_from", "valid_until"),
        UNKNOWN,
    )
    if der:
        described["fingerprint"] = hashlib.sha256(der).digest().hex(":").upper()
    with suppress(ValueError):
        certificate = x509.load_der_x509_certificate(der)
        described["valid_from"] = certificate.not_valid_before_utc.date().isoformat()
        described["valid_until"] = certificate.not_valid_after_utc.date().isoformat()
        described["subject"] = _name(certificate.subject)
        described["issuer"] = _name(certificate.issuer)
        described["names"] = _names(certificate)
    return described


def _name(name: x509.Name) -> str:
    # Backslashes are how commas and the like are written in names.
    return sanitize(name.rfc4514_string().replace("\\", ""))


def _names(certificate: x509.Certificate) -> str:
    """Return the addresses for which a certificate is issued."""
    try:
        names = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
    except x509.ExtensionNotFound, x509.DuplicateExtension:
        return UNKNOWN
    return sanitize(", ".join(str(name.value) for name in names)) or UNKNOWN


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
