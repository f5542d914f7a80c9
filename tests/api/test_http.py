"""Requests and answers: every failure has its own error, with the server's words."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
import errno
import json
import ssl
import time

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    ApiError,
    CertificateError,
    Json,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    TimedOutError,
    TokenRefusedError,
    UnavailableError,
    UnreachableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.http import (
    Answer,
    Http,
    error_text,
    raise_for_status,
)
from tests.api.conftest import Connect
from tests.api.payloads import PAGE, payload, raw
from tests.api.servers import Ending, RawServer, ScriptedServer, closed_port
from xprotect_simulator import Options, Simulator

# More than any answer here takes; who waits for it has found a bug.
PLENTY = 5.0
# As long as a test can wait for an answer that never comes.
IMPATIENT = 0.05

HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"half "


class Resolver(AbstractResolver):
    """Resolves one name, to this machine, and no other."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: int = 0,  # noqa: ARG002 - it has one address
    ) -> list[ResolveResult]:
        """Look a name up."""
        if host != "vms.test":
            raise OSError(errno.ENOENT, "No such name")
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def http(session: aiohttp.ClientSession) -> Http:
    """Return what sends requests."""
    return Http(session=session)


@pytest.fixture
def new_york() -> Iterator[None]:
    """Move this machine to where no server's time is its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


def answer(status: int, body: bytes = b"", retry_after: float | None = None) -> Answer:
    """Return an answer as it might have come."""
    return Answer(status=status, body=body, server_time=None, retry_after=retry_after)


async def test_a_whole_answer_comes_back_with_the_servers_time(
    server: ScriptedServer, http: Http
) -> None:
    """Lateness is judged by that time."""
    server.answer(
        "GET", "/x", {"a": 1}, headers={"Date": "Tue, 24 Nov 2026 04:10:37 GMT"}
    )
    got = await http.send("GET", URL(server.url) / "x", timeout=PLENTY)
    assert got.is_success
    assert (got.status, got.json()) == (200, {"a": 1})
    assert got.server_time == datetime(2026, 11, 24, 4, 10, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "Tue, 24 Nov 2026 05:10:37 +0100",
            datetime(2026, 11, 24, 4, 10, 37, tzinfo=UTC),
        ),
        (
            "Tue, 24 Nov 2026 04:10:37 -0000",
            datetime(2026, 11, 24, 4, 10, 37, tzinfo=UTC),
        ),
        ("Tue, 24 Nov 2026 04:10:37", datetime(2026, 11, 24, 4, 10, 37, tzinfo=UTC)),
        ("yesterday", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
        ("", None),
    ],
)
@pytest.mark.usefixtures("new_york")
async def test_a_strange_date_is_read_or_ignored(
    server: ScriptedServer,
    http: Http,
    header: str,
    expected: datetime | None,
) -> None:
    """A proxy may write its own; a date without zone is not that of this machine."""
    server.answer("GET", "/x", headers={"Date": header})
    got = await http.send("GET", URL(server.url) / "x", timeout=PLENTY)
    assert got.server_time == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("Tue, 24 Nov 2026 04:10:37 GMT", None),
    ],
)
async def test_the_time_to_wait_is_a_finite_number_of_seconds(
    server: ScriptedServer, http: Http, header: str, expected: float | None
) -> None:
    """An endless `Retry-After` would end all requests."""
    server.answer("GET", "/x", status=429, headers={"Retry-After": header})
    got = await http.send("GET", URL(server.url) / "x", timeout=PLENTY)
    assert got.retry_after == expected


async def test_a_closed_port_is_unreachable(http: Http) -> None:
    """The port is closed: the server is down or the port is wrong."""
    url = URL.build(scheme="http", host="127.0.0.1", port=closed_port())
    with pytest.raises(UnreachableError) as caught:
        await http.send("GET", url, timeout=PLENTY)
    assert type(caught.value) is UnreachableError
    assert caught.value.server_text == "ClientConnectorError"


async def test_an_unknown_name_is_unreachable() -> None:
    """A typing error in the address, or no name server."""
    connector = aiohttp.TCPConnector(resolver=Resolver())
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(UnreachableError):
            await Http(session=session).send(
                "GET", URL("http://nowhere.test"), timeout=PLENTY
            )


async def test_a_silent_server_times_out(http: Http) -> None:
    """A firewall may swallow everything."""
    async with RawServer(b"", Ending.SILENCE) as server:
        with pytest.raises(TimedOutError):
            await http.send("GET", URL(server.url), timeout=IMPATIENT)


async def test_an_answer_that_never_ends_times_out(http: Http) -> None:
    """The time to wait covers the body, too."""
    async with RawServer(HALF, Ending.SILENCE) as server:
        with pytest.raises(TimedOutError):
            await http.send("GET", URL(server.url), timeout=IMPATIENT)


@pytest.mark.parametrize(
    ("says", "ending"),
    [
        (b"", Ending.CLOSE),
        (b"", Ending.RESET),
        (HALF, Ending.CLOSE),
        (HALF, Ending.RESET),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Ending.CLOSE),
        (b"\xff\x00\xfe nonsense", Ending.CLOSE),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnope",
            Ending.CLOSE,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnope\r\n",
            Ending.CLOSE,
        ),
    ],
    ids=[
        "closed",
        "reset",
        "half, then closed",
        "half, then reset",
        "another protocol",
        "noise",
        "false compression",
        "false chunks",
    ],
)
async def test_what_is_no_whole_answer_is_a_lost_connection(
    http: Http, says: bytes, ending: Ending
) -> None:
    """The next attempt may succeed."""
    async with RawServer(says, ending) as server:
        with pytest.raises(UnreachableError) as caught:
            await http.send("POST", URL(server.url), timeout=PLENTY)
    assert not isinstance(caught.value, TimedOutError | CertificateError)


async def test_the_simulators_half_an_answer_is_a_lost_connection(
    sim: Simulator, client: XProtectClient
) -> None:
    """Its status was good, but half a list of cameras is none."""
    sim.faults.enable("truncated:path=/api/rest/*")
    with pytest.raises(UnreachableError):
        await client.configuration.cameras()


async def test_a_redirect_is_not_followed(
    sim: Simulator, client: XProtectClient
) -> None:
    """It could send the password to another host."""
    async with Simulator(Options()) as stranger:
        sim.faults.enable(f"redirect:{stranger.url}")
        with pytest.raises(ApiError):
            await client.configuration.sites()
        assert not stranger.requests


async def test_a_redirect_is_an_unexpected_answer() -> None:
    """The entered address should have `https` itself."""
    with pytest.raises(ResponseError, match="HTTP 307") as caught:
        raise_for_status(answer(307))
    assert caught.value.status == 307


@pytest.fixture
def secure() -> Simulator:
    """Return a simulator that will use TLS with a self-signed certificate."""
    return Simulator(Options(tls=True))


def trusting(pem: bytes) -> ssl.SSLContext:
    """Return a context that trusts one certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem.decode())
    return context


