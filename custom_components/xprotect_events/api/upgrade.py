"""Opens a WebSocket, and follows redirects only within the server's origin."""

import asyncio
from http import HTTPStatus

import aiohttp
from yarl import URL

from .errors import (
    ApiError,
    NotFoundError,
    PermissionDeniedError,
    ResponseError,
    TokenRefusedError,
    UnavailableError,
    UnreachableError,
)
from .http import CLOSED, REDIRECTS, Http, parse_seconds, translated_errors
from .websocket import RawSocket

# Bytes. The states of 2,659 cameras are a message of 4.25 MB; aiohttp's default limit
# is 4 MiB.
MAX_MESSAGE = 32 * 1024 * 1024
# Seconds that a loaded server may take, redirects included. More would delay the
# detection of a proxy that does not forward the upgrade.
UPGRADE_TIMEOUT = 30.0
# Redirects of one upgrade. A proxy may add a slash or a folder; more is a loop.
MAX_REDIRECTS = 3


class _RedirectedError(Exception):
    """The answer to the upgrade is a redirect."""

    def __init__(self, location: str, status: int) -> None:
        super().__init__()
        self.location = location
        self.status = status


async def open_websocket(http: Http, url: URL, access_token: str) -> RawSocket:
    """Open a WebSocket at an `http` or `https` address with the token.

    A redirect is followed only to the same scheme, host and port, because another
    server must not get the token; credentials in it are an error. The returned socket
    neither sends nor answers pings. Raises `TokenRefusedError`, `NotFoundError` when
    the server is too old for the WebSocket, or another `ApiError`.
    """
    with translated_errors():
        async with asyncio.timeout(UPGRADE_TIMEOUT):
            for _ in range(1 + MAX_REDIRECTS):
                try:
                    return await _upgrade(http, url, access_token)
                except aiohttp.WSServerHandshakeError as err:
                    raise _upgrade_error(err) from err
                except _RedirectedError as redirected:
                    url = _redirect_target(url, redirected)
    raise ResponseError("The event stream is redirected again and again")


async def _upgrade(http: Http, url: URL, access_token: str) -> RawSocket:
    connector = http.session.connector
    if connector is None:
        raise UnreachableError(CLOSED, was_sent=False)
    # A session of its own, because `ws_connect` always follows redirects, to any host
    # and with the credentials in the redirect. A middleware stops that.
    async with aiohttp.ClientSession(
        connector=connector,
        connector_owner=False,
        headers=http.session.headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_stop_at_redirect,),
    ) as session:
        return await session.ws_connect(
            url,
            headers={"Authorization": f"Bearer {access_token}"},
            ssl=http.tls_for(url),
            max_msg_size=MAX_MESSAGE,
            autoping=False,
            decode_text=False,
        )


async def _stop_at_redirect(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    response = await handler(request)
    if response.status in REDIRECTS:
        response.close()
        raise _RedirectedError(response.headers.get("Location", ""), response.status)
    return response


def _redirect_target(url: URL, redirected: _RedirectedError) -> URL:
    """Return the target of a redirect. Raises `ResponseError` for another origin."""
    try:
        target = url.join(URL(redirected.location))
        is_within = target.origin() == url.origin() and target.user is None
    except ValueError:
        target, is_within = url, False
    if not is_within:
        raise ResponseError(
            "The event stream is redirected to another server",
            status=redirected.status,
        )
    return target


def _upgrade_error(err: aiohttp.WSServerHandshakeError) -> ApiError:
    """Return the error for a refused upgrade (protocol §5.1)."""
    status = err.status
    sentence = f"The event stream was refused (HTTP {status})"
    if status == HTTPStatus.UNAUTHORIZED:
        return TokenRefusedError(sentence, status=status)
    if status == HTTPStatus.FORBIDDEN:
        return PermissionDeniedError(sentence, status=status)
    if status == HTTPStatus.NOT_FOUND:
        return NotFoundError(sentence, status=status)
    return UnavailableError(
        sentence,
        status=status,
        server_text=None,
        retry_after=parse_seconds(
            err.headers.get("Retry-After") if err.headers else None
        ),
    )
