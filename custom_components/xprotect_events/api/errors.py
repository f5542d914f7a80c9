"""What can go wrong between us and an XProtect server, as types."""

from enum import StrEnum
from typing import override


class ApiError(Exception):
    """Any failure of the client.

    `text` is a sentence for a person; it never holds a secret. `server_text` is
    what the server itself said, or `None`. `status` is the HTTP status, or `None`.
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
    """No answer: name unknown, port closed, connection lost half-way.

    `was_sent` is false where there was no connection, so nobody has got the request.
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
    """The server shows another certificate than exactly the one that is trusted."""


class Refusal(StrEnum):
    """Why the identity provider refused a user (`error_code` of its answer)."""

    INVALID = "InvalidCredentials"
    LOCKED = "LockedOut"
    MUST_CHANGE_PASSWORD = "ChangePassword"  # noqa: S105 - the server's word


class CredentialsRefusedError(ApiError):
    """The identity provider refused the user name and password."""

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
    """The identity provider that the gateway names would get the password in clear."""


class SignInPausedError(ApiError):
    """Nobody may sign in for a while, because too many sign-ins came to no end."""


class WindowsLoginError(ApiError):
    """The server offers no Windows login, or something on the way breaks it.

    It says nothing about the password.
    """


class TokenRefusedError(ApiError):
    """The server answered 401 to a token that was just issued."""


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
    """The answer is not what the protocol says."""


class AnswerTooLargeError(ResponseError):
    """The answer is larger than what was asked for can be; ask for less."""


class NotAGatewayError(ResponseError):
    """Something answers at this address, but no XProtect API Gateway."""


class RedirectedError(NotAGatewayError):
    """The gateway is said to be at another address, `location`."""

    def __init__(self, text: str, *, status: int, location: str) -> None:
        super().__init__(text, status=status)
        self.location = location


class NoIdentityProviderError(NotAGatewayError):
    """There is no identity provider at this address; there may be one elsewhere."""


class SessionForgottenError(ApiError):
    """The server no longer knows this event session."""


class StreamClosedError(ApiError):
    """The event stream ended; `status` is the close code, or `None`."""
