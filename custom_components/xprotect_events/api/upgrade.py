"""From an address to an open WebSocket, without leaving the server's origin."""

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
from .http import Http, parse_seconds, translated_errors
from .websocket import RawSocket

# The state of 2,659 cameras is a message of 4.25 MB; aiohttp's own limit is 4 MiB.
MAX_MESSAGE = 32 * 1024 * 1024
# Seconds that a loaded server may take, redirects included. More would leave a proxy
# unnoticed that swallows upgrades.
CONNECT_TIMEOUT = 30.0
# Redirects of one upgrade. A proxy adds a slash or a folder; more would be a circle.
MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class _RedirectedError(Exception):
    """The upgrade was answered with another address."""

    def __init__(self, location: str, status: int) -> None:
        super().__init__()
        self.location = location
        self.status = status


async def open_websocket(http: Http, url: URL, access_token: str) -> RawSocket:
    """Open a WebSocket at an `http` or `https` address, signed with the token.

    A redirect is followed as long as it stays at the same scheme, host and port: the
    token is for nobody else, and no other credentials are taken from it. Pings are
    neither sent nor answered by what is returned. Raises `TokenRefusedError`,
    `NotFoundError` when the server is too old to have a WebSocket, and other
    `ApiError`s.
    """
    with translated_errors():
        async with asyncio.timeout(CONNECT_TIMEOUT):
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
        raise UnreachableError("The session of this client is closed")
    # A session of its own because `ws_connect` can be kept in no other way from
    # following redirects to anywhere, with credentials that the redirect names.
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
    if response.status in _REDIRECTS:
        response.close()
        raise _RedirectedError(response.headers.get("Location", ""), response.status)
    return response


def _redirect_target(url: URL, redirected: _RedirectedError) -> URL:
    """Return where a redirect within the origin leads; raises `ResponseError`."""
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
    """Return what a refused upgrade means (protocol §5.1)."""
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
