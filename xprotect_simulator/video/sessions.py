"""WebRTC sessions by REST: `/webRTC/session` and `/webRTC/iceCandidates`."""

import asyncio
import json
import math
import uuid

from aiohttp import web

from .. import times
from ..bodies import body_of
from ..errors import ApiError, bad_request, forbidden, not_found, unknown_resource
from ..faults.faults import Fault, Faults
from ..happening.world import World
from ..recorders.listeners import Recorders
from ..sign_in.identity import Identity
from ..sign_in.users import Principal
from ..site.items import Item
from ..site.security import PLAYBACK, VIEW_LIVE
from ..wire import json_response
from .playback import Moments, Playback, Shown

try:
    from .film import Film
    from .peer import Peer
except ImportError:
    # Without aiortc the gateway has no WebRTC, like an older one.
    IS_AVAILABLE = False
else:
    IS_AVAILABLE = True

# Seconds between two searches for sessions that have ended.
_LOOK_EVERY = 1.0


class VideoSessions:
    """Answers /webRTC: creates sessions with an offer, changes and deletes them."""

    def __init__(
        self, world: World, identity: Identity, recorders: Recorders, faults: Faults
    ) -> None:
        """Send live video, and the recordings of `recorders`."""
        self._world = world
        self._identity = identity
        self._recorders = recorders
        self._faults = faults
        self._open: dict[str, Peer] = {}
        self._tokens: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self.opened = 0
        # How often a session got another token.
        self.renewed = 0

    def __len__(self) -> int:
        """Return the number of open sessions."""
        return len(self._open)

    @property
    def states(self) -> tuple[str, ...]:
        """The connection state of every session."""
        return tuple(peer.state for peer in self._open.values())

    async def stop(self) -> None:
        """End every session."""
        watch, self._watch = self._watch, None
        tasks = [*self._tasks, *([watch] if watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for session_id in tuple(self._open):
            await self._close(session_id)

    def fault_switched(self, fault: Fault, is_on: bool) -> None:  # noqa: FBT001 - as `Faults` calls
        """Close the open sessions at once when the fault `video_killed` is enabled."""
        if is_on and fault.kind.name == "video_killed" and self._open:
            self._faults.strike("video_killed")
            for session_id in tuple(self._open):
                del self._tokens[session_id]
                task = asyncio.create_task(self._open.pop(session_id).vanish())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def handle(
        self, request: web.Request, parts: list[str], principal: Principal
    ) -> web.Response:
        """Answer a request; `parts` is the path below /webRTC. Raises ApiError."""
        if not IS_AVAILABLE:
            raise unknown_resource("webRTC")
        await self._close_ended()
        match request.method, parts:
            case "POST", ["session"]:
                return await self._create(request, await _body(request), principal)
            case "PATCH", ["session", session_id]:
                return await self._change(session_id, await _body(request))
            case "DELETE", ["session", session_id]:
                self._get(session_id)
                if self._faults.find("video_kept") is None:
                    await self._close(session_id)
                    return web.Response(status=204)
            case "GET", ["icecandidates", session_id]:
                rows = self._get(session_id).candidates
                return json_response({"sessionId": session_id, "candidates": rows})
            case "POST", ["icecandidates", session_id]:
                return await self._add_candidates(session_id, await _body(request))
        text = f"{request.method} is not supported here"
        raise ApiError(405, text)

    async def _create(
        self, request: web.Request, body: dict[str, object], principal: Principal
    ) -> web.Response:
        if (refused := self._faults.strike("video_refused")) is not None:
            text = "The session cannot be created."
            raise ApiError(round(refused.number), text)
        if (hangs := self._faults.strike("video_hangs")) is not None:
            await self._world.clock.sleep(hangs.number)
            if request.transport is None:
                text = "The client has gone."
                raise ApiError(503, text)
        node = body.get("playbackTimeNode")
        playback = node if isinstance(node, dict) and node.get("playbackTime") else {}
        camera = self._camera(body, principal)
        if not principal.may("cameras", PLAYBACK if playback else VIEW_LIVE):
            raise forbidden()
        film = Film(
            camera,
            self._place(camera),
            self._moments(camera, playback),
            counts_milliseconds=self._faults.find("video_milliseconds") is not None,
            is_silent=self._faults.find("video_silent") is not None,
        )
        peer = Peer(film, self._faults)
        session_id = str(uuid.uuid4())
        try:
            offer = await peer.offer()
        except BaseException:
            # Also when the simulator stops meanwhile.
            await peer.close()
            raise
        self._open[session_id] = peer
        self._tokens[session_id] = request.headers["Authorization"]
        self.opened += 1
        if self._watch is None:
            self._watch = asyncio.create_task(self._look())
        return json_response(
            {
                "sessionId": session_id,
                "offerSDP": json.dumps({"type": "offer", "sdp": offer}),
                "answerSDP": None,
            }
        )

    async def _change(self, session_id: str, body: dict[str, object]) -> web.Response:
        peer = self._get(session_id)
        match body:
            case {"answerSDP": str(answer)}:
                try:
                    await peer.answer(answer)
                except ValueError as error:
                    raise bad_request(f"Invalid answerSDP. {error}") from error
            case {"token": str(token)}:
                # Raises for an invalid token.
                self._identity.principal(f"Bearer {token}")
                self._tokens[session_id] = f"Bearer {token}"
                self.renewed += 1
            case _:
                text = "Missing property: answerSDP"
                raise bad_request(text)
        return json_response({"sessionId": session_id})

    async def _add_candidates(
        self, session_id: str, body: dict[str, object]
    ) -> web.Response:
        peer = self._get(session_id)
        rows = body.get("candidates")
        if not isinstance(rows, list):
            text = "Missing property: candidates"
            raise bad_request(text)
        for row in rows:
            try:
                await peer.add_candidate(row)
            except ValueError as error:
                raise bad_request(f"Invalid candidate. {error}") from error
        return json_response({"sessionId": session_id})

    def _camera(self, body: dict[str, object], principal: Principal) -> Item:
        path = f"cameras/{body.get('deviceId') or body.get('cameraId')}".lower()
        camera = self._world.find(path)
        if camera is None or not principal.may_see(path):
            raise not_found(path)
        return camera

    def _place(self, camera: Item) -> int:
        cameras = self._world.cameras
        return cameras.index(camera) if camera in cameras else 0

    def _moments(self, camera: Item, playback: dict[str, object]) -> Moments:
        """Return a function from seconds since the start to what to show."""
        if not playback:
            now = self._world.clock.now
            return lambda seconds: Shown(times.to_ticks(now()), seconds)
        try:
            start = times.parse(str(playback["playbackTime"]))
            speed = float(str(playback.get("speed") or 1))
        except ValueError as error:
            raise bad_request(str(error)) from error
        if not math.isfinite(speed):
            text = "speed must be a number"
            raise bad_request(text)
        recordings = self._recorders.recordings
        return Playback(
            lambda ticks: recordings.at_or_after(camera.id, ticks),
            start,
            speed,
            skips_gaps=playback.get("skipGaps") is True,
        ).moment

    def _get(self, session_id: str) -> Peer:
        peer = self._open.get(session_id)
        if peer is None:
            text = "Unknown session."
            raise ApiError(404, text)
        return peer

    async def _look(self) -> None:
        while True:
            await self._world.clock.sleep(_LOOK_EVERY)
            await self._close_ended()

    async def _close_ended(self) -> None:
        """Close sessions that have ended or whose token has expired."""
        for session_id, peer in tuple(self._open.items()):
            # Another request may close sessions while one is being closed here.
            if session_id not in self._open:
                continue
            try:
                self._identity.principal(self._tokens[session_id])
                is_over = peer.state in {"closed", "failed"}
            except ApiError:
                is_over = True
            if is_over:
                await self._close(session_id)

    async def _close(self, session_id: str) -> None:
        del self._tokens[session_id]
        await self._open.pop(session_id).close()


async def _body(request: web.Request) -> dict[str, object]:
    body = await body_of(request)
    if not isinstance(body, dict):
        text = "The body is not an object"
        raise bad_request(text)
    return body
