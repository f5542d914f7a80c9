"""A site with one recorder that listens, and its first camera."""

from collections.abc import AsyncIterator
import socket

import aiohttp
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    Recorder,
    XProtectClient,
)
from custom_components.xprotect_events.api.recorder_token import RecorderTokens
from xprotect_simulator import Item, ManualClock, Options, Simulator

A_GUID = "5b0b6f36-0ef2-4a7b-a08e-3f5f7b4c0a11"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session that resolves `localhost` to one address only."""
    connector = aiohttp.TCPConnector(family=socket.AF_INET)
    async with aiohttp.ClientSession(connector=connector) as given:
        yield given


@pytest.fixture
async def sim(clock: ManualClock) -> AsyncIterator[Simulator]:
    """Return a site with one recorder that listens."""
    async with Simulator(Options(recorder_port=0), clock=clock) as simulator:
        yield simulator


@pytest.fixture
def tokens(client: XProtectClient) -> RecorderTokens:
    """Return the object that requests recorder tokens."""
    return client.recorder_tokens(A_GUID)


@pytest.fixture
def recorder(
    sim: Simulator, client: XProtectClient, tokens: RecorderTokens
) -> Recorder:
    """Return the site's only recorder."""
    return client.recorder(URL(sim.recorders.all[0].url()), tokens)


@pytest.fixture
def camera(sim: Simulator) -> Item:
    """Return the first camera."""
    return sim.world.cameras[0]
