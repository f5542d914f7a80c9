"""Creating the answers to two offers."""

from contextlib import suppress
import re

from hypothesis import example, given, strategies as st
import pytest

from custom_components.xprotect_events.api import Candidate
from custom_components.xprotect_events.engine.webrtc import (
    NoCredentialsError,
    NoH264Error,
    NoVideoError,
    OfferError,
    Side,
    answer_offers,
)
from tests.effort import tried


def lines(*rows: str) -> str:
    """Return a session description."""
    return "\r\n".join((*rows, ""))


# As Chromium writes it for the dialog of a camera; shortened.
BROWSER = lines(
    "v=0",
    "o=- 42 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:bUfr",
    "a=ice-pwd:browser-password",
    "a=fingerprint:sha-256 BB:BB",
    "a=setup:actpass",
    "a=mid:0",
    "a=recvonly",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 108",
    "c=IN IP4 0.0.0.0",
    "a=candidate:1 1 udp 2113937151 browser.local 50000 typ host",
    "a=ice-ufrag:bUfr",
    "a=ice-pwd:browser-password",
    "a=fingerprint:sha-256 BB:BB",
    "a=setup:actpass",
    "a=mid:1",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset",
    "a=recvonly",
    "a=rtcp-mux",
    "a=rtpmap:96 VP8/90000",
    "a=rtpmap:108 H264/90000",
    "a=fmtp:108 packetization-mode=0;profile-level-id=42001f",
    "a=rtpmap:102 H264/90000",
    "a=rtcp-fb:102 nack pli",
    "a=fmtp:102 packetization-mode=1;profile-level-id=42001f",
)
# With every possible line of a session, and a data channel.
SERVER = lines(
    "v=0",
    "o=- 75657 0 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE v d",
    "a=ice-ufrag:sUfr",
    "a=ice-pwd:server-password",
    "a=fingerprint:sha-256 AA:AA",
    "m=video 9 UDP/TLS/RTP/SAVP 99",
    "a=mid:v",
    "a=rtpmap:99 H264/90000",
    "a=fmtp:99 packetization-mode=1;profile-level-id=640028",
    "a=candidate:7 1 udp 659136 192.0.2.7 52000 typ host",
    "a=sendonly",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=mid:d",
    "a=sctp-port:5000",
)


def section(sdp: str, kind: str) -> list[str]:
    """Return the lines of the media section of a kind."""
    (found,) = [part for part in sdp.split("\r\nm=") if part.startswith(kind)]
    return found.split("\r\n")


def test_the_browser_is_connected_to_the_server() -> None:
    """It checks the server's addresses and receives a format that it offered."""
    video = section(answer_offers(BROWSER, SERVER).for_browser, "video")
    assert video[0] == "video 9 UDP/TLS/RTP/SAVPF 102"
    for line in (
        "a=ice-ufrag:sUfr",
        "a=ice-pwd:server-password",
        "a=fingerprint:sha-256 AA:AA",
        "a=setup:passive",
        "a=mid:1",
        "a=rtcp-mux",
        "a=sendonly",
        "a=rtpmap:102 H264/90000",
        "a=fmtp:102 packetization-mode=1;profile-level-id=42001f",
        "a=candidate:7 1 udp 659136 192.0.2.7 52000 typ host",
    ):
        assert line in video


def test_the_server_sends_with_the_payload_number_of_the_browser() -> None:
    """The server's own number has another meaning for the browser."""
    video = section(answer_offers(BROWSER, SERVER).for_server, "video")
    assert video[0] == "video 9 UDP/TLS/RTP/SAVP 102"
    for line in (
        "a=ice-ufrag:bUfr",
        "a=setup:active",
        "a=mid:v",
        "a=recvonly",
        "a=fmtp:102 packetization-mode=1;profile-level-id=640028",
    ):
        assert line in video


def test_the_server_does_not_learn_the_browsers_addresses() -> None:
    """It finds them by the checks, and could otherwise give up before those arrive."""
    assert "candidate" not in answer_offers(BROWSER, SERVER).for_server


