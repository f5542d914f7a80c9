"""The answers of a gateway to requests for live video."""

import json

import pytest

from custom_components.xprotect_events.api import Candidate
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.conftest import Connect
from tests.api.servers import ScriptedServer

OFFER = json.dumps({"type": "offer", "sdp": "v=0"})


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"sessionId": "1"},
        {"sessionId": "1", "offerSDP": "no JSON"},
        {"sessionId": "1", "offerSDP": '{"type": "offer"}'},
        {"sessionId": "1", "offerSDP": "[]"},
        {"sessionId": "../../sites", "offerSDP": OFFER},
        {"offerSDP": OFFER},
    ],
    ids=str,
)
async def test_an_answer_without_an_offer_is_an_error(
    server: ScriptedServer, connect: Connect, reply: dict[str, str]
) -> None:
    """Otherwise the dialog would wait for ever."""
    server.answer_rest("POST", "webRTC/session", reply)
    client = connect(server.url)
    with pytest.raises(ResponseError):
        await client.video.answer(await client.video.open("camera"), "v=0")


async def test_a_session_whose_offer_cannot_be_read_is_closed(
    server: ScriptedServer, connect: Connect
) -> None:
    """Otherwise each view of the camera would leave one at the gateway."""
    reply = {"sessionId": "1", "offerSDP": "no JSON"}
    server.answer_rest("POST", "webRTC/session", reply)
    server.answer_rest("DELETE", "webRTC/session/1", status=204)
    with pytest.raises(ResponseError):
        await connect(server.url).video.open("camera")
    last = server.received[-1]
    assert (last.method, last.path) == ("DELETE", "/api/rest/v1/webRTC/session/1")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (['{"candidate": "candidate:1"}'], (Candidate("candidate:1"),)),
        ([{"candidate": "candidate:1"}], (Candidate("candidate:1"),)),
        (
            [{"candidate": "candidate:1", "sdpMid": "v", "sdpMLineIndex": 2}],
            (Candidate("candidate:1", mid="v", index=2),),
        ),
        (
            [{"candidate": "candidate:1", "sdpMid": 0, "sdpMLineIndex": "2"}],
            (Candidate("candidate:1"),),
        ),
        (["no JSON", '{"candidate": ""}', "[]", 7, None], ()),
        (['{"candidate": "candidate:1\\r\\na=evil"}'], ()),
    ],
    ids=["as text", "as object", "section", "no section", "nonsense", "two lines"],
)
async def test_candidates_are_read_one_by_one(
    server: ScriptedServer,
    connect: Connect,
    rows: list[object],
    expected: tuple[Candidate, ...],
) -> None:
    """One that cannot be read must not hide the others."""
    session = {"sessionId": "1", "offerSDP": OFFER}
    server.answer_rest("POST", "webRTC/session", session)
    server.answer_rest("GET", "webRTC/iceCandidates/1", {"candidates": rows})
    client = connect(server.url)
    opened = await client.video.open("camera")
    assert await client.video.candidates(opened) == expected
