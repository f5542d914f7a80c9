"""The task JpegGetLive of the Configuration API, which returns a live picture."""

import base64
import json

from aiohttp import web

from .. import times
from ..errors import ApiError, bad_request, not_found
from ..faults.faults import Faults
from ..happening.world import World
from ..sign_in.users import Principal
from ..wire import json_response
from .listeners import Recorders

NAME = "JpegGetLive"

# Pixels; the service reads 32 bits.
_SIZES = range(1, 2**31)


class StillTask:
    """Runs the task, with the picture of the camera's recorder."""

    def __init__(self, world: World, recorders: Recorders, faults: Faults) -> None:
        """Take pictures of `recorders`; older servers do not have the task."""
        self._world = world
        self._recorders = recorders
        self._faults = faults

    def concerns(self, request: web.Request, parts: list[str]) -> bool:
        """Return whether a request runs a task of a camera."""
        is_camera = len(parts) == 2 and parts[0] == "cameras"  # noqa: PLR2004 - kind, id
        return is_camera and request.method == "POST" and "task" in request.query

    async def handle(
        self, request: web.Request, parts: list[str], principal: Principal
    ) -> web.Response:
        """Answer one request. Raises ApiError."""
        path = f"cameras/{parts[1]}"
        camera = self._world.find(path)
        if camera is None or not principal.may_see(path):
            raise not_found(path)
        offered = self._world.options.has_still_task
        if request.query.get("task", "").lower() != NAME.lower() or not offered:
            text = f"Unknown task. {request.query.get('task', '')}"
            raise bad_request(text)
        size = _size(await request.read())
        recorder = self._recorders.of_camera(camera)
        if not recorder.is_listening:
            text = "The recording server cannot be reached."
            raise ApiError(502, text)
        scope = f"/{recorder.item.name.lower()}/"
        answer: dict[str, object] = {"state": "Success"}
        shown = recorder.service.answers.live(camera, scope, size)
        if shown is not None and self._faults.strike("still_empty", scope) is None:
            answer["frameDateTime"] = times.to_text(shown.ticks)[:-1] + "+00:00"
            answer["jpegDataAsBase64"] = base64.b64encode(shown.jpeg).decode()
        return json_response({"result": answer})


def _size(body: bytes) -> tuple[int, int]:
    """Read the largest width and height, which are both required."""
    try:
        given = json.loads(body)
        size = given["width"], given["height"]
    except (ValueError, KeyError, TypeError) as error:
        text = "Missing parameters: width, height"
        raise bad_request(text) from error
    # In Python, bool is a kind of int.
    if not all(type(one) is int and one in _SIZES for one in size):
        text = "width and height are whole numbers"
        raise bad_request(text)
    return size
