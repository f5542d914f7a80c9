"""Reads the public document of an API Gateway, which needs no token (protocol §2)."""

from .errors import ApiError, NotAGatewayError, RedirectedError, UnavailableError
from .http import REDIRECTS, Answer, raise_for_status
from .models import Gateway


def read_gateway(answer: Answer) -> Gateway:
    """Read the well-known document.

    Raises `NotAGatewayError` when the answer is not a gateway's, `RedirectedError` for
    a redirect, or `UnavailableError`.
    """
    if answer.location and answer.status in REDIRECTS:
        raise RedirectedError(
            "The answer redirects to another address",
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
