"""Still pictures of recording servers: their moments, and the errors."""

import base64
from datetime import timedelta
import ssl

import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    AnswerTooLargeError,
    ApiError,
    CertificateError,
    CredentialsRefusedError,
    NoPictureError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    Picture,
    Recorder,
    RecorderRefusedError,
    RecorderTokenRefusedError,
    UnavailableError,
    UnreachableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.conftest import Connect
from tests.api.pictures.conftest import A_GUID
from tests.api.servers import ScriptedServer
from xprotect_simulator import Item, ManualClock, Options, Simulator
from xprotect_simulator.recorders.picture import read_stamp
from xprotect_simulator.times import to_datetime

LOGIN = "/ManagementServer/ServerCommandServiceOAuth.svc"

ASMX = "/RecorderCommandService/RecorderCommandService.asmx"

ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}'
    "</s:Body></s:Envelope>"
)

GOOD_LOGIN = (
    '<LoginResponse xmlns="http://videoos.net/2/XProtectCSServerCommand"><LoginResult>'
    "<RegistrationTime>2026-03-02T06:00:00.9Z</RegistrationTime><TimeToLive>"
    "<MicroSeconds>{}</MicroSeconds></TimeToLive><Token>TOKEN#1</Token></LoginResult>"
    "</LoginResponse>"
)


def logins(sim: Simulator) -> int:
    """Return the number of requests for a recorder token."""
    return sum(request.path == LOGIN for request in sim.requests)


def check(picture: Picture, camera: Item) -> None:
    """Compare the fields of an answer with the picture in it."""
    stamp = read_stamp(picture.jpeg)
    assert stamp.camera_id == camera.id
    assert to_datetime(stamp.ticks) == picture.time


async def test_the_picture_of_a_moment_is_nearest_to_it(
    recorder: Recorder, camera: Item, clock: ManualClock
) -> None:
    """Its time is returned, too, so that a gap can be detected."""
    moment = clock.now() - timedelta(minutes=5)
    picture = await recorder.picture_at(camera.id, moment)
    check(picture, camera)
    assert abs(picture.time - moment) <= timedelta(seconds=0.2)
    assert "jpeg" not in repr(picture)


async def test_a_live_picture_is_the_last_key_frame(
    recorder: Recorder, camera: Item, clock: ManualClock
) -> None:
    """It is never larger than requested."""
    picture = await recorder.live_picture(camera.id, 320, 180)
    check(picture, camera)
    assert timedelta() <= clock.now() - picture.time < timedelta(seconds=2)


async def test_one_token_serves_until_most_of_its_life_is_over(
    recorder: Recorder, camera: Item, sim: Simulator, clock: ManualClock
) -> None:
    """A login for each picture would be another request for each."""
    sim.recorders.tokens.life = timedelta(seconds=60)
    await recorder.live_picture(camera.id, 320, 180)
    await clock.advance(47)
    await recorder.live_picture(camera.id, 320, 180)
    assert logins(sim) == 1
    await clock.advance(2)
    await recorder.live_picture(camera.id, 320, 180)
    assert logins(sim) == 2


async def test_a_stale_token_is_replaced_and_the_call_repeated(
    recorder: Recorder, camera: Item, sim: Simulator
) -> None:
    """A restart of the management server must not cost a picture."""
    await recorder.live_picture(camera.id, 320, 180)
    sim.recorders.tokens.revoke()
    check(await recorder.live_picture(camera.id, 320, 180), camera)
    assert logins(sim) == 2


async def test_a_recorder_that_refuses_every_token_gets_two_requests(
    recorder: Recorder, camera: Item, sim: Simulator
) -> None:
    """A second token may work, but a third would be refused as well."""
    sim.faults.enable("recorder_stale_token:count=9")
    with pytest.raises(RecorderTokenRefusedError):
        await recorder.live_picture(camera.id, 320, 180)
    assert sim.recorders.all[0].ledger.count("JPEGGetLive") == 2


async def test_a_bearer_that_is_refused_is_renewed_once(
    recorder: Recorder, camera: Item, sim: Simulator
) -> None:
    """It may have expired meanwhile."""
    await recorder.live_picture(camera.id, 320, 180)
    sim.recorders.tokens.revoke()
    sim.identity.revoke_tokens()
    check(await recorder.live_picture(camera.id, 320, 180), camera)


async def test_a_refused_password_has_its_own_error(
    connect: Connect, sim: Simulator
) -> None:
    """It must open the form for a new password."""
    client = connect(sim.url, password="wrong")
    with pytest.raises(CredentialsRefusedError):
        await client.recorder_tokens(A_GUID).token()


