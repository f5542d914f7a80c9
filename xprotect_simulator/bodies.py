"""Reads the bodies of requests."""

import json

from aiohttp import web

from .errors import bad_request


async def body_of(request: web.Request) -> object:
    """Return the JSON body of a request. Raises ApiError if it is not JSON."""
    try:
        body: object = json.loads(await request.text())
    except ValueError as error:
        text = "The body is not JSON"
        raise bad_request(text) from error
    return body
