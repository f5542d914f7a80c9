"""Recording servers: pictures and refusals."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
import ssl

import aiohttp
import pytest

from xprotect_simulator import ManualClock, OptionError, Options, Simulator
from xprotect_simulator.recorders.listeners import Recorder
from xprotect_simulator.times import to_datetime

from .client import Client
from .soap_client import ENVELOPE, RECORDER, SoapClient, is_near

TWO_RECORDERS = Options(cameras=4, recorders=2, recorder_port=0)


@pytest.fixture
async def sim(clock: ManualClock) -> AsyncIterator[Simulator]:
    """Return a site with two recorders that listen."""
    async with Simulator(TWO_RECORDERS, clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def soap(client: Client) -> SoapClient:
    """Return a client with a token that recorders accept."""
    soap = SoapClient(sim=client.sim, http=client.http)
    await soap.log_in(client.headers["Authorization"])
    return soap


@pytest.fixture
def recorder(sim: Simulator) -> Recorder:
    """Return the recorder of the first camera."""
    return sim.recorders.of_camera(sim.world.cameras[0])


async def test_a_picture_contains_its_moment(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """So tests can check which picture they got."""
    moment = clock.now() - timedelta(minutes=7, seconds=3.4)
    camera = sim.world.cameras[0]
    answer = await soap.picture_at(recorder, camera.id.upper(), moment)
    assert answer.status == 200
    assert answer.stamp.camera_id == camera.id
    assert to_datetime(answer.stamp.ticks) == answer.time
    assert is_near(answer.time, moment)


@pytest.mark.parametrize(
    ("how", "seconds"), [("", 110), ("OrBefore", 100), ("OrAfter", 120)]
)
async def test_in_a_gap_the_nearest_picture_is_given(
    soap: SoapClient,
    recorder: Recorder,
    sim: Simulator,
    clock: ManualClock,
    how: str,
    seconds: int,
) -> None:
    """It may be far from the requested moment, so clients must compare."""
    start = clock.now() - timedelta(hours=1)
    camera = sim.world.cameras[0]
    sim.recorders.recordings.keep_only(
        camera.id,
        (start, start + timedelta(seconds=100)),
        (start + timedelta(seconds=120), start + timedelta(seconds=200)),
    )
    asked = start + timedelta(seconds=111)
    answer = await soap.picture_at(recorder, camera.id, asked, how)
    wanted = 120 if how == "" else seconds
    assert answer.time == start + timedelta(seconds=wanted)


async def test_without_a_recording_the_answer_has_no_picture(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """It is a 200 with a time in the year 1, and not an error."""
    camera = sim.world.cameras[0]
    sim.recorders.recordings.keep_only(camera.id)
    answer = await soap.picture_at(recorder, camera.id, clock.now())
    assert (answer.status, answer.field("Time")) == (200, "0001-01-01T00:00:00")
    assert answer.field("Data") == ""


async def test_the_newest_pictures_can_be_read_a_second_later(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """A client that requests it at once gets an older one."""
    camera, moment = sim.world.cameras[0], clock.now()
    early = await soap.picture_at(recorder, camera.id, moment)
    await clock.advance(2)
    late = await soap.picture_at(recorder, camera.id, moment)
    assert moment - early.time >= timedelta(seconds=1)
    assert late.time == moment


async def test_recordings_end_where_their_retention_ends(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """Then the nearest picture is the oldest."""
    camera = sim.world.cameras[0]
    answer = await soap.picture_at(
        recorder, camera.id, clock.now() - timedelta(days=90)
    )
    assert is_near(answer.time, clock.now() - timedelta(days=7))


async def test_a_live_picture_is_the_last_key_frame_in_the_wanted_size(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """Smart codecs may have only one in half a minute."""
    sim.recorders.key_frames = timedelta(seconds=30)
    await clock.advance(29)
    camera = sim.world.cameras[0]
    answer = await soap.call(
        recorder, "JPEGGetLive", camera.id, maxWidth=320, maxHeight=320
    )
    assert clock.now() - answer.time == timedelta(seconds=29)
    assert answer.jpeg[:3] == b"\xff\xd8\xff"
    assert answer.stamp.camera_id == camera.id


async def test_the_token_is_checked_before_anything_else(
    soap: SoapClient, recorder: Recorder, clock: ManualClock
) -> None:
    """A bearer, an old token and none are refused with the recorder's text."""
    good, soap.token = soap.token, ""
    assert (await soap.call(recorder, "Nonsense")).error == ("20001", "1")
    soap.token = "eyJhbGciOi"
    assert (await soap.call(recorder, "Nonsense")).error == ("20001", "2")
    soap.token = good
    assert (await soap.call(recorder, "Nonsense")).error == ("40000", "0")
    await clock.advance(timedelta(hours=4))
    assert (await soap.call(recorder, "JPEGGetAt")).error == ("20001", "2")


