"""The management server's SOAP services, and live pictures through the gateway."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from xprotect_simulator import ManualClock, Options, Simulator
from xprotect_simulator.recorders.picture import read_stamp
from xprotect_simulator.times import to_datetime

from .client import Client
from .soap_client import SoapClient

OAUTH = "/ManagementServer/ServerCommandServiceOAuth.svc"
BASIC = "/ManagementServer/ServerCommandService.svc"
ASMX = "/ServerAPI/ServerCommandService.asmx"
BY_PASSWORD = "Basic " + base64.b64encode(b"demo:demo").decode()


@pytest.fixture
async def sim(clock: ManualClock) -> AsyncIterator[Simulator]:
    """Return a site whose recorder listens."""
    async with Simulator(Options(recorder_port=0), clock=clock) as simulator:
        yield simulator


@pytest.fixture
def soap(client: Client) -> SoapClient:
    """Return a client without a token for recorders."""
    return SoapClient(sim=client.sim, http=client.http)


async def test_a_bearer_is_exchanged_for_a_recorder_token(
    soap: SoapClient, client: Client
) -> None:
    """The fields are in alphabetical order; the time has three digits."""
    answer = await soap.log_in(client.headers["Authorization"])
    assert soap.token.startswith("TOKEN#")
    assert soap.token.endswith("//ServerConnector#")
    assert answer.field("MicroSeconds") == "14400000000"
    assert answer.field("RegistrationTime") == "2026-03-02T06:00:00.000Z"
    assert answer.text.index("TimeToLive") < answer.text.index("<Token>")


@pytest.mark.parametrize("path", [BASIC, ASMX])
async def test_the_older_services_accept_a_password(
    soap: SoapClient, path: str
) -> None:
    """As used by other clients."""
    answer = await soap.log_in(BY_PASSWORD, path)
    assert answer.status == 200
    is_first = answer.text.index("<Token>") < answer.text.index("RegistrationTime")
    assert is_first is (path == ASMX)


@pytest.mark.parametrize(
    ("path", "authorization"),
    [
        (OAUTH, BY_PASSWORD),
        (OAUTH, "Bearer nonsense"),
        (BASIC, "Basic !"),
        (BASIC, "Bearer nonsense"),
        (BASIC, "Basic " + base64.b64encode(b"demo:wrong").decode()),
    ],
)
async def test_a_request_without_signing_in_gets_a_page(
    soap: SoapClient, path: str, authorization: str
) -> None:
    """The web server refuses it, not the service."""
    answer = await soap.log_in(authorization, path)
    assert (answer.status, answer.text[:15]) == (401, "<!DOCTYPE html>")


async def test_a_user_without_the_right_is_refused_in_soap(
    soap: SoapClient, client: Client, sim: Simulator
) -> None:
    """With the number that clients expect."""
    sim.faults.enable("soap_login_forbidden")
    answer = await soap.log_in(client.headers["Authorization"])
    assert answer.status == 500
    assert answer.field("faultcode") == "s:51000"
    assert "VMO61008" in answer.text


async def test_other_and_unknown_methods(
    soap: SoapClient, client: Client, sim: Simulator
) -> None:
    """A logout revokes the token."""
    await soap.log_in(client.headers["Authorization"])
    namespace = "http://videoos.net/2/XProtectCSServerCommand"
    headers = {"Authorization": client.headers["Authorization"]}
    for method, status in (("RegisterIntegration", 200), ("Logout", 200), ("No", 400)):
        body = f'<{method} xmlns="{namespace}"><token>{soap.token}</token></{method}>'
        assert (await soap.post(sim.url + OAUTH, body, headers)).status == status
    assert not sim.recorders.tokens.is_good(soap.token)


async def test_all_tokens_can_be_revoked(
    soap: SoapClient, client: Client, sim: Simulator
) -> None:
    """A restart of the management server may do that."""
    await soap.log_in(client.headers["Authorization"])
    sim.recorders.tokens.revoke()
    assert not sim.recorders.tokens.is_good(soap.token)


async def test_the_service_describes_itself(client: Client) -> None:
    """Client generators use that."""
    answer = await client.call("GET", f"{OAUTH}?singleWsdl")
    assert "LoginResponse" in answer.text


async def test_a_live_picture_comes_through_the_gateway(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """If the camera's task list has it."""
    camera = sim.world.cameras[0]
    tasks = await client.call("GET", f"/api/rest/v1/cameras/{camera.id}?tasks&noData")
    assert [task["id"] for task in tasks.body["tasks"]] == ["JpegGetLive"]
    path = f"cameras/{camera.id}?task=JpegGetLive"
    answer = await client.post(path, {"width": 640, "height": 640})
    result = answer.body["result"]
    assert result["state"] == "Success"
    assert result["frameDateTime"] == "2026-03-02T06:00:00.0000000+00:00"
    stamp = read_stamp(base64.b64decode(result["jpegDataAsBase64"]))
    assert clock.now() - to_datetime(stamp.ticks) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("task", "body"),
    [
        ("JpegGetLive", {}),
        ("JpegGetLive", {"width": 0, "height": 1}),
        ("JpegGetLive", []),
        ("Other", {"width": 1, "height": 1}),
    ],
)
async def test_invalid_sizes_are_a_400(
    client: Client, sim: Simulator, task: str, body: object
) -> None:
    """Both sizes are required."""
    path = f"cameras/{sim.world.cameras[0].id}?task={task}"
    assert (await client.post(path, body)).status == 400


async def test_a_missing_picture_of_the_gateway_has_a_status(
    client: Client, sim: Simulator
) -> None:
    """An unknown camera, a recorder that is down, and no current frame."""
    size = {"width": 640, "height": 360}
    unknown = await client.post(f"cameras/{sim.world.site.id}?task=JpegGetLive", size)
    assert unknown.status == 404
    path = f"cameras/{sim.world.cameras[0].id}?task=JpegGetLive"
    sim.faults.enable("still_empty:count=1")
    assert (await client.post(path, size)).body["result"] == {"state": "Success"}
    await sim.recorders.all[0].stop()
    assert (await client.post(path, size)).status == 502


async def test_older_servers_do_not_have_the_task(
    clock: ManualClock, client: Client
) -> None:
    """Their task list does not have it, and a call is a 400."""
    async with Simulator(Options(has_still_task=False), clock=clock) as old:
        other = Client(sim=old, http=client.http)
        await other.sign_in()
        camera = old.world.cameras[0].id
        listed = await other.call("GET", f"/api/rest/v1/cameras/{camera}?tasks")
        assert listed.body["tasks"] == []
        size = {"width": 640, "height": 360}
        refused = await other.post(f"cameras/{camera}?task=JpegGetLive", size)
        assert refused.status == 400
