"""Requests and answers: every failure has its own error, with the server's text."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
import time

import aiohttp
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    ApiError,
    CertificateError,
    TimedOutError,
    UnreachableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.http import (
    Http,
)
from tests.api.servers import Ending, RawServer, Resolver, ScriptedServer, closed_port
from xprotect_simulator import Options, Simulator

# Seconds; more than any answer takes here, so a longer wait is a bug.
PLENTY = 5.0

# Seconds; the longest that a test may wait for an answer that never comes.
IMPATIENT = 0.05

HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"half "


@pytest.fixture
def new_york() -> Iterator[None]:
    """Set this machine's time zone to one that differs from the server's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


async def test_a_whole_answer_comes_back_with_the_servers_time(
    server: ScriptedServer, http: Http
) -> None:
    """Whether an event is missed is decided by that time."""
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
async def test_an_unusual_date_is_read_or_ignored(
    server: ScriptedServer,
    http: Http,
    header: str,
    expected: datetime | None,
) -> None:
    """A proxy may write another form; a date without zone is not local time."""
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
    """A firewall may drop every packet."""
    async with RawServer(b"", Ending.SILENCE) as server:
        with pytest.raises(TimedOutError):
            await http.send("GET", URL(server.url), timeout=IMPATIENT)


async def test_an_answer_that_never_ends_times_out(http: Http) -> None:
    """The time to wait covers the body, too."""
    async with RawServer(HALF, Ending.SILENCE) as server:
        with pytest.raises(TimedOutError):
            await http.send("GET", URL(server.url), timeout=IMPATIENT)


@pytest.mark.parametrize(
    ("answer", "ending"),
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
async def test_an_incomplete_answer_is_a_lost_connection(
    http: Http, answer: bytes, ending: Ending
) -> None:
    """The next attempt may succeed."""
    async with RawServer(answer, ending) as server:
        with pytest.raises(UnreachableError) as caught:
            await http.send("POST", URL(server.url), timeout=PLENTY)
    assert not isinstance(caught.value, TimedOutError | CertificateError)


async def test_the_simulators_truncated_answer_is_a_lost_connection(
    sim: Simulator, client: XProtectClient
) -> None:
    """Its status is good, but half a list of cameras must not be used."""
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


async def test_a_cancelled_request_is_not_an_error_of_the_server(http: Http) -> None:
    """Home Assistant cancels tasks when it stops, and they must end."""
    async with RawServer(b"", Ending.SILENCE) as server:
        asking = asyncio.create_task(http.send("GET", URL(server.url), timeout=PLENTY))
        await server.was_asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
