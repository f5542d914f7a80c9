"""Every answer of a recorder, a gateway or a task is read or refused."""

import asyncio
from contextlib import suppress
import json
import tracemalloc
from typing import override

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    Configuration,
    EffectivePermissions,
)
from custom_components.xprotect_events.api.auth import Authenticator
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.http import MAX_SERVER_TEXT, Answer
from custom_components.xprotect_events.api.live_video import LiveVideo, VideoSession
from custom_components.xprotect_events.api.picture import MAX_ANSWER, read_picture
from custom_components.xprotect_events.api.recorder_token import MAX_LIFE, _life
from custom_components.xprotect_events.api.soap import read_result
from custom_components.xprotect_events.api.stills import Stills
from custom_components.xprotect_events.api.tasks import Tasks
from custom_components.xprotect_events.api.token import Token
from custom_components.xprotect_events.api.transport import Transport
from custom_components.xprotect_events.api.wire import clean
from tests.api.hostile import TEXTS, Ask, ask, assert_harmless, wrong
from tests.effort import tried

ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}'
    "</s:Body></s:Envelope>"
)
GET_AT = (
    '<JPEGGetAtResponse xmlns="http://videoos.net/2/XProtectCSRecorderCommand">'
    "<JPEGGetAtResult><Time>2026-03-02T06:00:00.9Z</Time><Data>/9j/2Q==</Data>"
    "</JPEGGetAtResult></JPEGGetAtResponse>"
)
FAULT = (
    "<s:Fault><faultcode>s:20001</faultcode><faultstring>No</faultstring><detail>"
    "<ErrorNumber>51000</ErrorNumber></detail></s:Fault>"
)
LOGIN = (
    '<LoginResponse xmlns="http://videoos.net/2/XProtectCSServerCommand"><LoginResult>'
    "<TimeToLive><MicroSeconds>14400000000</MicroSeconds></TimeToLive><Token>T#1</Token>"
    "</LoginResult></LoginResponse>"
)
# Texts that have broken XML parsers.
PROLOGUES = (
    "",
    '<?xml version="1.0" encoding="utf-8"?>',
    '<?xml version="1.0" encoding="utf-7"?>',
    '<?xml version="1.0" encoding="nonsense"?>',
    '<?xml version="1.0" encoding="cp1252"?>',
    '<?xml version="1.1"?>',
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    "\ufeff",
)
ELEMENTS = (
    "<a>",
    "</a>",
    "<a/>",
    "<!--",
    "<![CDATA[",
    "&b;",
    "&#0;",
    "&#xD800;",
    "<?x?>",
)
A_TIME = "2026-03-02T06:00:00.9Z"
JPEG = "/9j/2Q=="
OFFER = json.dumps({"type": "offer", "sdp": "v=0"})
CANDIDATE = json.dumps({"candidate": "candidate:1 1 udp 1 10.0.0.1 5 typ host"})
A_GUID = "623d03f8-c5d5-46bc-a2f4-4c03562d4f85"
# The range of 64 bits, which is the limit of Home Assistant's JSON.
MASKS = range(1 << 64)


class Signed(Authenticator):
    """Provides a token without any request."""

    def __init__(self) -> None:
        """Take no arguments."""

    @override
    async def token(self, *, instead_of: Token | None = None) -> Token:
        """Return the token."""
        return Token(access_token="x", given_at=0, renew_at=9e9, expires_at=9e9)


async def candidates(to: Transport) -> object:
    """Return the result of reading the candidates of an open session."""
    token = await Signed().token()
    session = VideoSession(id="x", offer="", token=token)
    return await LiveVideo(to, Signed()).candidates(session)


