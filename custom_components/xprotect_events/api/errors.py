"""The errors that the client raises."""

from enum import StrEnum
from typing import override


class ApiError(Exception):
    """Base class of all errors of the client.

    `text` is a sentence for people and never contains a secret. `server_text` is the
    server's own error text, or `None`. `status` is the HTTP status, or `None`.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int | None = None,
        server_text: str | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.server_text = server_text

    @override
    def __str__(self) -> str:
        return f"{self.text}: {self.server_text}" if self.server_text else self.text


class InvalidAddressError(ApiError):
    """The address that the user gave cannot be the address of a server."""


class UnreachableError(ApiError):
    """There was no answer: unknown name, closed port or lost connection.

    `was_sent` is false when there was no connection, so the request was not sent.
    """

    def __init__(
        self, text: str, *, server_text: str | None = None, was_sent: bool = True
    ) -> None:
        super().__init__(text, server_text=server_text)
        self.was_sent = was_sent


class TimedOutError(UnreachableError):
    """The answer did not come in time."""


class CertificateError(UnreachableError):
    """The server's certificate is not trusted, expired or for another name."""


class CertificateChangedError(CertificateError):
    """The server's certificate is not the pinned one."""


class Refusal(StrEnum):
    """Why the identity provider refused a user (`error_code` of its answer)."""

    INVALID = "InvalidCredentials"
    LOCKED = "LockedOut"
    MUST_CHANGE_PASSWORD = "ChangePassword"  # noqa: S105 - the server's word


class CredentialsRefusedError(ApiError):
    """The identity provider refused the username and password."""

    def __init__(
        self, refusal: Refusal, *, status: int, server_text: str | None
    ) -> None:
        super().__init__(
            "The identity provider refused the user",
            status=status,
            server_text=server_text,
        )
        self.refusal = refusal


class InsecureIdentityProviderError(ApiError):
    """The gateway names an identity provider that would get an unencrypted password."""


class SignInPausedError(ApiError):
    """Signing in is paused, because too many attempts ended without a result."""


class WindowsLoginError(ApiError):
    """The server offers no Windows login, or a proxy prevents it.

    The password was neither accepted nor refused.
    """


class TokenRefusedError(ApiError):
    """The server answered 401 to a token that was just issued."""


class AnotherSiteError(ApiError):
    """Another site answers at the address; no further request was sent to it."""


class PermissionDeniedError(ApiError):
    """The user lacks a right (403)."""


class NotFoundError(ApiError):
    """The object or the service does not exist (404, 410)."""


class RejectedError(ApiError):
    """The server understood the request and refuses it (other 4xx)."""


class UnavailableError(ApiError):
    """The server cannot answer now (429, 5xx); `retry_after` in seconds or `None`."""

    def __init__(
        self,
        text: str,
        *,
        status: int,
        server_text: str | None,
        retry_after: float | None,
    ) -> None:
        super().__init__(text, status=status, server_text=server_text)
        self.retry_after = retry_after


class RecorderSilentError(ApiError):
    """The management server answers, but the recorder of the device does not."""


class ResponseError(ApiError):
    """The answer does not have the documented form."""


class AnswerTooLargeError(ResponseError):
    """The answer exceeds a limit; a smaller request may succeed."""


class NotAGatewayError(ResponseError):
    """A server answers at this address, but it is not an XProtect API Gateway."""


class RedirectedError(NotAGatewayError):
    """The answer redirects to another address, `location`."""

    def __init__(self, text: str, *, status: int, location: str) -> None:
        super().__init__(text, status=status)
        self.location = location


class NoIdentityProviderError(NotAGatewayError):
    """There is no identity provider at this address; another may have one."""


class SessionForgottenError(ApiError):
    """The server no longer has this event session."""


class StreamClosedError(ApiError):
    """The event stream ended; `status` is the close code, or `None`."""


# The server does not have what was requested, or the user may not see it.
REFUSED_REQUESTS = (NotFoundError, PermissionDeniedError, RejectedError)
