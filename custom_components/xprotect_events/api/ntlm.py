"""Creates the NTLM messages of a Windows login. Use it in a thread: it may block."""

from collections.abc import Iterator
from contextlib import contextmanager
import logging

from .errors import WindowsLoginError

# This logger writes NTLM messages, from which weak passwords can be computed.
_TALKATIVE = "spnego._ntlm"
# Signature hashes that RFC 5929 replaces by SHA-256.
_WEAK = frozenset({"md5", "sha1"})


class Handshake:
    """The two messages of one login: the first, and the answer to the challenge."""

    def __init__(self, host: str, username: str, password: str) -> None:
        # This import takes 0.2 s and is needed only for Windows users.
        import spnego  # noqa: PLC0415 - see above

        logging.getLogger(_TALKATIVE).addFilter(_is_no_detail)
        self._bind = spnego.channel_bindings.GssChannelBindings
        with _explained("No Windows login is possible with this name and password"):
            # Only NTLM, by this library itself: other ways may contact other servers
            # and send more than one proof of the password.
            self._context = spnego.client(
                username,
                password,
                hostname=host,
                service="http",
                protocol="ntlm",
                options=spnego.NegotiateOptions.use_ntlm,
            )

    def begin(self) -> bytes:
        """Return the first message, which contains nothing about the user."""
        return self._context.step() or b""

    def prove(self, challenge: bytes, certificate: bytes | None) -> bytes:
        """Return the answer to the challenge, which proves the password.

        It is bound to the server's certificate, so that a man in the middle cannot use
        it at another server. Raises `WindowsLoginError` for an invalid challenge.
        """
        with _explained("The challenge of the Windows login cannot be understood"):
            bindings = None
            if certificate is not None:
                data = b"tls-server-end-point:" + _fingerprint(certificate)
                bindings = self._bind(application_data=data)
            return self._context.step(challenge, channel_bindings=bindings) or b""


@contextmanager
def _explained(text: str) -> Iterator[None]:
    """Raise `WindowsLoginError` for any error of the libraries."""
    try:
        yield
    except Exception:  # noqa: BLE001 - there is no list of what that can be
        # Without its cause, which may contain parts of the messages.
        raise WindowsLoginError(text) from None


def _fingerprint(certificate: bytes) -> bytes:
    """Return the hash of a certificate for the channel binding (RFC 5929, 4.1)."""
    from cryptography import x509  # noqa: PLC0415 - as slow
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as slow

    shown = x509.load_der_x509_certificate(certificate)
    algorithm = shown.signature_hash_algorithm
    if algorithm is None or algorithm.name in _WEAK:
        algorithm = SHA256()
    return shown.fingerprint(algorithm)


def _is_no_detail(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG
