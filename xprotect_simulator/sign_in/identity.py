"""Users, their passwords, and their tokens."""

import base64
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
import json
import secrets

from ..clock import Clock
from ..errors import OptionError, unauthorized
from ..options import Options
from .users import Principal, User

# Tests read the last ones; the memory of a long demo must not grow.
_ATTEMPTS_KEPT = 1_000

_SIGNATURE_BYTES = 256


class SignInError(Exception):
    """A refused sign-in, with the identity provider's `error_code`."""

    def __init__(self, code: str, description: str) -> None:
        """Take the code that clients depend on, and a description."""
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    """One request for a token by password."""

    username: str
    outcome: str


class Identity:
    """Checks passwords and tokens, and locks accounts."""

    def __init__(self, options: Options, clock: Clock) -> None:
        """Start with the users of the options."""
        self.options = options
        self.clock = clock
        self.users: dict[str, User] = {}
        self.attempts: deque[LoginAttempt] = deque(maxlen=_ATTEMPTS_KEPT)
        # The real lifetime of tokens; None: as in the answer.
        self.real_token_life: timedelta | None = None
        self._tokens: dict[str, tuple[Principal, float]] = {}
        self._refresh_tokens: dict[str, User] = {}
        self.add_user(
            options.username,
            options.password,
            is_administrator=options.is_administrator,
        )
        if options.windows_username:
            self.add_windows_user(options.windows_username, options.windows_password)

    @property
    def windows_users(self) -> list[User]:
        """The users who sign in by NTLM."""
        return [user for user in self.users.values() if user.is_windows]

    def add_windows_user(self, name: str, password: str) -> User:
        r"""Add a Windows user `DOMAIN\user`, also `user@DOMAIN`. Raises OptionError."""
        domain, _, short_name = name.partition("\\")
        if not domain or not short_name:
            message = rf"a Windows user is DOMAIN\user, not '{name}'"
            raise OptionError(message)
        if any(character in ":\r\n" for character in name + password):
            message = "names and passwords of Windows users have no colon here"
            raise OptionError(message)
        user = self.add_user(
            name, password, is_administrator=self.options.is_administrator
        )
        user.is_windows = True
        return user

    def add_user(
        self,
        name: str,
        password: str,
        *,
        is_administrator: bool = False,
        sources: Iterable[str] | None = None,
    ) -> User:
        """Add a basic user."""
        user = User(
            name=name,
            password=password,
            is_administrator=is_administrator,
            sources=None if sources is None else frozenset(sources),
        )
        self.users[name.casefold()] = user
        return user

    def user(self, name: str | None = None) -> User:
        """Return a user, by default that of the options. Raises OptionError."""
        wanted = self.options.username if name is None else name
        found = self.users.get(wanted.casefold())
        if found is None:
            message = f"there is no user '{wanted}'"
            raise OptionError(message)
        return found

    def set_password(self, password: str, username: str | None = None) -> None:
        """Set a password, as an administrator does."""
        user = self.user(username)
        user.password = password
        user.must_change_password = False

    def lock(self, username: str | None = None) -> None:
        """Lock an account."""
        self.user(username).is_locked = True

    def unlock(self, username: str | None = None) -> None:
        """Unlock an account and reset its wrong attempts."""
        user = self.user(username)
        user.is_locked = False
        user.locked_until = None
        user.wrong_attempts = 0

    def require_password_change(self, username: str | None = None) -> None:
        """Require a new password before the next sign-in."""
        self.user(username).must_change_password = True

    def forbid(self, *resources: str, username: str | None = None) -> None:
        """Answer 403 to a user for these resources."""
        self.user(username).forbidden.update(name.lower() for name in resources)

    def allow(self, *resources: str, username: str | None = None) -> None:
        """Undo `forbid`."""
        names = {name.lower() for name in resources}
        self.user(username).forbidden.difference_update(names)

    def deny(self, resource: str, *actions: str, username: str | None = None) -> None:
        """Remove rights on a resource, and the administrator's role."""
        user = self.user(username)
        user.is_administrator = False
        user.denied.update((resource, action) for action in actions)

    def grant(self, resource: str, *actions: str, username: str | None = None) -> None:
        """Undo `deny`, but not the loss of the administrator's role."""
        denied = {(resource, action) for action in actions}
        self.user(username).denied.difference_update(denied)

    def limit_sources(
        self, sources: Iterable[str] | None, username: str | None = None
    ) -> None:
        """Show a user only these sources; None shows all again."""
        limited = None if sources is None else frozenset(sources)
        self.user(username).sources = limited

    def revoke_tokens(self) -> None:
        """Revoke all tokens."""
        self._tokens.clear()
        self._refresh_tokens.clear()

    def sign_in(self, username: str, password: str) -> str:
        """Check a password and return a token. Raises SignInError."""
        user = self.users.get(username.casefold())
        if user is not None and user.is_windows:
            user = None
        is_right = user is not None and password == user.password
        return self._grant(user, username, is_right=is_right)

    def sign_in_windows(self, name: str, *, is_proven: bool) -> str:
        """Return a token for a user whose password Windows has checked."""
        user, _, domain = name.partition("@")
        found = self.users.get((rf"{domain}\{user}" if domain else name).casefold())
        return self._grant(found, found.name if found else name, is_right=is_proven)

    def sign_in_service(self, client_id: str, client_secret: str) -> str:
        """Check a service client; return a token for it. Raises SignInError."""
        expected = (self.options.service_client_id, self.options.service_client_secret)
        if (client_id, client_secret) != expected:
            code = "InvalidClient"
            raise SignInError(code, "invalid_client")
        return self.issue(Principal())

    def issue_refresh(self, username: str) -> str:
        """Return a token that `refresh` takes instead of a user's password."""
        token = secrets.token_hex(32).upper()
        self._refresh_tokens[token] = self.user(username)
        if len(self._refresh_tokens) > _ATTEMPTS_KEPT:
            del self._refresh_tokens[next(iter(self._refresh_tokens))]
        return token

    def refresh(self, refresh_token: str) -> User:
        """Return whose refresh token this was; it can be used once.

        Raises SignInError.
        """
        user = self._refresh_tokens.pop(refresh_token, None)
        if user is None or user.is_locked:
            code = "InvalidGrant"
            raise SignInError(code, "invalid_grant")
        return user

    def issue(self, principal: Principal) -> str:
        """Return a new token in the form of a JWT."""
        now = self.clock.now().timestamp()
        life = self.options.token_life
        claims = {
            "sub": principal.user.name if principal.user else "service",
            "iat": int(now),
            "exp": int(now + life.total_seconds()),
            "jti": secrets.token_hex(16),
        }
        parts = (
            json.dumps({"alg": "RS256", "typ": "JWT"}).encode(),
            json.dumps(claims).encode(),
            secrets.token_bytes(_SIGNATURE_BYTES),
        )
        token = ".".join(
            base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts
        )
        real_life = life if self.real_token_life is None else self.real_token_life
        ends = self.clock.monotonic() + real_life.total_seconds()
        self._forget_expired()
        self._tokens[token] = (principal, ends)
        return token

    def principal(self, authorization: str | None) -> Principal:
        """Return the principal of an Authorization header. Raises ApiError."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            text = "no bearer token."
            raise unauthorized(text)
        found = self._tokens.get(token.strip())
        if found is None:
            text = "the token is not valid."
            raise unauthorized(text)
        principal, ends = found
        if self.clock.monotonic() >= ends:
            text = "the token is expired."
            raise unauthorized(text)
        return principal

    def _grant(self, user: User | None, name: str, *, is_right: bool) -> str:
        try:
            self._check(user, is_right=is_right)
        except SignInError as error:
            self._note(name, error.code)
            raise
        self._note(name, "success")
        return self.issue(Principal(user=user))

    def _check(self, user: User | None, *, is_right: bool) -> None:
        invalid = "InvalidCredentials", "invalid_username_or_password"
        if user is None:
            raise SignInError(*invalid)
        now = self.clock.monotonic()
        if user.is_locked or (user.locked_until or now) > now:
            code = "LockedOut"
            raise SignInError(code, "invalid_username_or_password")
        if not is_right:
            user.wrong_attempts += 1
            if user.wrong_attempts >= self.options.lockout_attempts:
                user.wrong_attempts = 0
                user.locked_until = now + self.options.lockout.total_seconds()
            raise SignInError(*invalid)
        if user.must_change_password:
            code = "ChangePassword"
            raise SignInError(code, "password_change_required")
        user.wrong_attempts = 0

    def _note(self, username: str, outcome: str) -> None:
        self.attempts.append(LoginAttempt(username=username, outcome=outcome))

    def _forget_expired(self) -> None:
        """Drop old tokens, but keep recently expired ones for their own error text."""
        long_dead = self.clock.monotonic() - self.options.token_life.total_seconds()
        for token in [
            token for token, (_, ends) in self._tokens.items() if ends < long_dead
        ]:
            del self._tokens[token]
