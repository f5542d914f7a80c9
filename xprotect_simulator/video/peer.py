"""The server's end of a WebRTC session: it makes the offer and sends the video."""

import asyncio
import json
import re

from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp

from ..faults.faults import Faults
from .film import Film
from .ice import ignore_conflicts, offer_loopback

# ICE: who has the smaller one gives way in a role conflict.
_TIE_BREAKERS = {"smallest": 0, "largest": 2**64 - 1}

# The section that XProtect is believed to offer beside the video, for PTZ.
_DATA_CHANNEL = (
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\na=mid:commands\r\na=sctp-port:5000\r\n"
)

offer_loopback()


class Peer:
    """One connection; faults that are on when it is made stay with it."""

    def __init__(self, film: Film, faults: Faults) -> None:
        """Have something to send; nothing is sent before `answer`."""
        self._faults = faults
        self._connection = RTCPeerConnection()
        self._tasks: set[asyncio.Task[object]] = set()
        self._transceiver = self._connection.addTransceiver(film, direction="sendonly")
        known = RTCRtpSender.getCapabilities("video").codecs
        self._transceiver.setCodecPreferences(
            [codec for codec in known if codec.mimeType.lower() == "video/h264"]
        )

    @property
    def state(self) -> str:
        """What WebRTC calls the connection state."""
        return str(self._connection.connectionState)

    async def offer(self) -> str:
        """Make the offer; returns SDP with all candidates."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        ties = self._faults.find("video_no_conflicts")
        if ties is not None:
            transport = self._transceiver.sender.transport.transport
            ignore_conflicts(transport._connection, _TIE_BREAKERS[ties.value])  # noqa: SLF001 - nobody else has it
        sdp = self._as_wanted(self._connection.localDescription.sdp)
        if self._faults.find("video_late_candidates") is None:
            return sdp
        lines = sdp.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith("a=candidate:"))

    @property
    def candidates(self) -> list[str]:
        """The candidates as JSON, one text each."""
        sdp = self._connection.localDescription.sdp
        return [
            json.dumps({"candidate": line[2:], "sdpMid": "0", "sdpMLineIndex": 0})
            for line in sdp.splitlines()
            if line.startswith("a=candidate:")
        ]

    async def answer(self, sdp: str) -> None:
        """Take the answer and begin. Raises ValueError for what is none."""
        # The data channel is not one; whether it was refused makes no difference.
        sdp, *_ = sdp.split("m=application")
        others = asyncio.all_tasks()
        await self._connection.setRemoteDescription(
            RTCSessionDescription(sdp=sdp, type="answer")
        )
        self._tasks |= asyncio.all_tasks() - others

    async def add_candidate(self, text: str) -> None:
        """Take a candidate of the client, which is JSON. Raises ValueError."""
        row = json.loads(text)
        line = str(row.get("candidate", "")).removeprefix("candidate:")
        # Browsers hide their address behind a name that only mDNS knows.
        if not line or ".local" in line:
            return
        candidate = candidate_from_sdp(line)
        candidate.sdpMid = row.get("sdpMid")
        candidate.sdpMLineIndex = row.get("sdpMLineIndex")
        await self._connection.addIceCandidate(candidate)

    async def close(self) -> None:
        """End the connection."""
        await self._connection.close()
        # The library leaves one waiting when there was no connection yet.
        for task in self._tasks:
            task.cancel()

    def _as_wanted(self, sdp: str) -> str:
        payload = self._faults.find("video_payload")
        if payload is not None:
            used = re.findall(r"a=rtpmap:(\d+) H264", sdp)[0]
            # The offer has several; the answer names the one that is used.
            sdp = re.sub(rf"(?<=[: ]){used}(?=[ \r])", payload.value, sdp)
        if self._faults.find("video_h265") is not None:
            sdp = sdp.replace("H264/90000", "H265/90000")
        if self._faults.find("video_data_channel") is not None:
            sdp += _DATA_CHANNEL
        return sdp
