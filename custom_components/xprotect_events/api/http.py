"""Sends single HTTP requests, and raises every failure as an `ApiError`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import math
from ssl import SSLContext

import aiohttp
from yarl import URL

from .body import SMALL, decode, read_body
from .clock import seconds_since_boot
from .errors import (
    CertificateChangedError,
    CertificateError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    ResponseError,
    TimedOutError,
    TokenRefusedError,
    UnavailableError,
    UnreachableError,
)
from .wire import YEARS, Json, clean

# Seconds. The longest `Retry-After` that is followed; the outage may end earlier.
MAX_RETRY_AFTER = 3600.0
# Seconds to connect, TLS included. With more, it would take a whole request time-out
# to find that a host is off; with less, slow networks would fail.
CONNECT_TIMEOUT = 20.0
# Characters. Error texts are shown to users; whole HTML pages must not be.
MAX_SERVER_TEXT = 300
# The text of the error of requests after the end of Home Assistant.
CLOSED = "The session of this client is closed"
REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    body: bytes = field(repr=False)
    server_time: datetime | None
    # Seconds of a monotonic clock: before sending, and when the headers arrived.
    sent_at: float = 0.0
    headers_at: float = 0.0
    retry_after: float | None
    # The values of `WWW-Authenticate`.
    challenges: tuple[str, ...] = field(default=(), repr=False)
    # The target of a redirect.
    location: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP

    def json(self) -> object:
        """Decode the body. Raises `ResponseError` if it is not JSON or too large."""
        return decode(self.body, status=self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Sends requests over a given session, each of them once.

    `tls` is aiohttp's `ssl`: `True` for the session's own verification, a fingerprint
    for exactly one certificate. `pins` has fingerprints by host and port, which
    replace `tls` there.
    Redirects are not followed, because they could send the password to another host.
    """

    session: aiohttp.ClientSession
    tls: SSLContext | bool | aiohttp.Fingerprint = True
    pins: Mapping[tuple[str | None, int | None], aiohttp.Fingerprint] = field(
        default_factory=dict
    )

    # The name that the certificate must have, if it differs from the address.
    server_hostname: str | None = None
    monotonic: Callable[[], float] = seconds_since_boot

    def tls_for(self, url: URL) -> SSLContext | bool | aiohttp.Fingerprint:
        """Return aiohttp's `ssl` argument for an address."""
        return self.pins.get((url.host, url.port), self.tls)

    async def send(
        self,
        method: str,
        url: URL,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | bytes | None = None,
        body: Json = None,
        limit: int = SMALL,
    ) -> Answer:
        """Send and read one request; `timeout` in seconds covers all of it.

        `form` is a mapping of fields, or bytes that are sent unchanged. `limit` in
        bytes is for the body of a successful answer. Raises `TimedOutError`,
        `CertificateError`, `UnreachableError` or `AnswerTooLargeError`.
        """
        if self.session.closed:
            # aiohttp raises a `RuntimeError`, as for a mistake in the program.
            raise UnreachableError(CLOSED, was_sent=False)
        sent_at = self.monotonic()
        with translated_errors():
            async with self.session.request(
                method,
                url,
                headers=headers,
                data=form,
                json=body,
                ssl=self.tls_for(url),
                server_hostname=self.server_hostname,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=timeout, sock_connect=CONNECT_TIMEOUT
                ),
                middlewares=(_send_once,),
            ) as response:
                headers_at = self.monotonic()
                return Answer(
                    status=response.status,
                    body=await read_body(response, limit),
                    server_time=_parse_date(response.headers.get("Date")),
                    sent_at=sent_at,
                    headers_at=headers_at,
                    retry_after=parse_seconds(response.headers.get("Retry-After")),
                    location=response.headers.get("Location", ""),
                    challenges=tuple(response.headers.getall("WWW-Authenticate", ())),
                )


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a GET whose answer was lost.

    An event session returns each event once, so the repeated GET would lack them.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as err:
        raise _unreachable(err) from err


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translate errors of aiohttp while connecting or reading into `ApiError`s."""
    try:
        yield
    except aiohttp.ServerFingerprintMismatch as err:
        raise CertificateChangedError(
            "The server shows another certificate than the one that is trusted",
            was_sent=False,
        ) from err
    except aiohttp.ClientConnectorCertificateError as err:
        reason = getattr(err.certificate_error, "verify_message", None)
        raise CertificateError(
            "The server's certificate is not trusted",
            server_text=reason,
            was_sent=False,
        ) from err
    except aiohttp.ConnectionTimeoutError as err:
        raise TimedOutError(
            "The server did not answer in time", was_sent=False
        ) from err
    except TimeoutError as err:
        raise TimedOutError("The server did not answer in time") from err
    except aiohttp.ClientConnectorError as err:
        raise _unreachable(err, was_sent=False) from err
    except (aiohttp.ClientError, OSError) as err:
        raise _unreachable(err) from err


def _unreachable(err: Exception, *, was_sent: bool = True) -> UnreachableError:
    return UnreachableError(
        "The server cannot be reached",
        server_text=type(err).__name__,
        was_sent=was_sent,
    )


def raise_for_status(answer: Answer) -> None:
    """Raise the error for the status of an unsuccessful answer (protocol §2.2)."""
    if answer.is_success:
        return
    status, text = answer.status, error_text(answer)
    if status == HTTPStatus.UNAUTHORIZED:
        raise TokenRefusedError("Token refused", status=status, server_text=text)
    if status == HTTPStatus.FORBIDDEN:
        raise PermissionDeniedError(
            "Permission denied", status=status, server_text=text
        )
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise NotFoundError("Not found", status=status, server_text=text)
    is_too_much = status == HTTPStatus.TOO_MANY_REQUESTS
    if is_too_much or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UnavailableError(
            f"The server cannot answer now (HTTP {status})",
            status=status,
            server_text=text,
            retry_after=answer.retry_after,
        )
    if status >= HTTPStatus.BAD_REQUEST:
        raise RejectedError("Request refused", status=status, server_text=text)
    raise ResponseError(f"Unexpected answer (HTTP {status})", status=status)


def error_text(answer: Answer) -> str | None:
    """Return the error text of an answer, or `None`."""
    try:
        return envelope_text(answer.json())
    except ResponseError:
        return None


def envelope_text(envelope: object) -> str | None:
    """Return the text of an error envelope, with or without `error` (protocol §2.2)."""
    if not isinstance(envelope, dict):
        return None
    inner = envelope.get("error")
    if isinstance(inner, str):
        # An OAuth error of the identity provider (protocol §1.4).
        description = envelope.get("error_description")
        text = description if isinstance(description, str) else inner
        return clean(text, MAX_SERVER_TEXT) or None
    error = inner if isinstance(inner, dict) else envelope
    details = error.get("details")
    rows = details if isinstance(details, list) else [error]
    found = [
        row["errorText"]
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("errorText"), str)
    ]
    return clean("; ".join(found), MAX_SERVER_TEXT) or None


def _parse_date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value) if value else None
        if date is not None and date.year not in YEARS:
            return None
        if date is None or date.tzinfo is None:
            # HTTP dates are GMT; `astimezone` would assume the local zone.
            return date and date.replace(tzinfo=UTC)
        return date.astimezone(UTC)
    except ValueError, OverflowError:
        return None


def parse_seconds(value: str | None) -> float | None:
    """Read `Retry-After` in seconds, an hour at most; `None` if it is no number."""
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    if not math.isfinite(seconds):
        return None
    return min(max(0.0, seconds), MAX_RETRY_AFTER)
