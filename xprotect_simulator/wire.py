"""How answers and refusals look on the wire, after the documentation."""

from collections.abc import Mapping
from http import HTTPStatus
import json

from aiohttp import web

from .errors import ApiError

# What IIS itself answers when no application is behind a path.
IIS_PAGE = (
    "<!DOCTYPE html><html><head><title>{title}</title></head>"
    "<body><h2>{title}</h2><p>{text}</p></body></html>"
)


def error_to_wire(error: ApiError) -> dict[str, object]:
    """Return a refusal as the REST APIs write it."""
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
    """Answer with a page of the web server, as if there were no API."""
    return web.Response(
        text=IIS_PAGE.format(title=title, text=text),
        status=status,
        content_type="text/html",
        charset="us-ascii",
    )