async def test_a_recorder_can_be_probed_without_a_token(
    recorder: Recorder, sim: Simulator
) -> None:
    """So the form can tell network problems from missing rights."""
    await recorder.probe()
    assert logins(sim) == 0
    sim.faults.enable("recorder_html")
    with pytest.raises(ResponseError):
        await recorder.probe()
    await sim.recorders.all[0].stop()
    with pytest.raises(UnreachableError):
        await recorder.probe()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("recorder_unsupported", NotSupportedError),
        ("recorder_no_rights", RecorderRefusedError),
        ("recorder_no_rights:empty", NoPictureError),
        ("recorder_empty", NoPictureError),
        ("recorder_offline", NoPictureError),
        ("recorder_html", ResponseError),
        ("recorder_no_jpeg", ResponseError),
        ("recorder_truncated", ResponseError),
        ("recorder_huge", AnswerTooLargeError),
        ("recorder_reset", UnreachableError),
        ("soap_login_forbidden", PermissionDeniedError),
        ("server_error:503:path=/managementserver/*", UnavailableError),
        ("gateway_missing:path=/managementserver/*", NotSupportedError),
    ],
)
async def test_each_problem_has_its_own_error(
    recorder: Recorder,
    camera: Item,
    sim: Simulator,
    fault: str,
    error: type[ApiError],
) -> None:
    """The viewer needs a text that says what to do."""
    sim.faults.enable(fault)
    with pytest.raises(error) as raised:
        await recorder.live_picture(camera.id, 320, 180)
    assert type(raised.value) is error
    assert "TOKEN" not in str(raised.value)


async def test_a_recorders_certificate_is_checked_by_its_own_name(
    clock: ManualClock, connect: Connect
) -> None:
    """Even if an address was entered because the name does not resolve."""
    options = Options(
        recorder_port=0, recorder_tls=True, recorder_host="recorder.example"
    )
    async with Simulator(options, clock=clock) as sim:
        client, (there,) = connect(sim.url), sim.recorders.all
        tokens = client.recorder_tokens(A_GUID)
        trusting = ssl.create_default_context(cadata=there.certificate_pem.decode())
        named = URL(there.url("127.0.0.1"))
        await client.recorder(named, tokens, tls=trusting).probe()
        with pytest.raises(CertificateError):
            await client.recorder(named, tokens).probe()
        with pytest.raises(CertificateError):
            await client.recorder(
                named, tokens, tls=trusting, server_hostname="other.example"
            ).probe()
        await client.recorder(
            named, tokens, tls=trusting, server_hostname="recorder.example"
        ).probe()


