"""A viewer: a WebRTC peer that receives video as a browser does."""

import asyncio
from datetime import UTC, datetime
from typing import Self

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame

# Seconds after which a viewer gives up on a black picture.
PATIENCE = 15


class Viewer:
    """Offers to receive video, and counts the pictures."""

    def __init__(self) -> None:
        self._connection = RTCPeerConnection()
        self._connection.addTransceiver("video", direction="recvonly")
        self._frames: asyncio.Queue[VideoFrame] = asyncio.Queue()
        self._watching: asyncio.Task[None] | None = None
        self._connection.on("track", self._watch)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
        await self._connection.close()

    async def offer(self) -> str:
        """Return the offer, as a browser makes it."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def answer(self, sdp: str) -> None:
        """Take the answer."""
        await self._connection.setRemoteDescription(
            RTCSessionDescription(sdp=sdp, type="answer")
        )

    async def add_candidate(self, line: str, mid: str) -> None:
        """Take an address of the other side."""
        candidate = candidate_from_sdp(line.removeprefix("candidate:"))
        candidate.sdpMid = mid
        await self._connection.addIceCandidate(candidate)

    async def picture(self) -> VideoFrame:
        """Wait for the next picture."""
        async with asyncio.timeout(PATIENCE):
            return await self._frames.get()

    async def moment(self) -> datetime:
        """Wait for the next picture, and return the moment in it."""
        image = (await self.picture()).to_image().convert("L")
        bits = "".join(
            "1"
            if image.getpixel((image.width - 4 * left + 2, image.height - 2)) > 127
            else "0"
            for left in range(40, 0, -1)
        )
        return datetime.fromtimestamp(int(bits, 2) / 5, UTC)

    def _watch(self, track: MediaStreamTrack) -> None:
        async def watch() -> None:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self._frames.put_nowait(frame)

        self._watching = asyncio.create_task(watch())
