"""The RecorderCommandService of one recording server."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from .. import times
from ..faults.faults import Faults
from ..happening.world import World
from ..resets import cut
from ..site.items import Item
from ..wire import html_response
from . import soap
from .answers import Answers
from .recordings import Recordings
from .soap import RECORDER_COMMAND, Call, zoned
from .tokens import RecorderTokens

PATH = "/recordercommandservice/recordercommandservice.asmx"

# Tests read the last ones; the memory of a long demo must not grow.
_CALLS_KEPT = 10_000

_INVALID_TOKEN = 20001
_NOT_SUPPORTED = 40000
_VERSION = "2"


@dataclass(slots=True, kw_only=True)
class RecorderCall:
    """One call of a recorder; `at` is its monotonic time in seconds."""

    method: str
    camera_id: str
    at: float
    asked_ticks: int | None = None


@dataclass(slots=True)
class RecorderLedger:
    """The calls of a recorder, and how many were made at the same time."""

    calls: deque[RecorderCall] = field(
        default_factory=lambda: deque(maxlen=_CALLS_KEPT)
    )
    at_once: int = 0
    most_at_once: int = 0

    def count(self, method: str, camera_id: str | None = None) -> int:
        """Return how often a method was called, for one camera or for all."""
        return sum(
            one.method == method and camera_id in (None, one.camera_id)
            for one in self.calls
        )


class RecorderService:
    """Answers the calls of one recorder."""

    def __init__(
        self,
        item: Item,
        world: World,
        tokens: RecorderTokens,
        faults: Faults,
        recordings: Recordings,
        key_frames: Callable[[], timedelta],
    ) -> None:
        """Serve the cameras whose hardware belongs to `item`."""
        self.item = item
        self.ledger = RecorderLedger()
        self.answers = Answers(world, faults, recordings, key_frames)
        self._world = world
        self._tokens = tokens
        self._faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.path.lower()
        scope = f"/{self.item.name.lower()}{path}"
        if self._faults.strike("recorder_reset", scope):
            cut(request)
            return web.Response(status=500)
        if self._faults.strike("recorder_html", scope):
            return html_response(200, "Internet Information Services")
        if path != PATH or request.method != "POST":
            return html_response(404, "404 - File or directory not found.")
        body = await request.read()
        call = soap.read(body, RECORDER_COMMAND, reads_prefixed=False)
        if call is None:
            return soap.fault("Error processing message", "Client", 0)
        return await self._serve(call, scope)

    async def _serve(self, call: Call, scope: str) -> web.Response:
        ledger = self.ledger
        ledger.calls.append(self._note(call))
        ledger.at_once += 1
        ledger.most_at_once = max(ledger.most_at_once, ledger.at_once)
        try:
            slow = self._faults.strike("recorder_slow", scope)
            if slow is not None:
                await self._world.clock.sleep(slow.number)
            return self._answer(call, scope)
        finally:
            ledger.at_once -= 1

    def _note(self, call: Call) -> RecorderCall:
        text = call.parameters.get("time", "")
        try:
            asked = times.parse(zoned(text)) if text else None
        except ValueError:
            asked = None
        return RecorderCall(
            method=call.method,
            camera_id=call.parameters.get("deviceId", "").lower(),
            at=self._world.clock.monotonic(),
            asked_ticks=asked,
        )

    def _answer(self, call: Call, scope: str) -> web.Response:
        if call.method == "GetVersion":
            return soap.answer(call.method, RECORDER_COMMAND, _VERSION)
        token = call.parameters.get("token", "")
        if not token:
            return soap.fault("No token supplied", "Client", _INVALID_TOKEN, 1)
        if not self._tokens.is_good(token) or self._faults.strike(
            "recorder_stale_token", scope
        ):
            return soap.fault("Token invalid", "Client", _INVALID_TOKEN, 2)
        is_unknown = call.method not in self.answers.methods
        if is_unknown or self._faults.strike("recorder_unsupported", scope):
            text = f"Method '{call.method}' not supported"
            return soap.fault(text, "Server", _NOT_SUPPORTED)
        camera = self._camera(call.parameters.get("deviceId", "").lower())
        return self.answers.give(call, camera, scope)

    def _camera(self, camera_id: str) -> Item | None:
        """Return the camera if it belongs to this recorder."""
        camera = self._world.find(f"cameras/{camera_id}")
        unit = self._world.find(camera.parent or "") if camera else None
        return camera if unit is not None and unit.parent == self.item.path else None
