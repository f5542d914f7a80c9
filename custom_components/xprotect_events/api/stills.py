"""Reads live pictures from the API Gateway, if it offers them (protocol §11.1)."""

import asyncio

from .errors import NotFoundError, RejectedError
from .http import Answer
from .picture import MAX_ANSWER, NotSupportedError, Picture, read_picture
from .recorder import ANSWER_TIMEOUT, MAX_DECODED_AT_ONCE
from .tasks import task_name
from .transport import Transport
from .wire import as_array, as_object, optional_text

_TASK = "JpegGetLive"


class Stills:
    """Reads live pictures; the gateway has no recorded ones."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def has(self, camera_id: str) -> bool:
        """Whether the gateway offers live pictures of a camera, or any `ApiError`."""
        path = f"cameras/{camera_id}"
        query = (("tasks", None), ("noData", None))
        reply = as_object(
            await self._transport.get(path, query, timeout=ANSWER_TIMEOUT), path
        )
        rows = as_array(reply.get("tasks", []), "tasks")
        return _TASK.casefold() in {task_name(row, "tasks[]") for row in rows}

    async def live_picture(self, camera_id: str, width: int, height: int) -> Picture:
        """Return a live picture, at most of this size in pixels; see `has`.

        Raises `NoPictureError` when there is none at the moment, `NotSupportedError`,
        or any other `ApiError`.
        """
        try:
            answer = await self._transport.request(
                "POST",
                f"cameras/{camera_id}",
                (("task", _TASK),),
                body={"width": width, "height": height},
                timeout=ANSWER_TIMEOUT,
                limit=MAX_ANSWER,
            )
        except (NotFoundError, RejectedError) as err:
            raise NotSupportedError(
                "The gateway has no live pictures", server_text=err.server_text
            ) from err
        if len(answer.body) > MAX_DECODED_AT_ONCE:
            return await asyncio.to_thread(_read, answer)
        return _read(answer)


def _read(answer: Answer) -> Picture:
    result = as_object(as_object(answer.json(), "task").get("result"), "result")
    encoded = result.get("jpegDataAsBase64")
    return read_picture(
        optional_text(result, "frameDateTime"),
        encoded if isinstance(encoded, str) else None,
    )
