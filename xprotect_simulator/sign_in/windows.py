"""Signs in Windows users by NTLM like IIS does, once per connection."""

import asyncio
import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
import contextlib
import os
from pathlib import Path
import struct
import tempfile
from weakref import WeakKeyDictionary

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
import spnego
from spnego.channel_bindings import GssChannelBindings

from ..wire import html_response
from .identity import Identity, SignInError
from .users import User

_OPTIONS = {
    "negotiate": spnego.NegotiateOptions.use_negotiate,
    "ntlm": spnego.NegotiateOptions.use_ntlm,
}

# The environment variable with the file of users for the NTLM library.
_USERS_FILE = "NTLM_USER_FILE"

# Each message begins with its type; the last one contains the user (MS-NLMP 2.2.1.3).
_SIGNATURE = b"NTLMSSP\0"
_PROOF = _SIGNATURE + b"\3\0\0\0"
_DOMAIN_FIELD, _USER_FIELD = 28, 36


class WindowsLogin:
    """Checks the passwords of Windows users, and issues tokens."""

    def __init__(self, identity: Identity, certificate: Callable[[], bytes]) -> None:
        """Sign in users of `identity`; TLS logins are bound to `certificate` (PEM)."""
        self._identity = identity
        self._certificate = certificate
        self._contexts: WeakKeyDictionary[
            asyncio.BaseTransport, spnego.ContextProxy
        ] = WeakKeyDictionary()

    def sign_in(self, request: web.Request) -> str | web.Response:
        """Return a token, or the 401 that continues or ends the login."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        transport = request.transport
        if scheme.lower() not in _OPTIONS or transport is None:
            return refused()
        try:
            message = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return refused()
        with _known(self._identity.windows_users):
            context = self._contexts.pop(transport, None)
            try:
                context = context or _acceptor(scheme.lower())
                reply = context.step(message, channel_bindings=self._bindings())
            except Exception:  # noqa: BLE001 - anybody may send anything
                return self._failed(message)
        if context.complete:
            return self._proven(context.client_principal or "")
        self._contexts[transport] = context
        return _continued(scheme, reply or b"")

    def _proven(self, name: str) -> str | web.Response:
        try:
            return self._identity.sign_in_windows(name, is_proven=True)
        except SignInError:
            # Like IIS, which writes the reason only to the log of Windows.
            return refused()

    def _failed(self, message: bytes) -> web.Response:
        if message.startswith(_PROOF):
            with contextlib.suppress(SignInError, struct.error, UnicodeDecodeError):
                domain = _text(message, _DOMAIN_FIELD)
                user = _text(message, _USER_FIELD)
                name = rf"{domain}\{user}" if domain else user
                self._identity.sign_in_windows(name, is_proven=False)
        return refused()

    def _bindings(self) -> GssChannelBindings | None:
        pem = self._certificate()
        if not pem:
            return None
        shown = x509.load_pem_x509_certificates(pem)[0].fingerprint(SHA256())
        return GssChannelBindings(application_data=b"tls-server-end-point:" + shown)


def refused() -> web.Response:
    """Return the 401 of IIS itself, which no application sees."""
    response = html_response(
        401, "401 - Unauthorized: Access is denied due to invalid credentials."
    )
    response.headers.add("WWW-Authenticate", "Negotiate")
    response.headers.add("WWW-Authenticate", "NTLM")
    return response


def _continued(scheme: str, message: bytes) -> web.Response:
    response = html_response(401, "401 - Unauthorized")
    encoded = base64.b64encode(message).decode()
    response.headers.add("WWW-Authenticate", f"{scheme} {encoded}")
    return response


def _acceptor(protocol: str) -> spnego.ContextProxy:
    return spnego.server(protocol=protocol, options=_OPTIONS[protocol])


@contextlib.contextmanager
def _known(users: Iterable[User]) -> Iterator[None]:
    """Write the users, under both of their names, to the library's file."""
    before = os.environ.get(_USERS_FILE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "users"
        path.write_text("".join(map(_lines, users)))
        os.environ[_USERS_FILE] = str(path)
        try:
            yield
        finally:
            if before is None:
                del os.environ[_USERS_FILE]
            else:
                os.environ[_USERS_FILE] = before


def _lines(user: User) -> str:
    domain, _, name = user.name.partition("\\")
    return f"{domain}:{name}:{user.password}\n:{name}@{domain}:{user.password}\n"


def _text(message: bytes, field: int) -> str:
    length, _, offset = struct.unpack_from("<HHI", message, field)
    return message[offset : offset + length].decode("utf-16-le")
