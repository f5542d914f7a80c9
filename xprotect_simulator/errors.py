"""The errors that the simulated server answers, with their texts."""


class ApiError(Exception):
    """An error that the client gets as the error envelope of the REST APIs."""

    def __init__(
        self,
        status: int,
        text: str,
        text_id: str | None = None,
        *,
        of_property: str | None = None,
    ) -> None:
        """Take a status and a text, and the id or property of the envelope."""
        super().__init__(text)
        self.status = status
        self.text = text
        self.text_id = text_id
        self.of_property = of_property


class OptionError(Exception):
    """An option or call of the simulator itself is not valid."""


def bad_request(text: str, *, of_property: str | None = None) -> ApiError:
    """Return the error for invalid input, of one property if given."""
    return ApiError(400, text, of_property=of_property)


def unauthorized(text: str) -> ApiError:
    """Return the error for a refused token."""
    return ApiError(401, f"Token validation failed: {text}")


def forbidden() -> ApiError:
    """Return the error for a right that the user's role lacks."""
    text = "You do not have sufficient permissions to complete the operation."
    return ApiError(403, text, "VMO61008")


def unknown_resource(name: str) -> ApiError:
    """Return the error for an unknown resource."""
    return ApiError(404, f"Unknown resource: {name}")


def not_found(path: str) -> ApiError:
    """Return the error for an item that does not exist."""
    return ApiError(404, f"Device not found. {path}")