async def test_a_self_signed_certificate_is_its_own_error(
    secure: Simulator, connect: Connect
) -> None:
    """It is the normal case in the field, and the user has to decide."""
    async with secure:
        with pytest.raises(CertificateError) as caught:
            await connect(secure.url).configuration.gateway()
        assert caught.value.server_text == "self-signed certificate"
        assert not secure.requests


async def test_a_certificate_that_the_user_gave_is_trusted(
    secure: Simulator, connect: Connect
) -> None:
    """This is the safe way out of the error before."""
    async with secure:
        client = connect(secure.url, tls=trusting(secure.certificate_pem))
        assert len(await client.configuration.sites()) == 1


async def test_certificates_are_not_verified_if_the_user_has_chosen_that(
    secure: Simulator, connect: Connect
) -> None:
    """Some servers have no certificate that can be verified."""
    async with secure:
        client = connect(secure.url, tls=False)
        assert len(await client.configuration.sites()) == 1


async def test_an_expired_certificate_is_a_certificate_error(
    connect: Connect,
) -> None:
    """Trusted or not."""
    async with Simulator(Options(tls=True, certificate_days=-1)) as sim:
        client = connect(sim.url, tls=trusting(sim.certificate_pem))
        with pytest.raises(CertificateError) as caught:
            await client.configuration.gateway()
        assert caught.value.server_text == "certificate has expired"


async def test_a_certificate_for_another_name_is_a_certificate_error(
    secure: Simulator,
) -> None:
    """Another machine may answer there."""
    connector = aiohttp.TCPConnector(resolver=Resolver())
    async with secure, aiohttp.ClientSession(connector=connector) as session:
        http = Http(session=session, tls=trusting(secure.certificate_pem))
        url = URL.build(scheme="https", host="vms.test", port=secure.port)
        with pytest.raises(CertificateError) as caught:
            await http.send("GET", url, timeout=PLENTY)
    assert "vms.test" in str(caught.value)


async def test_https_where_http_is_spoken_is_unreachable(
    sim: Simulator, connect: Connect
) -> None:
    """The error is not about a certificate."""
    url = str(URL(sim.url).with_scheme("https"))
    with pytest.raises(UnreachableError) as caught:
        await connect(url).configuration.gateway()
    assert not isinstance(caught.value, CertificateError)


async def test_calling_a_request_off_is_no_error_of_the_server(http: Http) -> None:
    """Home Assistant calls tasks off when it stops, and must be obeyed."""
    async with RawServer(b"", Ending.SILENCE) as server:
        asking = asyncio.create_task(http.send("GET", URL(server.url), timeout=PLENTY))
        await server.was_asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


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
    """The error decides whether to wait, to ask the user or to go on."""
    with pytest.raises(ApiError) as caught:
        raise_for_status(answer(status, raw("error_400")))
    assert type(caught.value) is error
    assert caught.value.status == status


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207])
def test_success_is_no_error(status: int) -> None:
    """Triggering answers 202, and several at once 207."""
    raise_for_status(answer(status))


async def test_the_error_of_a_busy_server_has_its_retry_after(
    sim: Simulator, client: XProtectClient
) -> None:
    """Earlier requests would make it worse."""
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
def test_the_servers_own_words_are_found_in_every_envelope(
    body: Json, words: str | None
) -> None:
    """The server's text is more specific than ours."""
    assert error_text(answer(400, json_bytes(body))) == words


@pytest.mark.parametrize("body", [PAGE, b"", b"The service is unavailable.", b"\xff"])
def test_a_page_is_no_text_for_people(body: bytes) -> None:
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
    """It goes into notifications."""
    assert error_text(answer(400, json_bytes(body))) == "x" * 300


@pytest.mark.parametrize(
    "body",
    [b"", PAGE, b'{"array":[{"id":\xff\x00 nonsense', b"[" * 100_000, b"{'a': 1}"],
    ids=["nothing", "a page", "noise", "nested without end", "nearly"],
)
def test_what_is_no_json_is_an_unexpected_answer(body: bytes) -> None:
    """A page of a web server may come with the status 200."""
    with pytest.raises(ResponseError, match="not JSON") as caught:
        answer(200, body).json()
    assert caught.value.status == 200


@pytest.mark.parametrize("fault", ["html", "garbage"])
async def test_a_good_status_does_not_make_a_good_answer(
    sim: Simulator, client: XProtectClient, fault: str
) -> None:
    """Proxies answer 200 with a page of their own."""
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
