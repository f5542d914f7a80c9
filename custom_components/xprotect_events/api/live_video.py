"""WebRTC sessions at the API Gateway, by REST (protocol §12.1).

Session descriptions (with addresses and fingerprints) are never logged.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
import json
import re

from .auth import Authenticator
from .errors import ApiError, NotFoundError, ResponseError
from .filters import format_time
from .token import Token
from .transport import Transport
from .wire import Json, as_array, as_object, identifier

# Seconds. The gateway needs the recorder, and the viewer waits for a picture.
VIDEO_TIMEOUT = 8.0
# Seconds. The gateway also ends a session when the browser is gone.
SESSION_CLOSE_TIMEOUT = 3.0
# The most candidates; a gateway has one or two for each network and protocol.
MAX_CANDIDATES = 100
# Characters. Candidates have about 100.
MAX_CANDIDATE = 1_000

_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """A STUN or TURN server that the gateway may use as well."""

    url: str
    username: str | None = None
    credential: str | None = field(default=None, repr=False)

    def to_wire(self) -> Json:
        """Write a row of `iceServers`."""
        row: dict[str, Json] = {"url": self.url}
        if self.username is not None:
            row |= {"username": self.username, "credential": self.credential}
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSession:
    """A session at the gateway, with the gateway's offer."""

    id: str
    offer: str = field(repr=False)
    # The gateway ends the session when this token does.
    token: Token = field(repr=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address of the gateway: a `candidate` line, and the section that it is of.

    The section is named by its `mid` and counted by its `index` in the offer.
    """

    line: str
    mid: str | None = None
    index: int | None = None

    def is_of(self, mid: str, index: int) -> bool:
        """Return whether it may be of a section; the `mid` decides, if there is one."""
        return self.mid == mid if self.mid else self.index in (None, index)


class LiveVideo:
    """Opens, answers, renews and closes sessions. Methods may raise any `ApiError`."""

    def __init__(self, transport: Transport, authenticator: Authenticator) -> None:
        self._transport = transport
        self._authenticator = authenticator

    async def open(
        self,
        camera_id: str,
        *,
        ice_servers: Sequence[IceServer] = (),
        since: datetime | None = None,
    ) -> VideoSession:
        """Request a session with the gateway's offer for a camera's live video.

        With `since` the video is the recorded one from that time on, at normal speed;
        gaps in the recording are not skipped.
        """
        body: dict[str, Json] = {
            "deviceId": camera_id,
            "includeAudio": False,
            "iceServers": [server.to_wire() for server in ice_servers],
        }
        if since is not None:
            body["playbackTimeNode"] = {
                "playbackTime": format_time(since),
                "speed": 1.0,
                "skipGaps": False,
            }
        token = await self._authenticator.token()
        answer = await self._transport.request(
            "POST", "webRTC/session", body=body, timeout=VIDEO_TIMEOUT
        )
        reply = as_object(answer.json(), "session")
        session_id = identifier(reply, "sessionId", "session")
        try:
            offer = _sdp(reply.get("offerSDP"), "session.offerSDP")
        except ResponseError:
            await self._close(session_id)
            raise
        return VideoSession(id=session_id, offer=offer, token=token)

    async def answer(self, session: VideoSession, sdp: str) -> None:
        """Send the answer to the gateway's offer."""
        description = json.dumps({"type": "answer", "sdp": sdp})
        await self._patch(session, {"answerSDP": description})

    async def candidates(self, session: VideoSession) -> tuple[Candidate, ...]:
        """Return the candidates that the gateway has found so far."""
        path = f"webRTC/iceCandidates/{session.id}"
        reply = as_object(await self._transport.get(path, timeout=VIDEO_TIMEOUT), path)
        rows = as_array(reply.get("candidates", []), "candidates")[:MAX_CANDIDATES]
        found = (_candidate(row) for row in rows)
        return tuple(filter(None, found))

    async def renew_token(self, session: VideoSession) -> VideoSession:
        """Send the current token to the gateway, if it has changed."""
        token = await self._authenticator.token()
        if token.access_token == session.token.access_token:
            return session
        await self._patch(session, {"token": token.access_token})
        return replace(session, token=token)

    async def is_open(self, session: VideoSession) -> bool:
        """Return whether the gateway still has a session.

        It may have deleted only the candidates, because the browser is connected. So
        it gets the token again, which it must refuse for an unknown session.
        """
        with suppress(NotFoundError):
            await self.candidates(session)
            return True
        with suppress(NotFoundError):
            await self._patch(session, {"token": session.token.access_token})
            return True
        return False

    async def close(self, session: VideoSession) -> None:
        """Close a session, best effort: some gateways do not support it (405)."""
        await self._close(session.id)

    async def _close(self, session_id: str) -> None:
        with suppress(ApiError):
            await self._transport.request(
                "DELETE", f"webRTC/session/{session_id}", timeout=SESSION_CLOSE_TIMEOUT
            )

    async def _patch(self, session: VideoSession, body: Json) -> None:
        await self._transport.request(
            "PATCH", f"webRTC/session/{session.id}", body=body, timeout=VIDEO_TIMEOUT
        )


def _sdp(value: object, path: str) -> str:
    """Read a session description, which is JSON inside a text."""
    description = as_object(_decoded(value), path)
    sdp = description.get("sdp")
    # Halves of surrogate pairs could not be sent to the browser.
    if not isinstance(sdp, str) or not sdp or _HALF.search(sdp):
        raise ResponseError(f"{path} is no session description")
    return sdp


def _candidate(row: object) -> Candidate | None:
    """Read a candidate, which is JSON inside a text; `None` where it is none."""
    value = _decoded(row)
    if not isinstance(value, dict):
        return None
    line, mid, index = map(value.get, ("candidate", "sdpMid", "sdpMLineIndex"))
    if not isinstance(line, str) or not 0 < len(line) <= MAX_CANDIDATE:
        return None
    if not line.isprintable():
        return None
    return Candidate(
        line,
        mid=mid if isinstance(mid, str) else None,
        index=index if isinstance(index, int) else None,
    )


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError, RecursionError:
        return None
