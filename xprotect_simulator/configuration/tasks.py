"""Tasks of the Configuration API: those of PTZ presets, as an example of all."""

from aiohttp import web

from ..errors import ApiError, bad_request, not_found
from ..happening.world import World
from ..identifiers import guid_of
from ..wire import json_response

_PRESET_TASK = "GetDevicePresets"
_CLEANUP_TASK = "TaskCleanup"


class Tasks:
    """Lists, starts, shows and cleans up tasks."""

    def __init__(self, world: World) -> None:
        """Begin without a task."""
        self._world = world
        # How often each task was looked at; at the second look it is done.
        self._looks: dict[str, int] = {}
        self._started = 0

    def concern(self, request: web.Request, parts: list[str]) -> bool:
        """Tell whether a request is about tasks."""
        return parts[0] == "tasks" or not {"task", "tasks"}.isdisjoint(request.query)

    def handle(self, request: web.Request, parts: list[str]) -> web.Response:
        """Answer a request about tasks."""
        match request.method, parts:
            case "GET", ["cameras", _, "ptzpresets"]:
                task = {"id": _PRESET_TASK, "displayName": "Get presets from device"}
                return json_response({"tasks": [task]})
            case "GET", ["tasks", task_id]:
                return self._show(task_id)
            case "GET", _:
                return json_response({"tasks": []})
            case "POST", ["cameras", camera_id, "ptzpresets"]:
                return self._start(request, f"cameras/{camera_id}")
            case "POST", ["tasks", task_id]:
                return self._clean_up(request, task_id)
            case _:
                text = f"{request.method} is not supported here"
                raise ApiError(405, text)

    def _start(self, request: web.Request, camera: str) -> web.Response:
        if self._world.find(camera) is None:
            raise not_found(camera)
        _check_task(request, _PRESET_TASK)
        self._started += 1
        task_id = guid_of(self._world.options.seed, "tasks", self._started)
        self._looks[task_id] = 0
        path = {"type": "tasks", "id": task_id}
        return json_response({"result": {"state": "Idle", "path": path}})

    def _show(self, task_id: str) -> web.Response:
        if task_id not in self._looks:
            raise not_found(f"tasks/{task_id}")
        self._looks[task_id] += 1
        is_done = self._looks[task_id] > 1
        data = {
            "id": task_id,
            "state": "Success" if is_done else "InProgress",
            "progress": 100 if is_done else 50,
        }
        return json_response({"data": data})

    def _clean_up(self, request: web.Request, task_id: str) -> web.Response:
        _check_task(request, _CLEANUP_TASK)
        if self._looks.pop(task_id, None) is None:
            raise not_found(f"tasks/{task_id}")
        return json_response({"result": {"state": "Success"}})


def _check_task(request: web.Request, expected: str) -> None:
    task = request.query.get("task", "")
    if task.lower() != expected.lower():
        text = f"Unknown task. {task}"
        raise bad_request(text)
