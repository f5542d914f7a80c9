"""Turns what a user types into the address of an XProtect server."""

from contextlib import suppress
from ipaddress import IPv6Address

from yarl import URL

from .errors import InvalidAddressError


def parse_address(text: str) -> URL:
    """Return the server's base address without trailing slash or `/api`.

    `https://` is assumed when no scheme is given; a port and a path are kept.
    Raises `InvalidAddressError` for anything that cannot be a server's address.
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
    if any(character.isspace() for character in text):
        raise InvalidAddressError("An address has no spaces")
    if url.user or url.password or url.query_string or url.fragment:
        raise InvalidAddressError("An address has no user, query or fragment")
    segments = [segment for segment in url.path.split("/") if segment]
    if segments and segments[-1].lower() == "api":
        segments.pop()
    return url.origin().with_path("/" + "/".join(segments))


def suggest_address(text: str) -> str | None:
    """Return the address that an invalid text probably means, or `None`."""
    suggestion = "".join(text.split())
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