# Documents as in docs/protocol.md, and the functions that read them.
DOCUMENTS: dict[str, tuple[object, Ask]] = {
    "tasks": (
        {"tasks": [{"id": "Activate"}, {"name": "Trigger"}]},
        lambda to: Tasks(to).offered("outputs/x"),
    ),
    "tasks of a camera": (
        {"tasks": [{"id": "JpegGetLive"}]},
        lambda to: Stills(to).has("x"),
    ),
    "a still": (
        {"result": {"frameDateTime": A_TIME, "jpegDataAsBase64": JPEG}},
        lambda to: Stills(to).live_picture("x", 9, 9),
    ),
    "a video session": (
        {"sessionId": "1", "offerSDP": OFFER},
        lambda to: LiveVideo(to, Signed()).open("x"),
    ),
    "candidates": ({"candidates": [CANDIDATE, json.loads(CANDIDATE)]}, candidates),
    "security namespaces": (
        {
            "array": [
                {
                    "id": A_GUID,
                    "resourceTypes": "cameras",
                    "securityActions": [{"name": "READ", "securityMask": 1}],
                }
            ]
        },
        lambda to: Configuration(to).security_namespaces(),
    ),
    "permissions": (
        {
            "data": {
                "isAdministrator": False,
                "objectPermissions": [{"id": A_GUID, "mask": "9223372036854775808"}],
            }
        },
        lambda to: Configuration(to).permissions(A_GUID),
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@tried(30)
@given(data=st.data())
def test_an_answer_in_which_something_is_wrong_is_read_or_refused(
    name: str, data: st.DataObject
) -> None:
    """Every field may be anything, and what is read can be sent and stored."""
    document, how = DOCUMENTS[name]
    with suppress(ApiError):
        read = asyncio.run(ask(data.draw(wrong(document)), how))
        match read:
            case VideoSession():
                read.offer.encode()
            case EffectivePermissions():
                assert all(mask in MASKS for mask in read.masks.values())
            case _:
                assert_harmless(read)


texts = st.text(max_size=20) | st.sampled_from(TEXTS)


@st.composite
def envelopes(draw: st.DrawFn) -> bytes:
    """Return SOAP in which something is wrong: bytes, words or elements."""
    text = ENVELOPE.format(draw(st.sampled_from([GET_AT, FAULT, LOGIN])))
    text = draw(st.sampled_from(PROLOGUES)) + text
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        text = text[:start] + draw(texts | st.sampled_from(ELEMENTS)) + text[end:]
    return text.encode(draw(st.sampled_from(["utf-8", "utf-16"])), "surrogatepass")


@tried(100)
@given(
    body=envelopes() | st.binary(max_size=50),
    status=st.sampled_from([200, 302, 401, 404, 500]),
)
def test_soap_in_which_something_is_wrong_is_read_or_refused(
    body: bytes, status: int
) -> None:
    """Recorders and the management server send XML, which has its own pitfalls."""
    answer = Answer(status=status, body=body, server_time=None, retry_after=None)
    try:
        result = read_result(answer, "JPEGGetAt")
        read_picture(result.get("Time"), result.get("Data"))
    except ApiError as err:
        text = err.server_text or ""
        assert clean(text, MAX_SERVER_TEXT) == text


@tried(100)
@given(time=st.none() | texts, encoded=st.none() | texts)
def test_an_invalid_picture_is_refused(time: str | None, encoded: str | None) -> None:
    """Base64 and times are texts of the server, too."""
    with suppress(ApiError):
        assert read_picture(time, encoded).jpeg.startswith(b"\xff\xd8\xff")


@tried(100)
@given(text=texts | st.integers().map(str))
def test_the_lifetime_of_a_recorder_token_is_limited(text: str) -> None:
    """An endless token would be kept after a refusal; a huge number is invalid."""
    assert 0 < _life(text) <= MAX_LIFE


@pytest.mark.parametrize(
    "filling", [b"<a/>", b"&#60;", b"\n", b"<a>", b" x='1'"], ids=str
)
def test_no_answer_of_a_recorder_takes_more_memory_than_a_picture(
    filling: bytes,
) -> None:
    """In memory, an XML element takes twenty times its size."""
    head, tail = ENVELOPE.format("|").encode().split(b"|")
    body = head + filling * ((MAX_ANSWER - 300) // len(filling)) + tail
    answer = Answer(status=200, body=body, server_time=None, retry_after=None)
    tracemalloc.start()
    try:
        with pytest.raises(ResponseError):
            read_result(answer, "JPEGGetAt")
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()
