"""What an API Gateway tells those that it does not know (protocol §2)."""

from .errors import ApiError, NotAGatewayError, UnavailableError
from .http import Answer, raise_for_status
from .models import Gateway


def read_gateway(answer: Answer) -> Gateway:
    """Read the well-known document.

    Raises `NotAGatewayError` when something else has answered, or `UnavailableError`.
    """
    try:
        raise_for_status(answer)
        return Gateway.from_wire(answer.json(), "uris")
    except UnavailableError:
        raise
    except ApiError as err:
        raise NotAGatewayError(
            "No API Gateway answers here", status=answer.status
        ) from err
