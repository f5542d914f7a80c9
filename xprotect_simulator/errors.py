"""What the simulated server refuses, and with which words."""


class ApiError(Exception):
    """A refusal that the client gets as the error envelope of the REST APIs."""

    def __init__(self, status: int, text: str, text_id: str | None = None) -> None:
        """Refuse with an HTTP status, the error text and its optional id."""
        super().__init__(text)
        self.status = status
        self.text = text
        self.text_id = text_id


class OptionError(Exception):
    """Someone asked the simulator itself for something it does not have."""


def bad_request(text: str) -> ApiError:
    """Return the refusal of malformed input."""
    return ApiError(400, text)


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