async def test_the_version_needs_no_token(soap: SoapClient, recorder: Recorder) -> None:
    """It is the cheapest check for a recorder."""
    soap.token = ""
    answer = await soap.call(recorder, "GetVersion")
    assert (answer.status, answer.field("GetVersionResult")) == (200, "2")


async def test_elements_with_a_prefix_are_ignored(
    soap: SoapClient, recorder: Recorder
) -> None:
    """Real recorders ignore the token of such a call."""
    body = (
        f'<r:JPEGGetLive xmlns:r="{RECORDER}"><r:token>{soap.token}</r:token>'
        "</r:JPEGGetLive>"
    )
    url = recorder.url() + "RecorderCommandService/RecorderCommandService.asmx"
    assert (await soap.post(url, body)).error == ("20001", "1")


async def test_a_camera_of_another_recorder_has_no_picture(
    soap: SoapClient, sim: Simulator, clock: ManualClock
) -> None:
    """Each recorder has its own cameras."""
    first, second = sim.world.cameras[:2]
    recorder = sim.recorders.of_camera(first)
    assert sim.recorders.of_camera(second) is not recorder
    answer = await soap.picture_at(recorder, second.id, clock.now())
    assert answer.field("Data") == ""


async def test_the_configuration_has_the_address_of_each_recorder(
    client: Client, sim: Simulator
) -> None:
    """The public address is empty without public access."""
    rows = (await client.get("recordingServers")).body["array"]
    assert [row["webServerUri"] for row in rows] == [
        one.url() for one in sim.recorders.all
    ]
    assert [row["activeWebServerUri"] for row in rows] == ["", ""]
    sim.faults.enable("recorder_names:vms.invalid:path=/recorder-02/*")
    rows = (await client.get("recordingServers")).body["array"]
    assert [row["hostName"] for row in rows] == ["127.0.0.1", "vms.invalid"]


