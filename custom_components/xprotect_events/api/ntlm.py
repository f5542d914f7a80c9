"""The messages of a Windows login; making them may block, so do it in a thread."""

from collections.abc import Iterator
from contextlib import contextmanager
import logging

from .errors import WindowsLoginError

# It writes every message to the log, from which weak passwords can be guessed.
_TALKATIVE = "spnego._ntlm"
# What RFC 5929 replaces by SHA-256 when a certificate is signed with it.
_WEAK = frozenset({"md5", "sha1"})


class Handshake:
    """One login: a message to begin with, then the answer to the server's challenge."""

    def __init__(self, host: str, username: str, password: str) -> None:
        # Takes a fifth of a second, for nothing where no Windows user signs in.
        import spnego  # noqa: PLC0415 - see above

        logging.getLogger(_TALKATIVE).addFilter(_is_no_detail)
        self._bind = spnego.channel_bindings.GssChannelBindings
        with _explained("No Windows login is possible with this name and password"):
            # NTLM by this library itself: anything else could ask other servers, and
            # prove the password more than once.
            self._context = spnego.client(
                username,
                password,
                hostname=host,
                service="http",
                protocol="ntlm",
                options=spnego.NegotiateOptions.use_ntlm,
            )

    def begin(self) -> bytes:
        """Return the first message, which says nothing about the user."""
        return self._context.step() or b""

    def prove(self, challenge: bytes, certificate: bytes | None) -> bytes:
        """Return the proof that the user knows the password.

        It is bound to the certificate that the server has shown, so that nobody in
        between can use it elsewhere. Raises `WindowsLoginError` for a challenge that
        makes no sense.
        """
        with _explained("The challenge of the Windows login cannot be understood"):
            bindings = None
            if certificate is not None:
                data = b"tls-server-end-point:" + _fingerprint(certificate)
                bindings = self._bind(application_data=data)
            return self._context.step(challenge, channel_bindings=bindings) or b""


@contextmanager
def _explained(text: str) -> Iterator[None]:
    """Raise `WindowsLoginError` for whatever nonsense makes the libraries raise."""
    try:
        yield
    except Exception:  # noqa: BLE001 - there is no list of what that can be
        # Without the cause, which may quote from the messages.
        raise WindowsLoginError(text) from None


def _fingerprint(certificate: bytes) -> bytes:
    """Return the hash that stands for a certificate (RFC 5929, section 4.1)."""
    from cryptography import x509  # noqa: PLC0415 - as slow
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as slow

    shown = x509.load_der_x509_certificate(certificate)
    algorithm = shown.signature_hash_algorithm
    if algorithm is None or algorithm.name in _WEAK:
        algorithm = SHA256()
    return shown.fingerprint(algorithm)


def _is_no_detail(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG
