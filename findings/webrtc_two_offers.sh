#!/usr/bin/env bash
# What one expects: WebRTC needs an offer and an answer. Two peers that have both made an
# offer (XProtect's gateway and Home Assistant's frontend do) cannot connect without a
# media server between them.
# What happens: each peer accepts an answer that is derived from the other peer's offer as
# text: credentials and candidates of the other peer, reversed setup roles, one common
# payload number. Both take the controlling role of ICE, which resolves that conflict by
# itself, and the video flows directly.
# Loopback only: the test needs no network.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install aiortc==1.16.0 aioice==0.13.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from importlib.metadata import version
import re

from aioice import ice
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import VideoStreamTrack

# Loopback only: the test needs no network.
ice.get_host_addresses = lambda **_: ["127.0.0.1"]


def written_from(other: str, own: str, setup: str, direction: str) -> str:
    """Write an answer to `own` that leads to whoever made the offer `other`."""

    def lines(pattern: str, sdp: str) -> list[str]:
        return [line for line in sdp.splitlines() if re.match(pattern, line)]

    (number,) = re.findall(r"a=rtpmap:(\d+) H264", own)[:1]
    return "\r\n".join(
        [
            *("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"),
            *(f"m=video 9 UDP/TLS/RTP/SAVPF {number}", "c=IN IP4 0.0.0.0", "a=mid:0"),
            *lines("a=(ice-|fingerprint:sha-256|candidate)", other),
            *(f"a=setup:{setup}", f"a={direction}", "a=rtcp-mux"),
            *lines(f"a=(rtpmap|fmtp):{number} ", own),
            "",
        ]
    )


async def main() -> None:
    sender, viewer = RTCPeerConnection(), RTCPeerConnection()
    sender.addTrack(VideoStreamTrack())
    viewer.addTransceiver("video", direction="recvonly")
    first_picture: asyncio.Future = asyncio.get_running_loop().create_future()
    tasks = []

    @viewer.on("track")
    def received(track) -> None:
        async def read() -> None:
            first_picture.set_result(await track.recv())

        tasks.append(asyncio.ensure_future(read()))

    for side in (sender, viewer):
        await side.setLocalDescription(await side.createOffer())
    offers = sender.localDescription.sdp, viewer.localDescription.sdp
    for side, sdp in (
        (viewer, written_from(offers[0], offers[1], "passive", "sendonly")),
        (sender, written_from(offers[1], offers[0], "active", "recvonly")),
    ):
        await side.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    async with asyncio.timeout(20):
        picture = await first_picture
    print(f"aiortc {version('aiortc')}, aioice {version('aioice')}")
    print(f"two offers, no answer of either side: picture of {picture.width}x{picture.height}")
    assert (picture.width, picture.height) == (640, 480), "the behaviour has changed"
    await asyncio.gather(sender.close(), viewer.close())


asyncio.run(main())
PYTHON
