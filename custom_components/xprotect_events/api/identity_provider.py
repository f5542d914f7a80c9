"""Signing in once: where the identity provider is, and what it says (protocol §1)."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

from yarl import URL

from .address import parse_address, well_known_url
from .discovery import read_gateway
from .errors import (
    ApiError,
    CredentialsRefusedError,
    InsecureIdentityProviderError,
    InvalidAddressError,
    NotAGatewayError,
    Refusal,
    RejectedError,
    ResponseError,
    UnavailableError,
    UnreachableError,
)
from .http import Answer, Http, raise_for_status
from .windows_login import LoginConnector, post_as_windows_user
from .wire import as_object, optional_int, optional_text

# The gateway forwards the second way; a server may offer only one (protocol §1.1).
TOKEN_PATHS = ("IDP/connect/token", "API/IDP/connect/token")
# NTLM signs in a connection, and the gateway shares connections (protocol §1.2).
WINDOWS_TOKEN_PATHS = TOKEN_PATHS[:1]
CLIENT_ID = "GrantValidatorClient"
# Seconds. A form may be waiting for it, and behind it everything else.
LOGIN_TIMEOUT = 30.0
# Seconds. Without `expires_in` assume what every recorded answer says; a longer life
# than anybody grants is no reason to compute with numbers of any size.
DEFAULT_LIFETIME = 3600
MAX_LIFETIME = 30 * 86_400
# Characters; real ones have about 1,000, and web servers take few headers of 16,000.
MAX_TOKEN = 16_000


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
class Grant:
    """A token as it was given; `lifetime` in seconds."""

    access_token: str = field(repr=False)
    lifetime: int


class IdentityProvider:
    """Signs one user in, and remembers the way that worked."""

    def __init__(
        self,
        http: Http,
        address: URL,
        credentials: Credentials,
        login_connector: Callable[[], LoginConnector],
    ) -> None:
        self._http = http
        self._address = address
        self._credentials = credentials
        self._login_connector = login_connector
        self._is_windows = credentials.authentication is Authentication.WINDOWS
        self._paths = WINDOWS_TOKEN_PATHS if self._is_windows else TOKEN_PATHS
        # Where it was found the last time.
        self._url: URL | None = None

    async def sign_in(self) -> Grant:
        """Return a new token.

        Raises `CredentialsRefusedError`, `NotAGatewayError` or any other `ApiError`.
        """
        known = self._url
        here = [known] if known else [self._address / path for path in self._paths]
        grant = await self._first(here)
        if grant is None and known is None:
            grant = await self._first(await self._elsewhere())
        if grant is None:
            self._url = None
            raise NotAGatewayError("No identity provider answers here")
        return grant

    async def _first(self, urls: Iterable[URL]) -> Grant | None:
        """Sign in at the first of these where there is an identity provider."""
        for url in urls:
            with suppress(ResponseError):
                grant = await self._ask(url)
                self._url = url
                return grant
        return None

    async def _elsewhere(self) -> Iterable[URL]:
        """Return where discovery knows an identity provider.

        At the user's own address first, because servers often name hosts that only
        they can reach.
        """
        answer = await self._http.send(
            "GET", well_known_url(self._address), timeout=LOGIN_TIMEOUT
        )
        try:
            named = read_gateway(answer).identity_provider or ""
            # Only people leave the scheme out.
            url = parse_address(named if "://" in named else "") / "connect/token"
        except NotAGatewayError, InvalidAddressError:
            return ()
        here = self._address.origin().with_path(url.path)
        return (here,) if url == here else (here, url)

    async def _ask(self, url: URL) -> Grant:
        is_elsewhere = url.origin() != self._address.origin()
        if is_elsewhere and (url.scheme, self._address.scheme) == ("http", "https"):
            raise InsecureIdentityProviderError(
                f"The identity provider is said to be {url.origin()}, which would get"
                " the password without encryption"
            )
        send = self._send_as_windows_user if self._is_windows else self._send
        try:
            answer = await send(url)
        except UnreachableError as err:
            if not is_elsewhere:
                raise
            # The user has never typed this name.
            raise type(err)(
                f"{err.text} ({url.origin()})", server_text=err.server_text
            ) from err
        return read_grant(answer)

    async def _send(self, url: URL) -> Answer:
        return await self._http.send(
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

    async def _send_as_windows_user(self, url: URL) -> Answer:
        return await post_as_windows_user(
            self._http,
            url,
            form={"grant_type": "windows_credentials", "client_id": CLIENT_ID},
            username=self._credentials.username,
            password=self._credentials.password,
            connector=self._login_connector(),
            timeout=LOGIN_TIMEOUT,
        )


def read_grant(answer: Answer) -> Grant:
    """Return what an answer grants, or raise the error that it stands for."""
    _raise_for_refusal(answer)
    item = as_object(answer.json(), "token")
    lifetime = optional_int(item, "expires_in") or 0
    return Grant(
        access_token=_access_token(item),
        lifetime=min(lifetime, MAX_LIFETIME) if lifetime > 0 else DEFAULT_LIFETIME,
    )


def _access_token(item: Mapping[str, object]) -> str:
    """Return what can be sent in a header; any other error would quote it."""
    value = item.get("access_token")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TOKEN:
        raise ResponseError("token.access_token is missing")
    if not value.isascii() or not value.isprintable():
        raise ResponseError("token.access_token is no token")
    return value


def _raise_for_refusal(answer: Answer) -> None:
    """Raise the error that a refused sign-in stands for (protocol §1.4)."""
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
