"""Reads pictures from one recording server (protocol §11.3)."""

import asyncio
from datetime import datetime

from yarl import URL

from . import soap
from .errors import ResponseError
from .filters import format_time
from .http import Answer, Http
from .picture import MAX_ANSWER, Picture, RecorderTokenRefusedError, read_picture
from .recorder_token import RecorderTokens

# Seconds for one answer. Home Assistant waits ten seconds for the whole picture.
ANSWER_TIMEOUT = 6.0
# Seconds to find out whether a recorder answers.
VERSION_TIMEOUT = 3.0
# Bytes. Larger pictures are decoded in a thread, because that would block the event
# loop.
MAX_DECODED_AT_ONCE = 1024 * 1024

_PATH = "RecorderCommandService/RecorderCommandService.asmx"


class Recorder:
    """Sends requests to one recording server; `http` must trust its certificate.

    Its methods may raise any `ApiError`: `UnreachableError` when it does not answer,
    `CertificateError` when it is not trusted, `NoPictureError`,
    `RecorderRefusedError`, `NotSupportedError`.
    """

    def __init__(self, http: Http, address: URL, tokens: RecorderTokens) -> None:
        self.address = address
        self._http = http
        self._tokens = tokens

    async def probe(self) -> None:
        """Return when the recorder answers; this needs no token."""
        answer = await self._send("GetVersion", {}, VERSION_TIMEOUT)
        if not soap.read_result(answer, "GetVersion")[""].strip().isdecimal():
            raise ResponseError("This is no recording server", status=answer.status)

    async def picture_at(self, camera_id: str, moment: datetime) -> Picture:
        """Return the recorded picture nearest to a moment, at any distance."""
        return await self._picture(
            "JPEGGetAt", deviceId=camera_id, time=format_time(moment)
        )

    async def live_picture(self, camera_id: str, width: int, height: int) -> Picture:
        """Return the last key frame, at most of this size in pixels."""
        return await self._picture(
            "JPEGGetLive",
            deviceId=camera_id,
            maxWidth=str(width),
            maxHeight=str(height),
        )

    async def _picture(self, method: str, **parameters: str) -> Picture:
        token = await self._tokens.token()
        try:
            return await self._ask(method, token, parameters)
        except RecorderTokenRefusedError:
            token = await self._tokens.token(instead_of=token)
            return await self._ask(method, token, parameters)

    async def _ask(
        self, method: str, token: str, parameters: dict[str, str]
    ) -> Picture:
        given = {"token": token, **parameters}
        answer = await self._send(method, given, ANSWER_TIMEOUT)
        if len(answer.body) > MAX_DECODED_AT_ONCE:
            return await asyncio.to_thread(_read, answer, method)
        return _read(answer, method)

    async def _send(
        self, method: str, parameters: dict[str, str], timeout: float
    ) -> Answer:
        return await self._http.send(
            "POST",
            self.address / _PATH,
            timeout=timeout,
            headers=soap.headers(soap.RECORDER_COMMAND, method),
            form=soap.envelope(soap.RECORDER_COMMAND, method, **parameters),
            limit=MAX_ANSWER,
        )


def _read(answer: Answer, method: str) -> Picture:
    result = soap.read_result(answer, method)
    return read_picture(result.get("Time"), result.get("Data"))
