"""What a client sends wrongly is refused as a server does, and costs nobody else."""

import asyncio
import json
import struct

from aiortc import RTCPeerConnection, RTCSessionDescription
import pytest

from tests.simulator.client import REST, Client
from tests.simulator.soap_client import SoapClient
from tests.simulator.stream_client import EVERYTHING, Connector
from xprotect_simulator import ManualClock, Options, Simulator, event_ids
from xprotect_simulator.happening import ledger
from xprotect_simulator.stream import connections

SESSION, CANDIDATES = f"{REST}/webRTC/session", f"{REST}/webRTC/iceCandidates"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "path",
    [f"{REST}/events", f"{REST}/eventSessions", f"{REST}/alarms", SESSION],
)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", JSON),
        (b"nonsense", JSON),
        (b"\xff\xfe", JSON),
        (b"{}", f"{JSON}; charset=nonsense"),
        (b"[" * 200_000, JSON),
    ],
    ids=["empty", "no JSON", "no UTF-8", "unknown encoding", "deep"],
)
async def test_a_body_that_cannot_be_read_is_a_bad_request(
    client: Client, path: str, body: bytes, kind: str
) -> None:
    """A 500 is the server's fault, and clients try again after it."""
    async with client.http.post(
        client.sim.url + path,
        data=body,
        headers={**client.headers, "Content-Type": kind},
    ) as response:
        assert response.status == 400
        assert (await response.json())["error"]["httpCode"] == 400


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe=%ff", FORM),
        (b"grant_type=password", f"{FORM}; charset=nonsense"),
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
    ],
    ids=["no UTF-8", "unknown encoding", "no parts", "no boundary"],
)
async def test_a_form_that_cannot_be_read_is_a_bad_request(
    stranger: Client, body: bytes, kind: str
) -> None:
    """No password was checked, so nothing counts towards a lock."""
    url = f"{stranger.sim.url}/IDP/connect/token"
    headers = {"Content-Type": kind}
    async with stranger.http.post(url, data=body, headers=headers) as response:
        assert response.status == 400
        assert await response.json() == {"error": "unsupported_grant_type"}
    assert not stranger.sim.login_attempts


@pytest.fixture
async def recorder_site(clock: ManualClock) -> Simulator:
    """Return a site whose recorder listens."""
    return Simulator(Options(recorder_port=0), clock=clock)


async def test_a_recorder_answers_wrong_calls_with_a_fault(
    recorder_site: Simulator, stranger: Client
) -> None:
    """Sizes are required, and a method is only found in XML."""
    async with recorder_site as sim:
        client = Client(sim=sim, http=stranger.http)
        await client.sign_in()
        soap = SoapClient(sim=sim, http=stranger.http)
        await soap.log_in(client.headers["Authorization"])
        recorder, camera = sim.recorders.all[0], sim.world.cameras[0].id
        for sizes in (
            {},
            {"maxWidth": 640},
            {"maxWidth": 640, "maxHeight": -1},
            {"maxWidth": 640, "maxHeight": "9" * 500},
            {"maxWidth": 640, "maxHeight": "tall"},
        ):
            answer = await soap.call(recorder, "JPEGGetLive", camera, **sizes)
            assert answer.error == ("20002", "0")
        url = recorder.url() + "RecorderCommandService/RecorderCommandService.asmx"
        for body in (b"<a", b"<?xml version='1.0' encoding='nonsense'?><a/>"):
            async with stranger.http.post(url, data=body) as response:
                assert "Error processing message" in await response.text()
        for size in (0, True, 1.5, 2**31):
            path = f"{REST}/cameras/{camera}?task=JpegGetLive"
            refused = await client.call("POST", path, {"width": 640, "height": size})
            assert refused.status == 400


async def open_session(client: Client) -> str:
    """Open a video session of the first camera."""
    camera = client.sim.world.cameras[0].id
    opened = await client.call("POST", SESSION, {"deviceId": camera})
    session_id: str = opened.body["sessionId"]
    return session_id


@pytest.mark.parametrize(
    "sdp",
    ["", 5, None, "v=0\r\n", "v=0\r\nm=video\r\n", "v=0\r\nm=video 9 X 1\r\n"],
    ids=repr,
)
async def test_an_invalid_answer_is_a_bad_request(client: Client, sdp: object) -> None:
    """The session is still there for the right one."""
    path = f"{SESSION}/{await open_session(client)}"
    body = {"answerSDP": json.dumps({"type": "answer", "sdp": sdp})}
    assert (await client.call("PATCH", path, body)).status == 400


@pytest.mark.parametrize(
    "row",
    [
        7,
        "no JSON",
        "[]",
        json.dumps({"candidate": "candidate:nonsense"}),
        json.dumps({"candidate": "candidate:1 1 udp 1 127.0.0.1 x typ host"}),
    ],
    ids=repr,
)
async def test_an_invalid_candidate_is_a_bad_request(
    client: Client, row: object
) -> None:
    """Browsers' own candidates are text with JSON inside."""
    path = f"{CANDIDATES}/{await open_session(client)}"
    assert (await client.call("POST", path, {"candidates": [row]})).status == 400


async def test_an_invalid_speed_is_a_bad_request(client: Client) -> None:
    """The video would end with its first picture."""
    node = {"playbackTime": "2026-03-02T06:00:00Z", "speed": "inf"}
    camera = client.sim.world.cameras[0].id
    body = {"deviceId": camera, "playbackTimeNode": node}
    assert (await client.call("POST", SESSION, body)).status == 400


