"""Reads the answer of an identity provider to a sign-in (protocol §1.3, §1.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from .errors import (
    ApiError,
    CredentialsRefusedError,
    NoIdentityProviderError,
    NotAGatewayError,
    Refusal,
    RejectedError,
    ResponseError,
    UnavailableError,
)
from .http import Answer, raise_for_status
from .wire import as_object, optional_int, optional_text

# Seconds. The default is the lifetime in all known answers, for an answer without
# `expires_in`. The limit keeps later computations within the range of their types.
DEFAULT_LIFETIME = 3600
MAX_LIFETIME = 30 * 86_400
# Characters. Tokens have about 1,000; most web servers refuse headers of 16,000.
MAX_TOKEN = 16_000

# Statuses of web servers without an identity provider.
_ABSENT = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE}
)
# Statuses of refusals, by the identity provider or a web server in front of it.
_REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN})
# OAuth errors that concern the client or the server (RFC 6749, sections 4.1 and 5.2).
# Any other error may concern the user, and another attempt could lock the account.
_NOT_THE_USER = frozenset(
    {
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token of the identity provider; `lifetime` is in seconds."""

    access_token: str = field(repr=False)
    lifetime: int


def read_grant(answer: Answer) -> Grant:
    """Return the token in an answer, or raise the error that the answer means.

    Raises `NoIdentityProviderError` only when certainly no identity provider answered.
    """
    if not answer.is_success:
        _raise_for_refusal(answer)
    try:
        value = answer.json()
    except ResponseError as err:
        raise NoIdentityProviderError("No identity provider answers here") from err
    item = as_object(value, "token")
    lifetime = optional_int(item, "expires_in") or 0
    return Grant(
        access_token=_access_token(item),
        lifetime=min(lifetime, MAX_LIFETIME) if lifetime > 0 else DEFAULT_LIFETIME,
    )


def _access_token(item: Mapping[str, object]) -> str:
    """Return a token that a header can hold, else errors of aiohttp would quote it."""
    value = item.get("access_token")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TOKEN:
        raise ResponseError("token.access_token is missing")
    if not value.isascii() or not value.isprintable():
        raise ResponseError("token.access_token is no token")
    return value


def _raise_for_refusal(answer: Answer) -> None:
    item = _error_object(answer)
    refusal = _refusal(answer.status, item)
    if refusal is not None:
        code = optional_text(item, "error_code") or optional_text(item, "error")
        raise CredentialsRefusedError(refusal, status=answer.status, server_text=code)
    if answer.status in _ABSENT:
        raise NoIdentityProviderError(
            "No identity provider answers here", status=answer.status
        )
    try:
        raise_for_status(answer)
    except UnavailableError:
        raise
    except ApiError as err:
        if optional_text(item, "error") is None:
            raise NotAGatewayError(
                "What answers here is no identity provider", status=answer.status
            ) from err
        raise RejectedError(
            "The identity provider refused the request",
            status=answer.status,
            server_text=err.server_text,
        ) from err


def _refusal(status: int, item: Mapping[str, object]) -> Refusal | None:
    code, word = optional_text(item, "error_code"), optional_text(item, "error")
    if code in set(Refusal):
        return Refusal(code)
    # Whatever the body says, the server may have counted a wrong password.
    if status == HTTPStatus.UNAUTHORIZED:
        return Refusal.INVALID
    if status in _REFUSED and item and word not in _NOT_THE_USER:
        # An object as `error` comes from the gateway, which checks no password.
        return None if isinstance(item.get("error"), dict) else Refusal.INVALID
    return None


def _error_object(answer: Answer) -> Mapping[str, object]:
    try:
        return as_object(answer.json(), "error")
    except ResponseError:
        return {}
