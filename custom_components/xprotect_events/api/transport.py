"""Sends requests with a token to the API Gateway, and observes the server's clock."""

from collections.abc import Sequence
from http import HTTPStatus
import re
from typing import Protocol
from urllib.parse import quote

from yarl import URL

from .body import SMALL
from .clock import ServerClock
from .errors import ResponseError
from .http import Answer, Http, raise_for_status
from .token import Token
from .unreadable import UnreadableRows
from .wire import Json

# A parameter without value is a flag: `?disabled`.
type Query = Sequence[tuple[str, str | int | None]]

# A session read or an event list may be slow on a loaded server (protocol §4.6).
DEFAULT_TIMEOUT = 60.0

# Ids come from servers and users. An id such as `..` must not change the path.
_SEGMENT = re.compile(r"(?!\.+$)[^\s?#%\\]+")


class Tokens(Protocol):
    """Returns tokens; see `Authenticator`."""

    async def token(self, *, instead_of: Token | None = None) -> Token:
        """Return a valid token. Raises any `ApiError`."""


class Transport:
    """Sends requests below `/api` of one server."""

    def __init__(
        self,
        http: Http,
        address: URL,
        authenticator: Tokens,
        clock: ServerClock,
    ) -> None:
        self._http = http
        self._gateway = address / "api"
        self._authenticator = authenticator
        self._clock = clock
        self.unreadable = UnreadableRows()

    async def get(
        self,
        path: str,
        query: Query = (),
        *,
        timeout: float = DEFAULT_TIMEOUT,
        limit: int = SMALL,
    ) -> object:
        """Return the decoded JSON of a resource of at most `limit` bytes.

        Raises any `ApiError`.
        """
        answer = await self.request("GET", path, query, timeout=timeout, limit=limit)
        return answer.json()

    async def request(
        self,
        method: str,
        path: str,
        query: Query = (),
        *,
        body: Json = None,
        timeout: float = DEFAULT_TIMEOUT,
        limit: int = SMALL,
    ) -> Answer:
        """Send a request with a token to a path below `/api/rest/v1`.

        `timeout` is in seconds; `limit` in bytes is for a successful answer.

        After 401 the token is renewed and the request repeated once: the server has
        not executed it. Nothing else is repeated, because the server may have executed
        a request whose answer was lost. Raises any `ApiError`.
        """
        url = self._url(path, query)

        async def send(token: Token) -> Answer:
            answer = await self._http.send(
                method,
                url,
                timeout=timeout,
                headers={"Authorization": f"Bearer {token.access_token}"},
                body=body,
                limit=limit,
            )
            self._clock.observe(
                answer.server_time, sent_at=answer.sent_at, headers_at=answer.headers_at
            )
            return answer

        token = await self._authenticator.token()
        answer = await send(token)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            answer = await send(await self._authenticator.token(instead_of=token))
        raise_for_status(answer)
        return answer

    async def get_unsigned(self, path: str) -> Answer:
        """Send a GET without token to a path below `/api`; return any status."""
        return await self._http.send(
            "GET", self._gateway / path, timeout=DEFAULT_TIMEOUT
        )

    def _url(self, path: str, query: Query) -> URL:
        if not all(map(_SEGMENT.fullmatch, path.split("/"))):
            raise ResponseError("This is no id")
        url = self._gateway / "rest/v1" / path
        if not query:
            return url
        return URL(f"{url}?{_encode(query)}", encoded=True)


def _encode(query: Query) -> str:
    # `yarl` writes a flag as `disabled=`, which some servers do not accept.
    return "&".join(
        key if value is None else f"{key}={quote(str(value), safe='')}"
        for key, value in query
    )
