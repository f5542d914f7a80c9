"""Finds the identity provider and signs a user in there (protocol §1)."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from yarl import URL

from .address import parse_url, well_known_url
from .discovery import read_gateway
from .errors import (
    ApiError,
    InsecureIdentityProviderError,
    InvalidAddressError,
    NoIdentityProviderError,
    NotAGatewayError,
    UnavailableError,
    UnreachableError,
)
from .grant import Grant, read_grant
from .http import Answer, Http, raise_for_status
from .sign_in_attempts import SignInAttempts
from .windows_login import LoginConnector, post_as_windows_user

# The gateway forwards the second path. A server may offer only one (protocol §1.1).
TOKEN_PATHS = ("IDP/connect/token", "API/IDP/connect/token")
# NTLM authenticates a connection, and the gateway shares connections (protocol §1.2).
WINDOWS_TOKEN_PATHS = TOKEN_PATHS[:1]
CLIENT_ID = "GrantValidatorClient"
# Seconds. After a restart the first token takes half of it (protocol §1.3). With more,
# a form would wait longer, and so would every other request for a token.
LOGIN_TIMEOUT = 60.0
# Seconds. A working server answers at once, and all requests wait for this one.
PROBE_TIMEOUT = 10.0


class Authentication(StrEnum):
    """The kind of a user: a basic user or a Windows user (protocol §1.2)."""

    BASIC = "basic"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    r"""A user of XProtect; a Windows user is `DOMAIN\user` or `user@domain`."""

    username: str
    password: str = field(repr=False)
    authentication: Authentication = Authentication.BASIC


class IdentityProvider:
    """Signs one user in, and remembers the address that worked.

    `attempts` counts and limits how often the password is sent.
    """

    def __init__(
        self,
        http: Http,
        address: URL,
        credentials: Credentials,
        login_connector: Callable[[], LoginConnector],
        attempts: SignInAttempts,
    ) -> None:
        self._http = http
        self._address = address
        self._credentials = credentials
        self._login_connector = login_connector
        self._attempts = attempts
        self._is_windows = credentials.authentication is Authentication.WINDOWS
        self._paths = WINDOWS_TOKEN_PATHS if self._is_windows else TOKEN_PATHS
        # Identifies the user: the address and the credentials.
        self.user = (address, credentials)
        # The address of the last successful sign-in.
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

    async def is_there(self) -> bool:
        """Whether an identity provider answers; the request has no password."""
        url = self._url or self._address / self._paths[0]
        try:
            answer = await self._http.send("GET", url, timeout=PROBE_TIMEOUT)
            raise_for_status(answer)
        except UnavailableError, UnreachableError:
            return False
        except ApiError:
            # An error answer to a GET is an answer, too.
            return True
        return True

    async def _first(self, urls: Iterable[URL]) -> Grant | None:
        """Sign in at the first address that has an identity provider.

        The next one gets the password only if the one before certainly has none.
        """
        for url in urls:
            with suppress(NoIdentityProviderError):
                grant = await self._ask(url)
                self._url = url
                return grant
        return None

    async def _elsewhere(self) -> Iterable[URL]:
        """Return the addresses of the identity provider that the gateway names.

        The same path at the user's own address comes first, because servers often
        name hosts that only they can reach.
        """
        answer = await self._http.send(
            "GET", well_known_url(self._address), timeout=LOGIN_TIMEOUT
        )
        try:
            named = read_gateway(answer).identity_provider or ""
            # `https` would be assumed for a name without a scheme.
            url = parse_url(named if "://" in named else "") / "connect/token"
        except NotAGatewayError, InvalidAddressError:
            return ()
        here = self._address.origin().with_path(url.path)
        return (here,) if url == here else (here, url)

    async def _ask(self, url: URL) -> Grant:
        is_elsewhere = url.origin() != self._address.origin()
        if is_elsewhere and (url.scheme, self._address.scheme) == ("http", "https"):
            raise InsecureIdentityProviderError(
                f"The gateway names the identity provider {url.origin()}, which would"
                " get the password without encryption"
            )
        send = self._send_as_windows_user if self._is_windows else self._send
        try:
            answer = await send(url)
        except UnreachableError as err:
            if not is_elsewhere:
                raise
            # Name the host: it is not the one that the user typed.
            raise type(err)(
                f"{err.text} ({url.origin()})",
                server_text=err.server_text,
                was_sent=err.was_sent,
            ) from err
        return read_grant(answer)

    async def _send(self, url: URL) -> Answer:
        form = {
            "grant_type": "password",
            "username": self._credentials.username,
            "password": self._credentials.password,
            "client_id": CLIENT_ID,
        }
        with self._attempts.sending():
            return await self._http.send("POST", url, timeout=LOGIN_TIMEOUT, form=form)

    async def _send_as_windows_user(self, url: URL) -> Answer:
        return await post_as_windows_user(
            self._http,
            url,
            form={"grant_type": "windows_credentials", "client_id": CLIENT_ID},
            username=self._credentials.username,
            password=self._credentials.password,
            connector=self._login_connector(),
            timeout=LOGIN_TIMEOUT,
            proving=self._attempts.sending,
        )
