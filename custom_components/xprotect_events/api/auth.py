"""Keeps one valid access token for all requests of a client."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
import time

from .errors import (
    AnotherSiteError,
    ApiError,
    CredentialsRefusedError,
    TokenRefusedError,
)
from .identity_provider import IdentityProvider
from .sign_in_attempts import SignInAttempts
from .token import Token

# Seconds between attempts to renew a token that is still good.
RENEWAL_PAUSE = 10.0
# Seconds for which a token counts as new. A server that refuses a new token would
# refuse its successor as well. A longer time would keep a revoked token in use.
NEW_FOR = 60.0
# Seconds between two replacements of a refused token, at first and at most. The pause
# doubles as long as the replacement is refused, too: a server that accepts no token
# would get one sign-in for each request. Where tokens live for seconds only, a longer
# pause would cause an outage.
REPLACEMENT_PAUSE = 15.0
MAX_REPLACEMENT_PAUSE = 60.0


class OneToken:
    """Returns one token, for requests that check the site before others use it."""

    def __init__(self, token: Token) -> None:
        self._token = token

    async def token(self, *, instead_of: Token | None = None) -> Token:
        """Return the token. Raises `TokenRefusedError` if the server has refused it."""
        if instead_of is not None:
            raise TokenRefusedError("A token is refused that was given just now")
        return self._token


# Raises `AnotherSiteError` if the token is from the server of another site.
type Check = Callable[[Token], Awaitable[None]]
type OnRefusal = Callable[[CredentialsRefusedError], Awaitable[None]]


class Authenticator:
    """Returns one valid token to all callers and signs in only once at a time.

    A refused password is remembered and never sent again, because repeated refusals
    lock the account. After any other failure all callers wait for the same next
    attempt. A sign-in continues when its caller is cancelled, and the next caller gets
    its outcome, also from another authenticator with the same `attempts`. `monotonic`
    returns seconds.
    """

    def __init__(
        self,
        provider: IdentityProvider,
        attempts: SignInAttempts,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._attempts = attempts
        self._monotonic = monotonic
        # Awaited once after a refusal, before the error is raised.
        self.on_refusal: OnRefusal | None = None
        # Awaited with each token but the first, before any other request uses it: the
        # former token may have been refused because another server has the address.
        self.check: Check | None = None
        self._other_site: AnotherSiteError | None = None
        self._has_signed_in = False
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._refused: CredentialsRefusedError | None = None
        self._replaceable_at = monotonic()
        self._replacement_pause = 0.0
        self._is_refused_when_new = False

    async def token(self, *, instead_of: Token | None = None) -> Token:
        """Return a valid token, but not `instead_of`, which the server has refused.

        Raises the errors of `IdentityProvider.sign_in`, including that of an earlier
        attempt, `TokenRefusedError` when a new token was refused, too, and
        `AnotherSiteError` from the moment on at which `check` has raised it.
        """
        async with self._lock:
            if self._refused is not None:
                raise self._refused.with_traceback(None)
            if self._other_site is not None:
                raise self._other_site.with_traceback(None)
            token, refused = self._token, instead_of
            if token and refused and token.access_token == refused.access_token:
                self._drop_refused()
            if self._token is None or self._monotonic() >= self._token.renew_at:
                self._token = await self._renew()
            return self._token

    def is_new(self, token: Token) -> bool:
        """Whether a token is so new that the server would refuse another one, too."""
        return self._monotonic() - token.given_at < NEW_FOR

    def _drop_refused(self) -> None:
        """Drop the refused token. Raises `TokenRefusedError` during the pause."""
        now = self._monotonic()
        if now < self._replaceable_at:
            self._is_refused_when_new = True
            raise TokenRefusedError("A token is refused that was given just now")
        pause = REPLACEMENT_PAUSE
        if self._is_refused_when_new:
            pause = min(MAX_REPLACEMENT_PAUSE, 2 * self._replacement_pause)
        self._replacement_pause, self._is_refused_when_new = pause, False
        self._replaceable_at = now + pause
        self._token = None

    async def _renew(self) -> Token:
        now = self._monotonic()
        try:
            return await self._sign_in()
        except CredentialsRefusedError, AnotherSiteError:
            raise
        except ApiError:
            # The event server accepts the token until it expires, also while the
            # identity provider is down.
            if self._token is None or now >= self._token.expires_at:
                raise
            return replace(self._token, renew_at=now + RENEWAL_PAUSE)

    async def _sign_in(self) -> Token:
        if self._attempts.may_probe() and await self._provider.is_there():
            self._attempts.end_pause()
        self._attempts.raise_while_paused()
        shared = self._attempts.shared
        try:
            token = await shared.join(self._provider.user, self._ask, self._is_good)
        except CredentialsRefusedError as err:
            self._refused = err
            raise
        if self._has_signed_in and self.check is not None:
            try:
                await self.check(token)
            except AnotherSiteError as err:
                self._other_site = err
                shared.clear()
                raise
        self._has_signed_in = True
        shared.clear()
        return token

    async def _ask(self) -> Token:
        """Sign in, even if no caller waits for the token any more."""
        asked_at = self._monotonic()
        try:
            grant = await self._provider.sign_in()
        except CredentialsRefusedError as err:
            if self.on_refusal is not None:
                await self.on_refusal(err)
            raise
        except ApiError as err:
            self._attempts.failed(err)
            raise
        self._attempts.forget()
        return Token.lasting(grant.lifetime, grant.access_token, asked_at=asked_at)

    def _is_good(self, token: Token) -> bool:
        return self._monotonic() < token.renew_at
