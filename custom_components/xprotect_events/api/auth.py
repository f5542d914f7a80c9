"""Signing in to the XProtect identity provider and keeping the token fresh."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
import time

from yarl import URL

from .errors import (
    ApiError,
    CredentialsRefusedError,
    NotAGatewayError,
    Refusal,
    RejectedError,
    ResponseError,
    UnavailableError,
)
from .http import Answer, Http, raise_for_status
from .wire import as_object, optional_int, optional_text, text

# The gateway forwards the second way; a server may offer only one of them (§1.1).
TOKEN_PATHS = ("IDP/connect/token", "API/IDP/connect/token")
CLIENT_ID = "GrantValidatorClient"
LOGIN_TIMEOUT = 30.0
# Without `expires_in` assume what every recorded answer says.
DEFAULT_LIFETIME = 3600
# Renew this long before expiry, so that a request under way is not refused; less
# for short-lived tokens, or they would be renewed all the time.
RENEWAL_MARGIN = 60.0
RENEWAL_SHARE = 0.2
# Seconds between attempts to renew a token that is still good.
RENEWAL_PAUSE = 10.0


class Authentication(StrEnum):
    """Where XProtect knows a user from."""

    BASIC = "basic"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    r"""A user of XProtect; a Windows user is `DOMAIN\user` or `user@domain`."""

    username: str
    password: str = field(repr=False)
    authentication: Authentication = Authentication.BASIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token; both times are monotonic, in seconds."""

    access_token: str = field(repr=False)
    renew_at: float
    expires_at: float


type OnRefusal = Callable[[CredentialsRefusedError], Awaitable[None]]


class Authenticator:
    """Hands out one valid token to everybody, one login at a time.

    A refused password is remembered and never sent again: repeated refusals lock
    the account.
    """

    def __init__(
        self,
        http: Http,
        address: URL,
        credentials: Credentials,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._address = address
        self._credentials = credentials
        self._monotonic = monotonic
        # Awaited once, before anybody hears of a refusal.
        self.on_refusal: OnRefusal | None = None
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._refused: CredentialsRefusedError | None = None
        self._paths: tuple[str, ...] = TOKEN_PATHS

    async def token(self, *, instead_of: Token | None = None) -> Token:
        """Return a valid token, never the one that the server has just refused.

        Raises `CredentialsRefusedError`, also for a refusal of the past, or what
        `Http.send` and an answer of the identity provider can raise.
        """
        async with self._lock:
            if self._refused is not None:
                raise self._refused.with_traceback(None)
            token, refused = self._token, instead_of
            if token and refused and token.access_token == refused.access_token:
                self._token = None
            if self._token is None or self._monotonic() >= self._token.renew_at:
                self._token = await self._renew()
            return self._token

    async def _renew(self) -> Token:
        now = self._monotonic()
        try:
            return await self._sign_in()
        except CredentialsRefusedError as err:
            if self.on_refusal is not None:
                await self.on_refusal(err)
            raise
        except ApiError:
            # The event server does not need the identity provider, so an outage of
            # the one is none of the other as long as the token lasts.
            if self._token is None or now >= self._token.expires_at:
                raise
            return replace(self._token, renew_at=now + RENEWAL_PAUSE)

    async def _sign_in(self) -> Token:
        failure: ApiError | None = None
        for path in self._paths:
            try:
                token = await self._request_token(self._address / path)
            except CredentialsRefusedError as err:
                self._refused = err
                raise
            except ResponseError as err:
                failure = err
            else:
                self._paths = (path,)
                return token
        # The way that worked before is gone: look for both again next time.
        self._paths = TOKEN_PATHS
        raise NotAGatewayError(
            "No identity provider answers here",
            status=failure.status if failure else None,
        ) from failure

    async def _request_token(self, url: URL) -> Token:
        asked_at = self._monotonic()
        answer = await self._http.send(
            "POST",
            url,
            timeout=LOGIN_TIMEOUT,
            form={
                "grant_type": "password",
                "username": self._credentials.username,
                "password": self._credentials.password,
                "client_id": CLIENT_ID,
            },
        )
        _raise_for_refusal(answer)
        item = as_object(answer.json(), "token")
        lifetime = optional_int(item, "expires_in") or DEFAULT_LIFETIME
        margin = min(RENEWAL_MARGIN, lifetime * RENEWAL_SHARE)
        return Token(
            access_token=text(item, "access_token", "token"),
            renew_at=asked_at + lifetime - margin,
            expires_at=asked_at + lifetime,
        )


def _raise_for_refusal(answer: Answer) -> None:
    """Raise the error that an unsuccessful answer to a sign-in stands for (§1.4)."""
    if answer.is_success:
        return
    error = _oauth_error(answer)
    code, word = optional_text(error, "error_code"), optional_text(error, "error")
    refusal = _refusal(answer.status, code, word)
    if refusal is not None:
        raise CredentialsRefusedError(
            refusal, status=answer.status, server_text=code or word
        )
    try:
        raise_for_status(answer)
    except UnavailableError:
        raise
    except ApiError as err:
        if word is not None:
            raise RejectedError(
                "The identity provider refused the request",
                status=answer.status,
                server_text=err.server_text,
            ) from err
        raise ResponseError(
            "No identity provider answers here", status=answer.status
        ) from err


def _refusal(status: int, code: str | None, word: str | None) -> Refusal | None:
    if code in set(Refusal):
        return Refusal(code)
    # A bare 401 counts, too: a password that may have been noted as wrong must not be
    # sent again.
    if word == "invalid_grant" or (word is None and status == HTTPStatus.UNAUTHORIZED):
        return Refusal.INVALID
    return None


def _oauth_error(answer: Answer) -> Mapping[str, object]:
    try:
        return as_object(answer.json(), "error")
    except ResponseError:
        return {}
