"""Tasks of the Configuration API: actions on objects, such as switching an output.

Outputs and PTZ presets have them from 2024 R2 on (protocol §3.3).
"""

from enum import StrEnum
from http import HTTPStatus

from .errors import RecorderSilentError, RejectedError, UnavailableError
from .transport import Query, Transport
from .wire import as_array, as_object, nested, optional_text

# Seconds. The recorder has to reach the device, which may be in standby.
TASK_TIMEOUT = 60.0
# Seconds. The set-up waits for this list, but does not need it.
LIST_TIMEOUT = 10.0
ONLY_TASKS: Query = (("tasks", None), ("noData", None))
# The state of a task that has failed, in lower case.
FAILED = "error"
SILENT = {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}


class Task(StrEnum):
    """The tasks that the integration uses; the values are the server's names."""

    ACTIVATE = "Activate"
    DEACTIVATE = "Deactivate"
    TRIGGER = "Trigger"
    GO_TO = "Goto"


class Tasks:
    """Lists and runs tasks. Every method may raise any `ApiError`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def offered(self, path: str) -> frozenset[Task]:
        """Return the tasks of an object; its path is, for example, `outputs/<GUID>`."""
        reply = await self._transport.get(path, ONLY_TASKS, timeout=LIST_TIMEOUT)
        # Servers without any may ignore the flags, and return the object instead.
        rows = as_array(as_object(reply, path).get("tasks", []), f"{path}.tasks")
        names = {task_name(row, f"{path}.tasks[]") for row in rows}
        return frozenset(task for task in Task if task.casefold() in names)

    async def run(self, path: str, task: Task) -> None:
        """Run a task. Raises `RecorderSilentError` when no recorder answers.

        Raises `RejectedError` if the task has failed, `ResponseError` if something else
        than XProtect has answered, such as the sign-in page of a proxy.
        """
        try:
            answer = await self._transport.request(
                "POST", path, (("task", task),), body={}, timeout=TASK_TIMEOUT
            )
        except UnavailableError as err:
            if err.status not in SILENT:
                raise
            raise RecorderSilentError(
                "The recording server does not answer",
                status=err.status,
                server_text=err.server_text,
            ) from err
        if not answer.body:
            # Some answers to a task that was run have no body.
            return
        result = nested(as_object(answer.json(), path), "result")
        if (optional_text(result, "state") or "").casefold() == FAILED:
            raise RejectedError(
                "The task has failed",
                status=answer.status,
                server_text=optional_text(result, "errorText"),
            )


def task_name(row: object, path: str) -> str:
    """Return the name of a task in a list, in lower case."""
    item = as_object(row, path)
    # The schema has `name`, answers have `id`.
    name = optional_text(item, "id") or optional_text(item, "name") or ""
    return name.casefold()
