"""Live pictures through the gateway, and the gateway's errors."""

import base64
from datetime import timedelta

import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    NoPictureError,
    NotSupportedError,
    PermissionDeniedError,
    UnavailableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.conftest import Connect
from tests.api.servers import ScriptedServer
from xprotect_simulator import Item, ManualClock, Options, Simulator
from xprotect_simulator.recorders.picture import read_stamp


async def test_live_pictures_come_through_the_gateway_where_it_has_them(
    client: XProtectClient, camera: Item, clock: ManualClock
) -> None:
    """Then the recorders need not be reachable."""
    assert await client.stills.has(camera.id)
    picture = await client.stills.live_picture(camera.id, 320, 180)
    assert read_stamp(picture.jpeg).camera_id == camera.id
    assert clock.now() - picture.time < timedelta(seconds=2)


async def test_older_gateways_have_no_live_pictures(
    clock: ManualClock, connect: Connect
) -> None:
    """Their task list does not name it, and a call is refused."""
    async with Simulator(Options(has_still_task=False), clock=clock) as sim:
        client, camera = connect(sim.url), sim.world.cameras[0]
        assert not await client.stills.has(camera.id)
        with pytest.raises(NotSupportedError):
            await client.stills.live_picture(camera.id, 320, 180)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("still_empty", NoPictureError),
        ("server_error:502:path=/api/rest/v1/cameras/*", UnavailableError),
        ("forbidden:cameras", PermissionDeniedError),
        ("html", ResponseError),
    ],
)
async def test_the_gateways_problems_have_their_own_errors(
    client: XProtectClient,
    camera: Item,
    sim: Simulator,
    fault: str,
    error: type[ApiError],
) -> None:
    """A recorder that is down, a missing right, and no current frame."""
    await client.authenticator.token()
    sim.faults.enable(fault)
    with pytest.raises(error) as raised:
        await client.stills.live_picture(camera.id, 320, 180)
    assert type(raised.value) is error


async def test_large_pictures_of_the_gateway_are_decoded_outside_the_event_loop(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Like those of a recorder."""
    jpeg = b"\xff\xd8\xff" + bytes(2_000_000) + b"\xff\xd9"
    encoded = base64.b64encode(jpeg).decode()
    time = "2022-05-23T09:24:58.9130000+02:00"
    result = {"frameDateTime": time, "jpegDataAsBase64": encoded}
    server.answer_rest("POST", "cameras/x", {"result": result})
    picture = await scripted.stills.live_picture("x", 1, 1)
    assert picture.jpeg == jpeg
    assert picture.time.isoformat() == "2022-05-23T07:24:58.913000+00:00"


@pytest.mark.parametrize("key", ["id", "name"])
async def test_the_task_may_have_an_id_or_a_name(
    server: ScriptedServer, scripted: XProtectClient, key: str
) -> None:
    """The schema has names, answers have ids."""
    rows = [{key: "PtzMove"}, {key: "jpegGetLive", "displayName": "Get a picture"}]
    server.answer_rest("GET", "cameras/x", {"tasks": rows})
    assert await scripted.stills.has("x")
