"""Reads the public document of an API Gateway, which needs no token (protocol §2)."""

from http import HTTPStatus

from .errors import ApiError, NotAGatewayError, RedirectedError, UnavailableError
from .http import Answer, raise_for_status
from .models import Gateway

_REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


def read_gateway(answer: Answer) -> Gateway:
    """Read the well-known document.

    Raises `NotAGatewayError` when the answer is not a gateway's, `RedirectedError` for
    a redirect, or `UnavailableError`.
    """
    if answer.location and answer.status in _REDIRECTS:
        raise RedirectedError(
            "The API Gateway is said to be elsewhere",
            status=answer.status,
            location=answer.location,
        )
    try:
        raise_for_status(answer)
        return Gateway.from_wire(answer.json(), "uris")
    except UnavailableError:
        raise
    except ApiError as err:
        raise NotAGatewayError(
            "No API Gateway answers here", status=answer.status
        ) from err
