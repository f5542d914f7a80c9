"""A plain SOAP client of the simulated management server and its recorders."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import re
import ssl

import aiohttp

from xprotect_simulator import Simulator
from xprotect_simulator.recorders.listeners import Recorder
from xprotect_simulator.recorders.picture import Stamp, read_stamp
from xprotect_simulator.times import parse, to_datetime

LOGIN = (
    '<Login xmlns="http://videoos.net/2/XProtectCSServerCommand">'
    "<instanceId>9d2b6f3e-5a4f-4c8e-8a7e-0d5f7f6b1c11</instanceId></Login>"
)
ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    "{}</s:Body></s:Envelope>"
)
RECORDER = "http://videoos.net/2/XProtectCSRecorderCommand"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response as text, which tests search."""

    status: int
    text: str

    def field(self, name: str) -> str:
        """Return the text of the first element of that name; empty: there is none."""
        found = re.search(f"<{name}>([^<]*)</{name}>", self.text)
        return found.group(1) if found else ""

    @property
    def error(self) -> tuple[str, str]:
        """The numbers of a recorder's fault."""
        return self.field("ErrorNumber"), self.field("SubErrorNumber")

    @property
    def jpeg(self) -> bytes:
        """The picture."""
        return base64.b64decode(self.field("Data"))

    @property
    def stamp(self) -> Stamp:
        """The time that the picture shows."""
        return read_stamp(self.jpeg)

    @property
    def time(self) -> datetime:
        """The moment in the answer."""
        return to_datetime(parse(self.field("Time")))


@dataclass(kw_only=True)
class SoapClient:
    """Calls services; `token` is sent to recorders."""

    sim: Simulator
    http: aiohttp.ClientSession
    token: str = ""
    tls: ssl.SSLContext | bool = True

    async def post(
        self, url: str, body: str, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send an envelope around `body`."""
        async with self.http.post(
            url,
            data=ENVELOPE.format(body).encode(),
            headers={"Content-Type": "text/xml; charset=utf-8", **(headers or {})},
            ssl=self.tls,
        ) as response:
            return Answer(status=response.status, text=await response.text())

    async def log_in(self, authorization: str, path: str = "") -> Answer:
        """Request a token from the management server, and use it from now on."""
        path = path or "/ManagementServer/ServerCommandServiceOAuth.svc"
        headers = {"Authorization": authorization}
        answer = await self.post(self.sim.url + path, LOGIN, headers)
        self.token = answer.field("Token")
        return answer

    async def call(
        self, recorder: Recorder, method: str, camera_id: str = "", **fields: object
    ) -> Answer:
        """Call a recorder, with the elements in their documented order."""
        given = {"token": self.token, "deviceId": camera_id, **fields}
        inner = "".join(
            f"<{name}>{value}</{name}>" for name, value in given.items() if value != ""
        )
        url = recorder.url() + "RecorderCommandService/RecorderCommandService.asmx"
        return await self.post(url, f'<{method} xmlns="{RECORDER}">{inner}</{method}>')

    async def picture_at(
        self, recorder: Recorder, camera_id: str, moment: datetime, how: str = ""
    ) -> Answer:
        """Request the picture nearest to a moment, or `OrBefore`, or `OrAfter`."""
        time = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return await self.call(recorder, f"JPEGGetAt{how}", camera_id, time=time)


def is_near(one: datetime, other: datetime, seconds: float = 0.2) -> bool:
    """Return whether two moments are within so many seconds."""
    return abs(one - other) <= timedelta(seconds=seconds)
