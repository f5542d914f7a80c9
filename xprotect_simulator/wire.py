"""How events, answers and refusals look on the wire, after the documentation."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
import json

from aiohttp import web

from . import times
from .errors import ApiError
from .ledger import StoredEvent

# What IIS itself answers when no application is behind a path.
IIS_PAGE = (
    "<!DOCTYPE html><html><head><title>{title}</title></head>"
    "<body><h2>{title}</h2><p>{text}</p></body></html>"
)


def event_to_wire(event: StoredEvent, *, with_data: bool) -> dict[str, object]:
    """Return an event as the Events REST API writes it."""
    record: dict[str, object] = {
        "specversion": "1.0",
        "type": event.type,
        "source": event.source,
        "time": times.to_text(event.ticks),
        "id": event.id,
        "localId": event.local_id,
        "datatype": event.datatype,
        "tag": event.tag,
    }
    if with_data:
        record["data"] = event.data
    return record


def events_to_wire(
    events: Iterable[StoredEvent], *, with_data: bool
) -> list[dict[str, object]]:
    """Return several events as the Events REST API writes them."""
    return [event_to_wire(event, with_data=with_data) for event in events]


def error_to_wire(error: ApiError) -> dict[str, object]:
    """Return a refusal as the REST APIs write it."""
    detail = {"errorText": error.text}
    if error.text_id is not None:
        detail["errorTextId"] = error.text_id
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
