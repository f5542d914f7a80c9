"""Tasks of the Configuration API: actions on items, such as switching an output."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from ..errors import ApiError, bad_request, forbidden, not_found
from ..faults.faults import Faults
from ..happening.world import World
from ..sign_in.users import Principal
from ..site import event_ids
from ..site.items import DEVICE_KINDS, Item
from ..site.security import ACTIVATE, PTZ
from ..wire import json_response
from .forms import Record

_PRESET_TASK = "GetDevicePresets"
_CLEANUP_TASK = "TaskCleanup"

# Task ids by resource, with their display names.
TASKS: Mapping[str, Mapping[str, str]] = {
    "outputs": {
        "Trigger": "Trigger output",
        "Activate": "Activate output",
        "Deactivate": "Deactivate output",
    },
    "ptzPresets": {"Goto": "Go to preset"},
    "tasks": {"TaskStop": "Stop task", _CLEANUP_TASK: "Clean up task"},
}


@dataclass(slots=True, kw_only=True)
class _Queued:
    """A long task; it is finished when it is read the second time."""

    name: str
    looks: int = 0


class Tasks:
    """Runs tasks, and keeps the long ones until they are cleaned up."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Begin without a task."""
        self._world = world
        self._faults = faults
        self._queued: dict[str, _Queued] = {}
        self._started = 0

    def of(self, kind: str) -> list[Record]:
        """Return the list of tasks of an item of this resource."""
        tasks = dict(TASKS.get(kind, {}))
        if kind == "cameras" and self._world.options.has_still_task:
            tasks["JpegGetLive"] = "Get live JPEG"
        only = self._faults.find("output_tasks") if kind == "outputs" else None
        if only is not None:
            tasks = {name: text for name, text in tasks.items() if name == only.value}
        return [{"id": name, "displayName": text} for name, text in tasks.items()]

    def of_collection(self, kind: str) -> list[Record]:
        """Return the list of tasks of a collection as a whole."""
        if kind != "ptzPresets":
            return []
        return [{"id": _PRESET_TASK, "displayName": "Get presets from device"}]

    def listed(self) -> web.Response:
        """Answer the list of long tasks."""
        rows = [self._record(task_id) for task_id in self._queued]
        return json_response({"array": rows})

    def show(self, task_id: str) -> web.Response:
        """Answer the progress of a long task."""
        self._find(task_id).looks += 1
        return json_response({"data": self._record(task_id)})

    def end(self, task_id: str, name: str) -> web.Response:
        """Stop a long task, or clean it up. Raises ApiError if it does not exist."""
        self._find(task_id)
        if name.lower() not in (known.lower() for known in TASKS["tasks"]):
            raise _unknown_task(name)
        del self._queued[task_id]
        return json_response({"result": {"state": "Success"}})

    def read_presets(self, camera: Item, name: str) -> web.Response:
        """Start the long task that reads a camera's presets. Raises ApiError."""
        if name.lower() != _PRESET_TASK.lower():
            raise _unknown_task(name)
        self._check_recorder(camera)
        self._started += 1
        task_id = str(self._started)
        self._queued[task_id] = _Queued(name="Get presets from device")
        path = {"type": "tasks", "id": task_id}
        return json_response({"result": {"state": "Idle", "path": path}})

    def run(self, item: Item, name: str, principal: Principal) -> web.Response:
        """Run a quick task of an item. Raises ApiError."""
        offered = [str(task["id"]) for task in self.of(item.kind)]
        task = next((one for one in offered if one.lower() == name.lower()), None)
        if task is None:
            raise _unknown_task(name)
        needed = PTZ if item.kind == "ptzPresets" else ACTIVATE
        resource = "cameras" if item.kind == "ptzPresets" else item.kind
        if not principal.may(resource, needed):
            raise forbidden()
        self._check_recorder(item)
        if item.kind == "outputs":
            self._switch(item, task)
        elif item.parent is not None:
            # The events of a camera that a user moves.
            self._world.emit(event_ids.PTZ_SESSION_STARTED, item.parent)
            self._world.emit(event_ids.PTZ_SESSION_STOPPED, item.parent)
            self._world.ptz_positions[item.parent] = item.path
        return json_response({"result": {"state": "Success"}})

    def _switch(self, output: Item, task: str) -> None:
        """Emit the events by which a recorder reports the state of an output."""
        if task in ("Activate", "Trigger"):
            self._world.emit(event_ids.OUTPUT_ACTIVATED, output)
        if task in ("Deactivate", "Trigger"):
            self._world.emit(event_ids.OUTPUT_DEACTIVATED, output)

    def _check_recorder(self, item: Item) -> None:
        """Refuse the task of a device whose recorder does not answer."""
        kind = (item.parent or "") if item.kind == "ptzPresets" else item.kind
        if kind.partition("/")[0] not in DEVICE_KINDS:
            return
        fault = self._faults.strike("recorder_silent")
        if fault is not None:
            raise recorder_silent(int(fault.number))

    def _find(self, task_id: str) -> _Queued:
        found = self._queued.get(task_id)
        if found is None:
            raise not_found(f"tasks/{task_id}")
        return found

    def _record(self, task_id: str) -> Record:
        task = self._queued[task_id]
        is_done = task.looks > 1
        return {
            "displayName": task.name,
            "progress": 100 if is_done else 0,
            "state": "Success" if is_done else "Idle",
            "errorCode": 0,
            "errorText": "",
            "relations": {
                "parent": {"type": "sites", "id": self._world.site.id},
                "self": {"type": "tasks", "id": task_id},
            },
        }


def recorder_silent(status: int) -> ApiError:
    """Return the error of a silent recorder, with 502 or 504."""
    return ApiError(status, "The recording server did not respond.")


def _unknown_task(name: str) -> ApiError:
    return bad_request(f"Unknown task. {name}")
