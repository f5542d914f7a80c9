"""WebRTC sessions, used correctly and incorrectly by a plain client."""

import asyncio
import json

import aiohttp
import pytest

from xprotect_simulator import ManualClock, Simulator
from xprotect_simulator.times import TICKS_PER_SECOND, to_text, to_ticks
from xprotect_simulator.video import sessions
from xprotect_simulator.video.film import Film
from xprotect_simulator.video.peer import Peer
from xprotect_simulator.video.playback import Playback, Shown

from .client import Client

SESSION = "/api/rest/v1/webRTC/session"
CANDIDATES = "/api/rest/v1/webRTC/iceCandidates"


async def opened(client: Client, sim: Simulator, **body: object) -> str:
    """Open a session and return its id."""
    answer = await client.call(
        "POST", SESSION, {"deviceId": sim.world.cameras[0].id, **body}
    )
    assert answer.status == 200
    offer = json.loads(answer.body["offerSDP"])
    assert offer["type"] == "offer"
    return str(answer.body["sessionId"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"deviceId": "nobody"}, 404),
        ({}, 404),
        ([], 400),
        ({"cameraId": None}, 404),
    ],
    ids=str,
)
async def test_a_session_needs_a_camera(
    client: Client, body: object, status: int
) -> None:
    """The field name before 2023 R3 is accepted, too."""
    assert (await client.call("POST", SESSION, body)).status == status


async def test_a_moment_of_the_past_must_be_valid(
    client: Client, sim: Simulator
) -> None:
    """An invalid one is refused."""
    camera = sim.world.cameras[0].id
    for wrong in ("yesterday", "2026-11-29"):
        node = {"playbackTime": wrong}
        body = {"deviceId": camera, "playbackTimeNode": node}
        assert (await client.call("POST", SESSION, body)).status == 400
    moment = to_text(to_ticks(sim.clock.now()))
    await opened(client, sim, playbackTimeNode={"playbackTime": moment, "speed": 2})


