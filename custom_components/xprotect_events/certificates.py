"""Certificates: those that users enter, and the one that a server presents."""

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

# The form of `openssl x509 -fingerprint` and browsers: with or without colons.
_FINGERPRINT = re.compile(
    r"(?:sha-?256 fingerprint\s*[=:])?\s*((?:[0-9a-f]{2}[:\s]*){32})", re.IGNORECASE
)

# What the library raises for a certificate that it cannot read: some of its errors are
# plain exceptions.
_UNREADABLE = (
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

# Seconds; the user waits for the form that shows the certificate.
SHOW_TIMEOUT = 10.0


class InvalidCertificateError(Exception):
    """The text is not a PEM certificate."""


class ExpiredCertificateError(Exception):
    """The certificate is not valid any more."""


async def async_create_tls_context(hass: HomeAssistant, pem: str) -> ssl.SSLContext:
    """Return a context that trusts only these certificates.

    Raises `InvalidCertificateError`.
    """
    # In a thread, because it would block the event loop.
    return await hass.async_add_executor_job(_create_tls_context, pem)


async def async_create_trust(
    hass: HomeAssistant, text: str
) -> ssl.SSLContext | aiohttp.Fingerprint:
    """Return a context for PEM certificates, or a pin for a SHA-256 fingerprint.

    Raises `InvalidCertificateError`.
    """
    digest = read_fingerprint(text)
    if digest is not None:
        return aiohttp.Fingerprint(digest)
    return await async_create_tls_context(hass, text)


def read_fingerprint(text: str) -> bytes | None:
    """Return the SHA-256 fingerprint in a text, `None` if the text is none."""
    found = _FINGERPRINT.fullmatch(text.strip())
    return bytes.fromhex(re.sub(r"[:\s]", "", found[1])) if found else None


async def async_raise_for_expired_certificate(hass: HomeAssistant, pem: str) -> None:
    """Raise `ExpiredCertificateError` if all these certificates have expired.

    Only for forms: if one expires later, the connection fails with another error.
    """
    certificates = await hass.async_add_executor_job(_read, pem)
    now = datetime.now(UTC)
    if all(certificate.not_valid_after_utc < now for certificate in certificates):
        raise ExpiredCertificateError


async def async_describe_shown_certificate(
    hass: HomeAssistant, address: URL
) -> Mapping[str, str]:
    """Describe the certificate that a server presents, without trusting it.

    The connection transports nothing else, because the server is not authenticated.
    Unknown values are a question mark.
    """
    der: bytes | None = None
    # A time-out is an error of the system, too.
    with suppress(OSError):
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
        digest = hashlib.sha256(der).digest()
        # Two lines of equal length in a form, instead of a break within a byte.
        halves = digest[: len(digest) // 2], digest[len(digest) // 2 :]
        described["fingerprint"] = " ".join(one.hex(":").upper() for one in halves)
    with suppress(*_UNREADABLE):
        certificate = x509.load_der_x509_certificate(der)
        described["valid_from"] = certificate.not_valid_before_utc.date().isoformat()
        described["valid_until"] = certificate.not_valid_after_utc.date().isoformat()
        described["subject"] = _name(certificate.subject)
        described["issuer"] = _name(certificate.issuer)
        described["names"] = _names(certificate)
    return described


def _name(name: x509.Name) -> str:
    # RFC 4514 writes commas and other signs with backslashes.
    return sanitize(name.rfc4514_string().replace("\\", ""))


def _names(certificate: x509.Certificate) -> str:
    """Return the host names and addresses in a certificate."""
    try:
        names = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
    except x509.ExtensionNotFound:
        return UNKNOWN
    return sanitize(", ".join(str(name.value) for name in names)) or UNKNOWN


def _read(pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except _UNREADABLE as err:
        raise InvalidCertificateError from err


def _create_tls_context(pem: str) -> ssl.SSLContext:
    # As DER: `ssl` does not accept the texts that tools write between certificates.
    authorities = b"".join(one.public_bytes(Encoding.DER) for one in _read(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The text may contain the server's own certificate instead of an authority.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=authorities)
    except ssl.SSLError as err:
        raise InvalidCertificateError from err
    return context
