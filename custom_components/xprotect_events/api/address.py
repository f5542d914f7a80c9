"""Addresses: of the server, as typed by a user, and of the pages of hardware."""

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv6Address
import re

from yarl import URL

from .errors import InvalidAddressError

# Names of the gateway and of the identity provider in a path (protocol §1 and §2), and
# what may follow them there, in lower case.
_BELOW = {
    "api": {".well-known", "idp", "rest", "ws"},
    "idp": {".well-known", "connect"},
}
# A scheme without its colon or slashes, or several of them.
_SCHEMES = re.compile(r"(?:(https?)(?::/*|/+))+", re.IGNORECASE)


def parse_address(text: str) -> URL:
    """Return the server's base address without trailing slash or `/api`.

    `https://` is assumed when no scheme is given; a port and a path are kept, except
    for addresses of XProtect itself, such as `/api/rest/v1` or `/IDP`.
    Raises `InvalidAddressError` for anything that cannot be a server's address.
    """
    url = parse_url(text)
    segments = [segment for segment in url.path.split("/") if segment]
    return url.with_path("/" + "/".join(_base(segments)))


def parse_url(text: str) -> URL:
    """Return an address with its whole path; `https://` is assumed.

    Raises `InvalidAddressError`.
    """
    text = text.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        url = URL(text)
        # yarl checks the port only when it is read, and does not check for empty
        # labels (`a..b`), for which the name look-up may raise any error.
        host, port = url.host or "", url.port
        host.encode("idna")
    except ValueError as err:
        raise InvalidAddressError("Not an address") from err
    if url.scheme not in {"http", "https"} or not host or not port:
        raise InvalidAddressError("Not an address of a web server")
    if host in {"http", "https"}:
        raise InvalidAddressError("The scheme is not written correctly")
    if any(character.isspace() for character in text):
        raise InvalidAddressError("An address has no spaces")
    if url.user or url.password or url.query_string or url.fragment:
        raise InvalidAddressError("An address has no user, query or fragment")
    return url.origin().with_path(url.path)


def _base(segments: Sequence[str]) -> Sequence[str]:
    """Return the segments of a path before those of XProtect."""
    lower = [segment.lower() for segment in segments]
    for place, segment in enumerate(lower):
        follows = lower[place + 1 : place + 2]
        if segment in _BELOW and _BELOW[segment].issuperset(follows):
            return segments[:place]
    return segments


def suggest_address(text: str) -> str | None:
    """Return the address that an invalid text probably means, or `None`."""
    suggestion = "".join(text.split())
    if scheme := _SCHEMES.match(suggestion):
        suggestion = f"{scheme[1].lower()}://{suggestion[scheme.end() :]}"
    with suppress(ValueError):
        suggestion = f"[{IPv6Address(suggestion)}]"
    if suggestion == text.strip():
        return None
    try:
        parse_address(suggestion)
    except InvalidAddressError:
        return None
    return suggestion


def well_known_url(address: URL) -> URL:
    """Return the address of the gateway's public document (protocol §2)."""
    return address / "api" / ".well-known" / "uris"


def web_address(address: str | None) -> str | None:
    """Return origin and path of a hardware's page; the rest may contain a password."""
    try:
        url = URL(address or "")
    except ValueError:
        return None
    if url.scheme not in {"http", "https"} or not url.host:
        return None
    return str(url.origin().with_path(url.path))