async def test_large_pictures_are_decoded_outside_the_event_loop(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Other tasks continue meanwhile."""
    jpeg = b"\xff\xd8\xff" + bytes(2_000_000) + b"\xff\xd9"
    encoded = base64.b64encode(jpeg).decode()
    server.answer("POST", LOGIN, ENVELOPE.format(GOOD_LOGIN.format(1)).encode())
    server.answer(
        "POST",
        ASMX,
        ENVELOPE.format(
            "<JPEGGetLiveResponse><JPEGGetLiveResult><Time>2026-03-02T06:00:00Z</Time>"
            f"<Data>{encoded}</Data></JPEGGetLiveResult></JPEGGetLiveResponse>"
        ).encode(),
    )
    tokens = scripted.recorder_tokens(A_GUID)
    recorder = scripted.recorder(URL(server.url), tokens)
    assert (await recorder.live_picture("x", 1, 1)).jpeg == jpeg


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", ResponseError),
        ("<open", ResponseError),
        ("<a/>", ResponseError),
        (ENVELOPE.format(""), ResponseError),
        (ENVELOPE.format("<JPEGGetAtResponse/>"), ResponseError),
        (ENVELOPE.format("<JPEGGetLiveResponse/>"), ResponseError),
        (
            '<!DOCTYPE s [<!ENTITY a "b">]>' + ENVELOPE.format("<x>&a;</x>"),
            ResponseError,
        ),
        (
            ENVELOPE.format(
                "<JPEGGetLiveResponse><JPEGGetLiveResult><Data>/9j/2Q==</Data>"
                "</JPEGGetLiveResult></JPEGGetLiveResponse>"
            ),
            ResponseError,
        ),
        (ENVELOPE.format("<s:Fault><faultcode>s:x</faultcode></s:Fault>"), ApiError),
    ],
    ids=[
        "nothing",
        "half a document",
        "another document",
        "empty envelope",
        "another answer",
        "no result",
        "a document type",
        "no time",
        "an unknown fault",
    ],
)
async def test_an_answer_that_no_recorder_sends_is_an_error(
    server: ScriptedServer, scripted: XProtectClient, body: str, error: type[ApiError]
) -> None:
    """No answer may raise anything but an `ApiError`."""
    server.answer("POST", LOGIN, ENVELOPE.format(GOOD_LOGIN.format(1)).encode())
    server.answer("POST", ASMX, body.encode())
    tokens = scripted.recorder_tokens(A_GUID)
    with pytest.raises(error):
        await scripted.recorder(URL(server.url), tokens).live_picture("x", 1, 1)


async def test_another_soap_service_is_not_a_recorder(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The version of a recorder is a number."""
    body = "<GetVersionResult>new</GetVersionResult>"
    body = f"<GetVersionResponse>{body}</GetVersionResponse>"
    server.answer("POST", ASMX, ENVELOPE.format(body).encode())
    tokens = scripted.recorder_tokens(A_GUID)
    with pytest.raises(ResponseError):
        await scripted.recorder(URL(server.url), tokens).probe()


async def test_an_html_error_page_raises_the_error_of_its_status(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """A recorder behind a proxy that is down, or nothing of that name."""
    server.answer("POST", LOGIN, ENVELOPE.format(GOOD_LOGIN.format("x")).encode())
    recorder = scripted.recorder(URL(server.url), scripted.recorder_tokens(A_GUID))
    with pytest.raises(NotFoundError):
        await recorder.live_picture("x", 1, 1)
    server.answer("POST", ASMX, ENVELOPE.format("").encode(), status=503)
    with pytest.raises(UnavailableError):
        await recorder.live_picture("x", 1, 1)


@pytest.mark.parametrize("life", ["0", "-5", "soon", "99999999999999999999"])
async def test_an_invalid_lifetime_of_a_token_becomes_a_short_one(
    server: ScriptedServer, scripted: XProtectClient, clock: ManualClock, life: str
) -> None:
    """It must cause neither a login for each picture nor an endless token."""
    server.answer("POST", LOGIN, ENVELOPE.format(GOOD_LOGIN.format(life)).encode())
    tokens = scripted.recorder_tokens(A_GUID)
    await tokens.token()
    await clock.advance(60)
    await tokens.token()
    assert server.paths("POST").count(LOGIN) == 1
    await clock.advance(timedelta(days=2))
    await tokens.token()
    assert server.paths("POST").count(LOGIN) == 2


async def test_a_login_without_a_token_is_an_error(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The recorder would refuse an empty token with a less helpful error."""
    empty = GOOD_LOGIN.replace("TOKEN#1", "").format(1)
    server.answer("POST", LOGIN, ENVELOPE.format(empty).encode())
    with pytest.raises(ResponseError):
        await scripted.recorder_tokens(A_GUID).token()


@pytest.mark.parametrize(
    "named", ["http://other.example", "", "https://[", "https://127.0.0.1:1"]
)
async def test_the_bearer_is_not_sent_unencrypted_to_another_host(
    server: ScriptedServer, scripted: XProtectClient, named: str
) -> None:
    """Nor to a host that neither XProtect nor the options contain."""
    uris = {"ProductVersion": "25.3", "SecureManagementServer": named}
    server.answer("GET", "/api/.well-known/uris", uris)
    with pytest.raises(NotSupportedError):
        await scripted.recorder_tokens(A_GUID).token()
    assert server.paths("POST").count(LOGIN) == 1


async def test_a_management_server_on_another_host_is_found(
    clock: ManualClock, server: ScriptedServer, connect: Connect
) -> None:
    """The gateway may run on a separate host, and returns the other one."""
    async with Simulator(Options(tls=True), clock=clock) as sim:
        trusting = ssl.create_default_context(cadata=sim.certificate_pem.decode())
        client = connect(server.url, tls=trusting)
        named = str(URL(sim.url).with_host("localhost"))
        uris = {"ProductVersion": "25.3", "SecureManagementServer": named}
        server.answer("GET", "/api/.well-known/uris", uris)
        token = sim.identity.sign_in("demo", "demo")
        server.answer_sign_in({"access_token": token, "expires_in": 3600})
        tokens = client.recorder_tokens(A_GUID)
        first = await tokens.token()
        assert await tokens.token(instead_of=first) != first
        assert server.paths("POST").count(LOGIN) == 1
        sim.faults.enable("gateway_missing:path=/managementserver/*")
        with pytest.raises(NotSupportedError):
            await client.recorder_tokens(A_GUID).token()