async def test_sequences_list_the_recordings(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """With the three types of recorders."""
    camera, start = sim.world.cameras[0], clock.now() - timedelta(hours=1)
    span = (start, start + timedelta(seconds=9))
    sim.recorders.recordings.keep_only(camera.id, span)
    types = await soap.call(recorder, "SequencesGetTypes", camera.id)
    assert types.text.count("<SequenceType>") == 3
    recording = types.field("Id")
    found = await soap.call(recorder, "SequencesGet", camera.id, sequenceType=recording)
    assert found.field("TimeBegin").startswith(start.isoformat()[:19])
    unknown = await soap.call(
        recorder, "SequencesGet", camera.id, sequenceType=camera.id
    )
    assert "SequenceEntry" not in unknown.text


async def test_a_recorder_records_its_calls(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """Tests can check the limits of clients with it."""
    camera, moment = sim.world.cameras[0], clock.now()
    await soap.picture_at(recorder, camera.id, moment)
    await soap.call(recorder, "JPEGGetLive", camera.id, maxWidth=100, maxHeight=100)
    await soap.call(recorder, "JPEGGetAt", camera.id, time="yesterday")
    ledger = recorder.ledger
    assert ledger.count("JPEGGetAt", camera.id) == 2
    assert ledger.count("JPEGGetLive") == 1
    assert ledger.most_at_once == 1
    asked = ledger.calls[0].asked_ticks
    assert asked is not None
    assert to_datetime(asked) == moment


@pytest.mark.parametrize(
    ("fault", "sign"),
    [
        ("recorder_stale_token", "<SubErrorNumber>2<"),
        ("recorder_unsupported", "<ErrorNumber>40000<"),
        ("recorder_no_rights", "Access denied"),
        ("recorder_no_rights:empty", "<Time>0001-01-01T00:00:00</Time></JPEG"),
        ("recorder_empty", "<Time>0001-01-01T00:00:00</Time></JPEG"),
        ("recorder_html", "Internet Information Services"),
        ("recorder_no_jpeg", "<Data>iVBORw0KGgo"),
    ],
)
async def test_faults_of_answers(
    soap: SoapClient,
    recorder: Recorder,
    sim: Simulator,
    clock: ManualClock,
    fault: str,
    sign: str,
) -> None:
    """Each only at the recorder with the fault."""
    camera = sim.world.cameras[0]
    sim.faults.enable(f"{fault}:path=/recorder-02/*")
    well = await soap.picture_at(recorder, camera.id, clock.now())
    assert well.stamp.camera_id == camera.id
    sim.faults.enable(f"{fault}:path=/recorder-01/*")
    assert sign in (await soap.picture_at(recorder, camera.id, clock.now())).text


async def test_pictures_can_be_cut_off_or_huge(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """Neither can be shown."""
    camera = sim.world.cameras[0]
    sim.faults.enable("recorder_truncated:count=1")
    cut_off = await soap.picture_at(recorder, camera.id, clock.now())
    with pytest.raises(ValueError, match="base64"):
        _ = cut_off.jpeg
    sim.faults.enable("recorder_huge:count=1")
    huge = await soap.picture_at(recorder, camera.id, clock.now())
    assert len(huge.jpeg) > 20_000_000


@pytest.mark.parametrize("how", ["empty", "old"])
async def test_an_offline_camera_has_no_current_live_picture(
    soap: SoapClient,
    recorder: Recorder,
    sim: Simulator,
    clock: ManualClock,
    how: str,
) -> None:
    """It is uncertain which of the two answers real recorders give."""
    sim.faults.enable(f"recorder_offline:{how}")
    answer = await soap.call(
        recorder, "JPEGGetLive", sim.world.cameras[0].id, maxWidth=99, maxHeight=99
    )
    if how == "old":
        assert clock.now() - answer.time >= timedelta(hours=1)
    else:
        assert answer.field("Data") == ""


async def test_a_recorder_can_be_slow_reset_or_down(
    soap: SoapClient, recorder: Recorder, sim: Simulator, clock: ManualClock
) -> None:
    """Down, and back on the same port."""
    sim.faults.enable("recorder_slow:20:count=1")
    slow = asyncio.create_task(soap.call(recorder, "GetVersion"))
    await clock.until_asleep()
    assert not slow.done()
    await clock.advance(20)
    assert (await slow).status == 200
    sim.faults.enable("recorder_reset:count=1")
    with pytest.raises(aiohttp.ClientError):
        await soap.call(recorder, "GetVersion")
    port = recorder.port
    await recorder.stop()
    assert not recorder.is_listening
    with pytest.raises(aiohttp.ClientConnectorError):
        await soap.call(recorder, "GetVersion")
    await recorder.start()
    assert recorder.port == port
    assert (await soap.call(recorder, "GetVersion")).status == 200


async def test_invalid_calls_are_refused(
    recorder: Recorder, http: aiohttp.ClientSession
) -> None:
    """Other paths return pages, invalid envelopes faults."""
    async with http.get(recorder.url()) as response:
        assert response.status == 404
    url = recorder.url() + "recordercommandservice/recordercommandservice.asmx"
    for body in ("", "<open", "<a/>", ENVELOPE.format("<x/>"), ENVELOPE.format("")):
        async with http.post(url, data=body) as response:
            assert response.status == 500


async def test_recorders_have_certificates_of_their_own(
    clock: ManualClock, http: aiohttp.ClientSession
) -> None:
    """Trusting the server is not trusting its recorders."""
    options = Options(recorders=2, recorder_port=0, recorder_tls=True)
    async with Simulator(options, clock=clock) as sim:
        first, second = sim.recorders.all
        trusted = ssl.create_default_context(cadata=first.certificate_pem.decode())
        soap = SoapClient(sim=sim, http=http, tls=trusted)
        assert (await soap.call(first, "GetVersion")).status == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await soap.call(second, "GetVersion")
        first.replace_certificate()
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await soap.call(first, "GetVersion")


async def test_a_port_that_is_taken_is_named(sim: Simulator) -> None:
    """The error names the port."""
    taken = sim.recorders.all[0].port
    other = Simulator(Options(recorder_port=taken))
    with pytest.raises(OptionError, match=str(taken)):
        await other.start()
    await other.stop()
