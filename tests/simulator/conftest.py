"""A running simulator with a test clock, and a client that is signed in."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from xprotect_simulator import ManualClock, Options, Simulator

from .client import Client
from .stream_client import Connector


@pytest.fixture
def clock() -> ManualClock:
    """Return the simulator's clock."""
    return ManualClock()


@pytest.fixture
async def sim(clock: ManualClock) -> AsyncIterator[Simulator]:
    """Return a quiet site of six cameras that listens."""
    options = Options(is_administrator=True)
    async with Simulator(options, clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session that opens a connection for each request."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest.fixture
def stranger(sim: Simulator, http: aiohttp.ClientSession) -> Client:
    """Return a client without a token."""
    return Client(sim=sim, http=http)


@pytest.fixture
async def client(stranger: Client) -> Client:
    """Return a client with a token of the user `demo`."""
    await stranger.sign_in()
    stranger.sim.requests.clear()
    return stranger


@pytest.fixture
async def connector(client: Client) -> AsyncIterator[Connector]:
    """Return an object that opens WebSockets with the client's token."""
    connector = Connector(sim=client.sim, http=client.http, headers=client.headers)
    yield connector
    for opened in connector.opened:
        await opened.socket.close()
