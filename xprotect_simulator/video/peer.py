"""The server's side of a WebRTC session, which makes the offer and sends video."""

import asyncio
from collections.abc import Iterator
import contextlib
from contextvars import ContextVar
import json
import re

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.sdp import candidate_from_sdp

from ..faults.faults import Fault, Faults
from .clock import begin_at_zero
from .film import Film
from .ice import ignore_conflicts, offer_loopback

# The connection for which the library starts tasks, which inherit this.
_answered: ContextVar[Peer] = ContextVar("answered")

# What aiortc and the reading of JSON raise for what is no answer or no candidate, and
# for a second answer.
_UNREADABLE = (
    AssertionError,
    AttributeError,
    InvalidStateError,
    LookupError,
    OperationError,
    RecursionError,
    TypeError,
)

# ICE: the side with the smaller tie-breaker changes its role in a conflict.
_TIE_BREAKERS = {"smallest": 0, "largest": 2**64 - 1}

offer_loopback()


class Peer:
    """One connection; it keeps the faults that are on when it is created."""

    def __init__(self, film: Film, faults: Faults) -> None:
        """Prepare to send `film`, which begins after `answer`."""
        self._faults = faults
        channel = faults.find("video_data_channel")
        self._connection = RTCPeerConnection(_configuration(channel))
        self._tasks: set[asyncio.Task[object]] = set()
        self._transceiver = self._connection.addTransceiver(film, direction="sendonly")
        if channel is not None:
            # XProtect probably offers one beside the video, for PTZ.
            self._connection.createDataChannel("commands", protocol="videoos-commands")
        known = RTCRtpSender.getCapabilities("video").codecs
        self._transceiver.setCodecPreferences(
            [codec for codec in known if codec.mimeType.lower() == "video/h264"]
        )

    @property
    def state(self) -> str:
        """The connection state of WebRTC."""
        return str(self._connection.connectionState)

    async def offer(self) -> str:
        """Return the offer, as SDP with all candidates."""
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
        """The candidates, each as JSON text, with the media section that it is of."""
        sdp = self._connection.localDescription.sdp
        found: dict[str, str] = {}
        for index, section in enumerate(sdp.split("\r\nm=")[1:]):
            (mid,) = re.findall(r"^a=mid:(\S+)", section, re.MULTILINE)
            for line in re.findall(r"^a=(candidate:.*\S)", section, re.MULTILINE):
                row = {"candidate": line, "sdpMid": mid, "sdpMLineIndex": index}
                # Sections with the same connection have the same candidates.
                found.setdefault(line, json.dumps(row))
        return list(found.values())

    async def answer(self, text: str) -> None:
        """Take the answer, as JSON text, and start. Raises ValueError."""
        begin_at_zero(is_wanted=self._faults.find("video_milliseconds") is not None)
        answered = _answered.set(self)
        try:
            with _refused():
                sdp = str(json.loads(text)["sdp"])
                await self._connection.setRemoteDescription(
                    RTCSessionDescription(sdp=sdp, type="answer")
                )
        finally:
            _answered.reset(answered)
        # Other tasks that were started meanwhile are not those of this connection.
        self._tasks |= {
            task
            for task in asyncio.all_tasks()
            if task.get_context().get(_answered) is self
        }

    async def add_candidate(self, text: object) -> None:
        """Add a candidate of the client, as JSON text. Raises ValueError."""
        with _refused():
            row = json.loads(str(text))
            line = str(row.get("candidate", "")).removeprefix("candidate:")
            # Browsers may send an mDNS name instead of their address.
            if not line or ".local" in line:
                return
            candidate = candidate_from_sdp(line)
            candidate.sdpMid = row.get("sdpMid")
            candidate.sdpMLineIndex = row.get("sdpMLineIndex")
            await self._connection.addIceCandidate(candidate)

    async def vanish(self) -> None:
        """Stop without telling the other side, like a program that crashes."""
        await self._transceiver.sender.transport.transport.stop()
        await self.close()

    async def close(self) -> None:
        """End the connection."""
        await self._connection.close()
        # The library does not end one of its tasks if there was no connection.
        for task in self._tasks:
            task.cancel()

    def _as_wanted(self, sdp: str) -> str:
        payload = self._faults.find("video_payload")
        if payload is not None:
            used = re.findall(r"a=rtpmap:(\d+) H264", sdp)[0]
            # The offer has several H.264 formats; the first one is used.
            sdp = re.sub(rf"(?<=[: ]){used}(?=[ \r])", payload.value, sdp)
        if self._faults.find("video_h265") is not None:
            sdp = sdp.replace("H264/90000", "H265/90000")
        return sdp


def _configuration(channel: Fault | None) -> RTCConfiguration:
    """Return the settings of a connection, which asks no other server for addresses."""
    is_own = channel is not None and channel.value == "own"
    # XProtect probably has one connection for all that it offers.
    policy = RTCBundlePolicy.BALANCED if is_own else RTCBundlePolicy.MAX_BUNDLE
    return RTCConfiguration(iceServers=[], bundlePolicy=policy)


@contextlib.contextmanager
def _refused() -> Iterator[None]:
    """Raise ValueError for whatever the client has sent wrongly."""
    try:
        yield
    except _UNREADABLE as error:
        raise ValueError(str(error)) from error
