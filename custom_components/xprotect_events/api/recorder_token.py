"""The token for recording servers, issued for our access token (protocol §11.2)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from yarl import URL

from . import soap
from .address import well_known_url
from .auth import Authenticator
from .discovery import read_gateway
from .errors import ApiError, NotFoundError, ResponseError
from .http import Answer, Http
from .picture import NotSupportedError

# Seconds; the viewer waits for a picture.
TOKEN_TIMEOUT = 5.0
# The share of its life after which a token is renewed. With more, recorders would
# refuse it more often.
USED_SHARE = 0.8
# Seconds that a token is used if the server gives no valid lifetime. A refused token is
# replaced.
DEFAULT_LIFE = 300.0
# The longest use in seconds: a day. XProtect's default is four hours.
MAX_LIFE = 86_400.0

_LOGIN_PATH = "ManagementServer/ServerCommandServiceOAuth.svc"
_ACTION = f"{soap.SERVER_COMMAND}/IServerCommandService"
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    text: str = field(repr=False)
    renew_at: float


class RecorderTokens:
    """Returns one token to all callers, and logs in only once at a time.

    `instance_id` is a GUID of this client. No password is sent: the login uses the
    token of the identity provider, for basic and Windows users.
    """

    def __init__(
        self,
        http: Http,
        address: URL,
        authenticator: Authenticator,
        instance_id: str,
        monotonic: Callable[[], float],
    ) -> None:
        self._http = http
        self._address = address
        # The address of the service; the gateway may be on another host.
        self._base = address
        self._authenticator = authenticator
        self._instance_id = instance_id
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._token: _Token | None = None

    async def token(self, *, instead_of: str | None = None) -> str:
        """Return a token, but not `instead_of`, which a recorder has refused.

        Raises `NotSupportedError` when the server does not have the service, or any
        other `ApiError`.
        """
        async with self._lock:
            known = self._token
            if known is not None and known.text == instead_of:
                known = None
            if known is None or self._monotonic() >= known.renew_at:
                known = await self._log_in()
            self._token = known
            return known.text

    async def _log_in(self) -> _Token:
        asked_at = self._monotonic()
        try:
            result = await self._ask(self._base)
        except NotFoundError as err:
            elsewhere = await self._elsewhere()
            if elsewhere is None or elsewhere == self._base:
                raise NotSupportedError(
                    "The server gives no token for recording servers"
                ) from err
            self._base = elsewhere
            return await self._log_in()
        token = result.get("Token", "")
        if not token:
            raise ResponseError("The login's answer has no token")
        life = _life(result.get("MicroSeconds", ""))
        return _Token(text=token, renew_at=asked_at + life * USED_SHARE)

    async def _ask(self, base: URL) -> dict[str, str]:
        bearer = await self._authenticator.token()
        answer = await self._send(base, bearer.access_token)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            bearer = await self._authenticator.token(instead_of=bearer)
            answer = await self._send(base, bearer.access_token)
        return soap.read_result(answer, "Login")

    async def _send(self, base: URL, bearer: str) -> Answer:
        return await self._http.send(
            "POST",
            base / _LOGIN_PATH,
            timeout=TOKEN_TIMEOUT,
            headers={
                **soap.headers(_ACTION, "Login"),
                "Authorization": f"Bearer {bearer}",
            },
            form=soap.envelope(
                soap.SERVER_COMMAND, "Login", instanceId=self._instance_id
            ),
        )

    async def _elsewhere(self) -> URL | None:
        """Return the management server that the gateway names, if it is another host.

        The token is sent there only with HTTPS.
        """
        try:
            answer = await self._http.send(
                "GET", well_known_url(self._address), timeout=TOKEN_TIMEOUT
            )
            named = URL(read_gateway(answer).management_server or "").origin()
        except ApiError, ValueError:
            return None
        is_other = named.scheme == "https" and named.host != self._address.host
        return named if is_other else None


def _life(microseconds: str) -> float:
    try:
        life = int(microseconds) / _MICROSECONDS
    except OverflowError, ValueError:
        return DEFAULT_LIFE
    return min(life, MAX_LIFE) if life > 0 else DEFAULT_LIFE
