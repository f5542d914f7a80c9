"""What the simulated server refuses, and with which words."""


class ApiError(Exception):
    """A refusal that the client gets as the error envelope of the REST APIs."""

    def __init__(
        self,
        status: int,
        text: str,
        text_id: str | None = None,
        *,
        of_property: str | None = None,
    ) -> None:
        """Refuse with a status and a text, and an id or a property where known."""
        super().__init__(text)
        self.status = status
        self.text = text
        self.text_id = text_id
        self.of_property = of_property


class OptionError(Exception):
    """Someone asked the simulator itself for something it does not have."""


def bad_request(text: str, *, of_property: str | None = None) -> ApiError:
    """Return the refusal of malformed input, of one property where it is known."""
    return ApiError(400, text, of_property=of_property)


def unauthorized(text: str) -> ApiError:
    """Return the refusal of a token."""
    return ApiError(401, f"Token validation failed: {text}")


def forbidden() -> ApiError:
    """Return the refusal of what the user's role does not allow."""
    text = "You do not have sufficient permissions to complete the operation."
    return ApiError(403, text, "VMO61008")


def unknown_resource(name: str) -> ApiError:
    """Return the refusal of a resource that the server does not have."""
    return ApiError(404, f"Unknown resource: {name}")


def not_found(path: str) -> ApiError:
    """Return the refusal of an item that does not exist."""
    return ApiError(404, f"Device not found. {path}")
