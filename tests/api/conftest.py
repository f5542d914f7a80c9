"""A simulator, a scripted server, and clients of both that never wait."""

import asyncio
from collections.abc import AsyncIterator, Callable
import ssl
from typing import Protocol

import aiohttp
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    Authentication,
    Credentials,
    LoginConnector,
    SignInAttempts,
    XProtectClient,
)
from custom_components.xprotect_events.api.http import (
    Http,
)
from tests.api import stream_script
from tests.api.servers import ScriptedServer
from xprotect_simulator import ManualClock, Options, Simulator

listen = stream_script.listen
recipient = stream_script.recipient


class Connect(Protocol):
    """Creates a client of a server."""

    def __call__(
        self,
        url: str,
        *,
        username: str = "demo",
        password: str = "demo",
        authentication: Authentication = Authentication.BASIC,
        tls: ssl.SSLContext | bool = True,
        login_connector: Callable[[], LoginConnector] = LoginConnector,
        attempts: SignInAttempts | None = None,
    ) -> XProtectClient:
        """Return a client that has not connected yet."""


@pytest.fixture
def clock() -> ManualClock:
    """Return the clock of both simulator and client."""
    return ManualClock()


@pytest.fixture
async def sim(clock: ManualClock) -> AsyncIterator[Simulator]:
    """Return a quiet site of six cameras that listens."""
    async with Simulator(Options(), clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """Return a server whose answers the test sets."""
    async with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Return the HTTP session of the clients."""
    async with aiohttp.ClientSession() as given:
        yield given


@pytest.fixture
def connect(session: aiohttp.ClientSession, clock: ManualClock) -> Connect:
    """Return a function that creates a client of any server."""

    def make(
        url: str,
        *,
        username: str = "demo",
        password: str = "demo",
        authentication: Authentication = Authentication.BASIC,
        tls: ssl.SSLContext | bool = True,
        login_connector: Callable[[], LoginConnector] = LoginConnector,
        attempts: SignInAttempts | None = None,
    ) -> XProtectClient:
        return XProtectClient(
            session,
            URL(url),
            Credentials(
                username=username, password=password, authentication=authentication
            ),
            tls=tls,
            login_connector=login_connector,
            attempts=attempts,
            monotonic=clock.monotonic,
        )

    return make


@pytest.fixture
def client(sim: Simulator, connect: Connect) -> XProtectClient:
    """Return a client of the simulator that has not connected yet."""
    return connect(sim.url)


@pytest.fixture
def scripted(server: ScriptedServer, connect: Connect) -> XProtectClient:
    """Return a client of the scripted server."""
    return connect(server.url)


async def called_off(
    client: XProtectClient, clock: ManualClock
) -> asyncio.Task[object]:
    """Request a token, and cancel the request while the server delays the sign-in."""
    login = asyncio.create_task(client.authenticator.token())
    await clock.until_asleep()
    login.cancel()
    await asyncio.wait([login])
    return login


@pytest.fixture
def http(session: aiohttp.ClientSession) -> Http:
    """Return an object that sends requests."""
    return Http(session=session)