def test_everything_but_the_video_is_refused() -> None:
    """There is no sound and no other data; the lines must match the offer's."""
    answers = answer_offers(BROWSER, SERVER)
    assert answers.video_mid == "1"
    audio = section(answers.for_browser, "audio")
    assert audio[0] == "audio 0 UDP/TLS/RTP/SAVPF 111"
    assert "a=ice-ufrag:sUfr" in audio
    assert "a=rtpmap:111 opus/48000/2" in audio
    channel = section(answers.for_server, "application")
    assert channel[0] == "application 0 UDP/DTLS/SCTP webrtc-datachannel"
    assert "a=group:BUNDLE 1" in answers.for_browser
    assert "a=group:BUNDLE v" in answers.for_server


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([Candidate("one", mid="v"), Candidate("two", mid="d")], ["one"]),
        ([Candidate("one", index=0), Candidate("two", index=1)], ["one"]),
        ([Candidate("one", mid="", index=1), Candidate("two")], ["two"]),
        ([Candidate("one", mid="d"), Candidate("two", mid="0")], ["one", "two"]),
        ([Candidate("one", mid="v"), Candidate("one", index=0)], ["one"]),
        ([Candidate("candidate:7 1 udp 659136 192.0.2.7 52000 typ host")], []),
    ],
    ids=["mid", "index", "no mid", "first section", "twice", "known"],
)
def test_the_browser_gets_the_later_candidates_of_the_video(
    found: list[Candidate], expected: list[str]
) -> None:
    """By those of a data channel it would connect to a peer that sends nothing."""
    assert answer_offers(BROWSER, SERVER).missing(found) == expected


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("m=video", "m=audio", NoVideoError),
        ("H264/90000", "H265/90000", NoH264Error),
        ("a=ice-ufrag", "a=x", NoCredentialsError),
        ("a=ice-pwd", "a=x", NoCredentialsError),
        ("a=fingerprint", "a=x", NoCredentialsError),
    ],
)
def test_the_error_names_what_is_missing_and_on_which_side(
    side: Side, old: str, new: str, error: type[OfferError]
) -> None:
    """A camera that sends H.265 needs another text than an old browser."""
    browser, server = BROWSER, SERVER
    if side is Side.BROWSER:
        browser = browser.replace(old, new)
    else:
        server = server.replace(old, new)
    with pytest.raises(error) as raised:
        answer_offers(browser, server)
    assert raised.value.side is side


@given(browser=st.text(max_size=500), server=st.text(max_size=500))
def test_any_text_is_read_as_an_offer_or_refused(browser: str, server: str) -> None:
    """Both come from other programs."""
    for pair in ((browser, server), (BROWSER, server), (browser, SERVER)):
        with pytest.raises(OfferError):
            answer_offers(*pair)


@given(
    st.lists(st.sampled_from((*BROWSER.split("\r\n"), "m=", "m=video", "a=mid:"))),
)
def test_a_shuffled_offer_is_answered_or_refused(rows: list[str]) -> None:
    """No order of lines may cause another error."""
    try:
        answers = answer_offers(lines(*rows), SERVER)
    except OfferError:
        return
    assert answers.for_browser.startswith("v=0\r\n")


PARTS = st.text(max_size=10) | st.sampled_from(
    [
        "\r\n",
        "\n",
        "\x85",
        "m=",
        "m=video",
        "a=mid:",
        "a=rtpmap:",
        "9" * 5_000,
        "\ud800",
    ]
)


@st.composite
def wrong(draw: st.DrawFn, right: str) -> str:
    """Return an offer in which something is wrong."""
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(right)))
        end = draw(st.integers(start, min(len(right), start + 80)))
        right = right[:start] + draw(PARTS) + right[end:]
    return right[: draw(st.integers(0, len(right)))] if draw(st.booleans()) else right


@tried(100)
@given(browser=wrong(BROWSER), server=wrong(SERVER))
@example(browser=BROWSER, server="m=")
def test_an_offer_in_which_something_is_wrong_is_answered_or_refused(
    browser: str, server: str
) -> None:
    """No answer has unexpected lines, and each can be encoded."""
    with suppress(OfferError):
        answers = answer_offers(browser, server)
        for answer in answers[:2]:
            rows = answer.split("\r\n")
            assert rows.pop() == ""
            assert all(re.match("[a-z]=", row) for row in rows)
            assert all(len(row.splitlines()) == 1 for row in rows)
