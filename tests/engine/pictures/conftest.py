"""A site with two recorders, and a client that fetches their pictures."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    Authentication,
    Credentials,
    XProtectClient,
)
from custom_components.xprotect_events.engine.breaker import Breaker
from custom_components.xprotect_events.engine.picture_limits import (
    RecorderLimit,
    SiteLimit,
)
from custom_components.xprotect_events.engine.pictures import Pictures
from custom_components.xprotect_events.engine.recorder_way import RecorderWay
from custom_components.xprotect_events.engine.shot import (
    Shot,
)
from xprotect_simulator import Item, ManualClock, Options, Simulator
from xprotect_simulator.recorders.listeners import Recorder
from xprotect_simulator.recorders.picture import read_stamp
from xprotect_simulator.times import to_datetime

A_GUID = "5b0b6f36-0ef2-4a7b-a08e-3f5f7b4c0a11"


@pytest.fixture
def clock() -> ManualClock:
    """Return the clock of the site and of the test."""
    return ManualClock()


@pytest.fixture
def options() -> Options:
    """Return a site with two recorders and no pictures by the gateway."""
    return Options(cameras=4, recorders=2, recorder_port=0, has_still_task=False)


@pytest.fixture
async def sim(clock: ManualClock, options: Options) -> AsyncIterator[Simulator]:
    """Return the site."""
    async with Simulator(options, clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Return the HTTP session of the client."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(
    sim: Simulator, clock: ManualClock, http: aiohttp.ClientSession
) -> XProtectClient:
    """Return a client that has not connected yet."""
    credentials = Credentials(
        username="demo", password="demo", authentication=Authentication.BASIC
    )
    return XProtectClient(http, URL(sim.url), credentials, monotonic=clock.monotonic)


@pytest.fixture
def ways(
    sim: Simulator, clock: ManualClock, client: XProtectClient
) -> dict[str, RecorderWay]:
    """Return the ways to the recorders, by camera."""
    tokens = client.recorder_tokens(A_GUID)
    site = SiteLimit()
    found = {
        recorder.item.id: RecorderWay(
            recorder.item.name,
            (client.recorder(URL(recorder.url()), tokens),),
            tokens.token,
            RecorderLimit(site, clock.monotonic, clock.sleep),
            Breaker(clock.monotonic),
        )
        for recorder in sim.recorders.all
    }
    return {
        camera.id: found[sim.recorders.of_camera(camera).item.id]
        for camera in sim.world.cameras
    }


@pytest.fixture
def pictures(
    clock: ManualClock, client: XProtectClient, ways: dict[str, RecorderWay]
) -> Pictures:
    """Return the object that fetches pictures."""
    return Pictures(
        stills=client.stills,
        find_way=ways.get,
        server_now=clock.now,
        monotonic=clock.monotonic,
        spawn=lambda work, name: asyncio.create_task(work, name=name),
        sleep=clock.sleep,
    )


@pytest.fixture
def camera(sim: Simulator) -> Item:
    """Return the first camera."""
    return sim.world.cameras[0]


@pytest.fixture
def recorder(sim: Simulator, camera: Item) -> Recorder:
    """Return the recorder of the first camera."""
    return sim.recorders.of_camera(camera)


def shown(shot: Shot, camera: Item) -> datetime:
    """Return the moment in a picture; fail if it is of another camera."""
    stamp = read_stamp(shot.picture.jpeg)
    assert stamp.camera_id == camera.id
    assert to_datetime(stamp.ticks) == shot.picture.time
    return shot.picture.time


async def while_time_passes[T](clock: ManualClock, task: asyncio.Task[T]) -> T:
    """Let time pass until a task is done."""
    while not task.done():
        sleeping = asyncio.create_task(clock.until_asleep())
        await asyncio.wait((task, sleeping), return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        if not task.done():
            await clock.advance(0.5)
    return task.result()