async def test_many_sessions_may_end_while_many_clients_ask(
    client: Client, clock: ManualClock
) -> None:
    """Several viewers share a token; all of them ask when it has ended."""
    sessions = [await open_session(client) for _ in range(4)]
    client.sim.identity.revoke_tokens()
    await client.sign_in()
    answers = await asyncio.gather(
        *(client.call("GET", f"{CANDIDATES}/{one}") for one in sessions * 3)
    )
    assert {answer.status for answer in answers} == {404}
    assert len(client.sim.video) == 0
    # The simulator's own look still notices the next end.
    await open_session(client)
    client.sim.identity.revoke_tokens()
    await clock.advance(2)
    assert len(client.sim.video) == 0


async def test_a_client_that_does_not_receive_is_dropped(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for it would fill the memory; others get everything."""
    monkeypatch.setattr(connections, "MOST_EVENTS", 1_000)
    sim, camera = connector.sim, connector.sim.world.cameras[0]
    host, port = sim.options.host, sim.port
    authorization = connector.headers["Authorization"]
    _, writer = await asyncio.open_connection(host, port, limit=1)
    writer.write(
        f"GET /api/ws/events/v1 HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: {authorization}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    for command in (
        {"command": "startSession", "commandId": 0, "sessionId": "", "eventId": ""},
        {"command": "addSubscription", "commandId": 1, "filters": [EVERYTHING]},
    ):
        text = json.dumps(command).encode()
        # Masked with zeros, as the protocol requires of clients.
        length = struct.pack(">BBH", 0x81, 0x80 | 126, len(text))
        writer.write(length + bytes(4) + text)
    await sim.sockets.until(lambda: sim.sockets.commands["addSubscription"] == 1)
    other = await connector.start()
    for _ in range(200):
        if sim.sockets.open == 1:
            break
        ids = [sim.world.emit(event_ids.MOTION_STARTED, camera).id for _ in range(500)]
        assert await other.ids(500) == ids
    assert sim.sockets.open == 1
    writer.close()


async def test_events_of_a_long_storm_are_forgotten(
    client: Client, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers go on, and an event session loses nothing that it has not read."""
    monkeypatch.setattr(ledger, "KEPT", 3)
    world = client.sim.world
    session = await client.create_session()
    ids = [world.emit(event_ids.MOTION_STARTED, world.cameras[0]).id for _ in range(5)]
    assert await client.read_session(session) == ids
    for _ in range(16):
        await clock.advance(240)
        await client.sign_in()
        assert await client.read_session(session) == []
    ids.append(world.emit(event_ids.MOTION_STOPPED, world.cameras[0]).id)
    assert await client.read_session(session) == ids[5:]
    assert [event.local_id for event in world.ledger.happened] == [3, 4, 5, 6]
    stored = await client.get("events")
    assert [event["id"] for event in stored.body["array"]] == ids[2:]
    rows = (await client.call("GET", "/simulator/ledger?after=1")).body["array"]
    assert [row["localId"] for row in rows] == [3, 4, 5, 6]
    rows = (await client.call("GET", "/simulator/ledger?after=5")).body["array"]
    assert [row["localId"] for row in rows] == [6]
    assert (await client.call("GET", "/simulator/ledger?after=7")).status == 400


@pytest.mark.parametrize("number", ["1_0", " 1", "+1", "\u0661", "1.0", "0x1"])
async def test_a_number_is_written_in_plain_digits(client: Client, number: str) -> None:
    """Python reads more than a server does."""
    for resource in ("events", "alarms", "cameras"):
        assert (await client.get(resource, page=number)).status == 400


async def test_the_end_of_a_session_ends_no_request_of_others(
    client: Client, clock: ManualClock
) -> None:
    """Whoever asks while a browser connects has nothing to do with it."""
    camera = client.sim.world.cameras[0].id
    opened = await client.call("POST", SESSION, {"deviceId": camera})
    path = f"{SESSION}/{opened.body['sessionId']}"
    browser, connected = RTCPeerConnection(), asyncio.Event()
    browser.on("connectionstatechange", connected.set)
    offer = json.loads(opened.body["offerSDP"])
    await browser.setRemoteDescription(RTCSessionDescription(**offer))
    await browser.setLocalDescription(await browser.createAnswer())
    answer = {"type": "answer", "sdp": browser.localDescription.sdp}
    client.sim.faults.enable("slow:1:path=*/sites")
    answering = asyncio.create_task(
        client.call("PATCH", path, {"answerSDP": json.dumps(answer)})
    )
    others = []
    while not answering.done():
        others.append(asyncio.create_task(client.get("sites")))
        await asyncio.sleep(0)
    assert answering.result().status == 200
    while browser.connectionState != "connected":
        connected.clear()
        await connected.wait()
    assert (await client.call("DELETE", path)).status == 204
    while not all(other.done() for other in others):
        await clock.advance(1)
    assert {other.result().status for other in others} == {200}
    await browser.close()


async def test_a_host_that_is_none_is_a_bad_request(client: Client) -> None:
    """Scanners send anything; an address is made of it."""
    host, port = client.sim.options.host, client.sim.port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /api/.well-known/uris HTTP/1.1\r\nHost: x:99999\r\n\r\n")
    assert b" 400 " in await reader.readline()
    writer.close()
