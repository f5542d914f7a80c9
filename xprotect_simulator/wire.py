"""Writes answers and errors in their documented form."""

from collections.abc import Mapping
from http import HTTPStatus
import json

from aiohttp import web

from .errors import ApiError

# The answer of IIS itself for a path without an application.
IIS_PAGE = (
    "<!DOCTYPE html><html><head><title>{title}</title></head>"
    "<body><h2>{title}</h2><p>{text}</p></body></html>"
)


def error_to_wire(error: ApiError) -> dict[str, object]:
    """Return the error envelope of the REST APIs."""
    detail = {"errorText": error.text}
    if error.text_id is not None:
        detail["errorTextId"] = error.text_id
    if error.of_property is not None:
        detail["property"] = error.of_property
    return {"httpCode": error.status, "details": [detail]}


def json_response(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with JSON."""
    return web.Response(
        text=json.dumps(body, separators=(",", ":")),
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )


def error_response(error: ApiError) -> web.Response:
    """Answer with the error envelope."""
    is_refused = error.status == HTTPStatus.UNAUTHORIZED
    headers = {"WWW-Authenticate": "Bearer"} if is_refused else None
    return json_response({"error": error_to_wire(error)}, error.status, headers)


def html_response(status: int, title: str, text: str = "") -> web.Response:
    """Answer with an HTML page of the web server."""
    return web.Response(
        text=IIS_PAGE.format(title=title, text=text),
        status=status,
        content_type="text/html",
        charset="us-ascii",
    )
