"""Every status of an answer has its error, with the text of the server."""

import json

import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    Json,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    TokenRefusedError,
    UnavailableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.http import (
    Answer,
    error_text,
    raise_for_status,
)
from tests.api.payloads import PAGE, payload, raw
from xprotect_simulator import Simulator


def answer(status: int, body: bytes = b"", retry_after: float | None = None) -> Answer:
    """Return an answer of a server."""
    return Answer(status=status, body=body, server_time=None, retry_after=retry_after)


async def test_a_redirect_is_an_unexpected_answer() -> None:
    """The user should enter the address with `https`."""
    with pytest.raises(ResponseError, match="HTTP 307") as caught:
        raise_for_status(answer(307))
    assert caught.value.status == 307


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RejectedError),
        (401, TokenRefusedError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, RejectedError),
        (409, RejectedError),
        (410, NotFoundError),
        (429, UnavailableError),
        (500, UnavailableError),
        (502, UnavailableError),
        (503, UnavailableError),
        (599, UnavailableError),
        (304, ResponseError),
    ],
)
def test_every_status_has_its_error(status: int, error: type[ApiError]) -> None:
    """The error decides whether to wait, to ask the user or to continue."""
    with pytest.raises(ApiError) as caught:
        raise_for_status(answer(status, raw("error_400")))
    assert type(caught.value) is error
    assert caught.value.status == status


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207])
def test_a_success_raises_nothing(status: int) -> None:
    """Triggering answers 202, and several at once 207."""
    raise_for_status(answer(status))


async def test_the_error_of_a_busy_server_has_its_retry_after(
    sim: Simulator, client: XProtectClient
) -> None:
    """Earlier requests would increase the load."""
    sim.faults.enable("too_many_requests:7")
    with pytest.raises(UnavailableError) as caught:
        await client.configuration.sites()
    assert (caught.value.status, caught.value.retry_after) == (429, 7.0)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (payload("error_400"), "Invalid parent. /CameraFolder"),
        (payload("error_401"), "Token validation failed: the token is expired."),
        (
            payload("error_403"),
            "You do not have sufficient permissions to complete the operation.",
        ),
        (payload("error_404"), "Unknown resource: recordings"),
        (payload("error_without_wrapper"), "Invalid time.; Invalid source."),
        (payload("error_without_details"), "UnknownSession"),
        (payload("refusal_invalid_credentials"), "invalid_username_or_password"),
        (payload("refusal_invalid_client"), "invalid_client"),
        ({"error": {"details": [None, {"errorText": 5}, {}]}}, None),
        ({"error": {"details": "text"}}, None),
        ({"error": ""}, None),
        ({"message": "Not found"}, None),
        (["error"], None),
        (None, None),
    ],
)
def test_the_servers_text_is_found_in_every_envelope(
    body: Json, words: str | None
) -> None:
    """The server's text is more specific than ours."""
    assert error_text(answer(400, json_bytes(body))) == words


@pytest.mark.parametrize("body", [PAGE, b"", b"The service is unavailable.", b"\xff"])
def test_an_html_page_is_not_used_as_the_text(body: bytes) -> None:
    """A page of HTML would make a log line unreadable."""
    assert error_text(answer(503, body)) is None


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"errorText": "x" * 10_000}},
        {"error": "x" * 10_000},
        {"error": "invalid_grant", "error_description": "x" * 10_000},
    ],
)
def test_a_very_long_text_is_cut(body: Json) -> None:
    """It is shown in notifications."""
    assert error_text(answer(400, json_bytes(body))) == "x" * 300


@pytest.mark.parametrize(
    "body",
    [b"", PAGE, b'{"array":[{"id":\xff\x00 nonsense', b"[" * 100_000, b"{'a': 1}"],
    ids=["nothing", "a page", "noise", "nested without end", "nearly"],
)
def test_an_answer_without_json_is_unexpected(body: bytes) -> None:
    """A page of a web server may come with the status 200."""
    with pytest.raises(ResponseError, match="not JSON") as caught:
        answer(200, body).json()
    assert caught.value.status == 200


@pytest.mark.parametrize("fault", ["html", "garbage"])
async def test_a_good_status_does_not_make_a_good_answer(
    sim: Simulator, client: XProtectClient, fault: str
) -> None:
    """Proxies may answer 200 with an HTML page."""
    sim.faults.enable(f"{fault}:path=/api/rest/*")
    with pytest.raises(ResponseError):
        await client.configuration.sites()


def test_an_error_has_our_text_and_that_of_the_server() -> None:
    """Both are written into one line of the log."""
    with pytest.raises(ApiError) as caught:
        raise_for_status(answer(404, raw("error_404")))
    assert str(caught.value) == "Not found: Unknown resource: recordings"
    with pytest.raises(ApiError) as caught:
        raise_for_status(answer(404))
    assert str(caught.value) == "Not found"


def json_bytes(body: Json) -> bytes:
    """Return a body as a server sends it, with a byte order mark as .NET does."""
    return b"\xef\xbb\xbf" + json.dumps(body).encode()
