"""Reads the bodies of requests."""

import json

from aiohttp import web

from .errors import bad_request

# What a body is that cannot be read: not in its encoding, in an unknown one, or nested
# without end.
_UNREADABLE = (ValueError, LookupError, RecursionError)


async def body_of(request: web.Request) -> object:
    """Return the JSON body of a request. Raises ApiError if it is not JSON."""
    try:
        body: object = json.loads(await request.text())
    except _UNREADABLE as error:
        text = "The body is not JSON"
        raise bad_request(text) from error
    return body


async def form_of(request: web.Request) -> dict[str, str]:
    """Return the fields of a form, none if it cannot be read."""
    try:
        fields = await request.post()
    except _UNREADABLE:
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)}