async def test_later_requests_must_match_the_session(
    client: Client, sim: Simulator
) -> None:
    """A page that works with the simulator must work with a real server."""
    session = await opened(client, sim)
    for path, body in (
        (SESSION, {}),
        (SESSION, {"answerSDP": "no JSON"}),
        (SESSION, {"answerSDP": "{}"}),
    ):
        answer = await client.call("PATCH", f"{path}/{session}", body)
        assert answer.status == 400
    assert (await client.call("PATCH", f"{SESSION}/other", {})).status == 404
    assert (await client.call("PUT", f"{SESSION}/{session}", {})).status == 405
    path = f"{CANDIDATES}/{session}"
    assert (await client.call("POST", path, {})).status == 400
    rows = [
        json.dumps({"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0})
        for line in (
            "",
            "candidate:1 1 udp 1 name.local 5 typ host",
            "candidate:1 1 udp 1 127.0.0.1 5 typ host",
        )
    ]
    assert (await client.call("POST", path, {"candidates": rows})).status == 200
    assert (await client.call("GET", path)).body["candidates"]


@pytest.mark.parametrize(
    "fault", ["video_data_channel:shared", "video_data_channel:own"]
)
async def test_each_candidate_names_its_section_of_the_offer(
    client: Client, sim: Simulator, fault: str
) -> None:
    """The video does not come by the connection of a data channel that is refused."""
    sim.faults.enable(fault)
    body = {"deviceId": sim.world.cameras[0].id}
    session = (await client.call("POST", SESSION, body)).body
    offer = json.loads(session["offerSDP"])["sdp"]
    _, *sections = offer.split("\r\nm=")
    assert [section.split()[0] for section in sections] == ["video", "application"]
    path = f"{CANDIDATES}/{session['sessionId']}"
    rows = [
        json.loads(row) for row in (await client.call("GET", path)).body["candidates"]
    ]
    lines = [row["candidate"] for row in rows]
    assert len(lines) == len(set(lines)) > 0
    for row in rows:
        section = sections[row["sdpMLineIndex"]]
        assert f"a=mid:{row['sdpMid']}\r\n" in section
        assert f"a={row['candidate']}\r\n" in section
    is_shared = fault.endswith("shared")
    assert {row["sdpMLineIndex"] for row in rows} == ({0} if is_shared else {0, 1})


async def test_no_session_opens_while_the_simulator_stops(
    client: Client, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would end it."""
    offering, offer = asyncio.Event(), Peer.offer

    async def offer_slowly(peer: Peer) -> str:
        offering.set()
        await asyncio.sleep(0)
        return await offer(peer)

    monkeypatch.setattr(Peer, "offer", offer_slowly)
    body = {"deviceId": sim.world.cameras[0].id}
    asking = asyncio.create_task(client.call("POST", SESSION, body))
    await offering.wait()
    await sim.stop()
    await asyncio.wait([asking])
    assert len(sim.video) == 0


async def test_a_client_that_has_gone_gets_no_session(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """Nobody would ever close it."""
    sim.faults.enable("video_hangs:60")
    body = {"deviceId": sim.world.cameras[0].id}
    asking = asyncio.create_task(client.call("POST", SESSION, body))
    await clock.until_asleep()
    asking.cancel()
    await asyncio.wait([asking])
    # By then the server has noticed.
    assert (await client.call("GET", f"{CANDIDATES}/none")).status == 404
    await clock.advance(61)
    assert (await client.call("GET", f"{CANDIDATES}/none")).status == 404
    assert sim.video.opened == 0


async def test_a_session_ends_with_its_token(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """A client that continues sends the next token in time."""
    kept, lost = await opened(client, sim), await opened(client, sim)
    path = f"{SESSION}/{kept}"
    assert (await client.call("PATCH", path, {"token": "none"})).status == 401
    token = (await client.token()).body["access_token"]
    assert (await client.call("PATCH", path, {"token": token})).status == 200
    sim.identity.revoke_tokens()
    await clock.advance(2)
    assert len(sim.video) == 0
    await client.sign_in()
    assert (await client.call("GET", f"{CANDIDATES}/{lost}")).status == 404


async def test_sessions_can_be_killed(client: Client, sim: Simulator) -> None:
    """A restarted gateway does not close sessions properly."""
    session = await opened(client, sim)
    assert sim.video.states == ("new",)
    sim.faults.enable("video_killed")
    assert (await client.call("GET", f"{CANDIDATES}/{session}")).status == 404
    assert sim.video.opened == 1


async def test_a_session_may_be_slow(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """The picture is black meanwhile."""
    sim.faults.enable("video_hangs:30:count=1")
    opening = asyncio.create_task(opened(client, sim))
    while not opening.done():
        await clock.advance(10)
    assert await opening


async def test_without_the_package_there_is_no_webrtc(
    client: Client, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the simulator works without it."""
    monkeypatch.setattr(sessions, "IS_AVAILABLE", False)
    body = {"deviceId": sim.world.cameras[0].id}
    assert (await client.call("POST", SESSION, body)).status == 404


@pytest.mark.parametrize("skips_gaps", [False, True])
def test_playback_can_skip_gaps(skips_gaps: bool) -> None:
    """Otherwise nothing is sent during gaps."""
    second, gap_end = TICKS_PER_SECOND, 100 * TICKS_PER_SECOND

    def at_or_after(ticks: int) -> int | None:
        if ticks >= gap_end + 10 * second:
            return None
        return ticks if ticks < second or ticks >= gap_end else gap_end

    playback = Playback(at_or_after, 0, 1.0, skips_gaps=skips_gaps)
    assert playback.moment(0.5) == Shown(second // 2, 0.5)
    assert playback.moment(2) == (Shown(gap_end, 100) if skips_gaps else None)
    after = 4 if skips_gaps else 102
    assert playback.moment(after) == Shown(gap_end + 2 * second, 102)
    assert playback.moment(200) is None


async def test_a_track_without_a_picture_waits(sim: Simulator) -> None:
    """In a gap, and if only the connection works."""
    moments = [None, Shown(to_ticks(sim.clock.now()), 0.2)]
    parts = (sim.world.cameras[0], 0, lambda _: moments.pop(0))
    film = Film(*parts, counts_milliseconds=True, is_silent=False)
    assert (await film.recv()).pts == 200
    receiving = asyncio.ensure_future(
        Film(*parts, counts_milliseconds=False, is_silent=True).recv()
    )
    for _ in range(5):
        await asyncio.sleep(0)
    assert not receiving.done()
    receiving.cancel()


async def test_live_and_recorded_video_have_separate_rights(
    client: Client, sim: Simulator
) -> None:
    """They are separate rights."""
    user = sim.identity.user()
    user.is_administrator = False
    camera = {"deviceId": sim.world.cameras[0].id}
    node = {"playbackTime": to_text(to_ticks(sim.clock.now()))}
    recorded = camera | {"playbackTimeNode": node}
    for denied, body, other in (
        ("VIEW_LIVE", camera, recorded),
        ("PLAYBACK", recorded, camera),
    ):
        user.denied = {("cameras", denied)}
        assert (await client.call("POST", SESSION, body)).status == 403
        assert (await client.call("POST", SESSION, other)).status == 200


async def test_pages_of_other_origins_may_send_requests_if_allowed(
    sim: Simulator,
) -> None:
    """The vendor's sample page is opened from a file."""
    headers = {"Access-Control-Request-Headers": "authorization"}
    allowed = "Access-Control-Allow-Headers"
    async with aiohttp.ClientSession(sim.url) as session:
        async with session.options(SESSION, headers=headers) as answer:
            assert allowed not in answer.headers
        sim.faults.enable("cors")
        async with session.options(SESSION, headers=headers) as answer:
            assert answer.status == 204
            assert answer.headers[allowed] == "authorization"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
