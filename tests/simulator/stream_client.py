"""A plain client of the Events and State WebSocket."""

from collections import deque
from dataclasses import dataclass, field
import json
from typing import Any

import aiohttp

from xprotect_simulator import Simulator

PATH = "/api/ws/events/v1"
EVERYTHING = {
    "modifier": "include",
    "resourceTypes": ["*"],
    "sourceIds": ["*"],
    "eventTypes": ["*"],
}

# State messages of large sites exceed aiohttp's own limit.
_NO_LIMIT = 0


@dataclass(kw_only=True)
class StreamClient:
    """One connection; events that come before a reply wait for `events`."""

    sim: Simulator
    socket: aiohttp.ClientWebSocketResponse
    command_id: int = -1
    session_id: str = ""
    frames: list[Any] = field(default_factory=list)
    waiting: deque[dict[str, Any]] = field(default_factory=deque)

    async def command(self, name: str, **fields: object) -> dict[str, Any]:
        """Send a command and return its reply."""
        await self.send(name, **fields)
        return await self.reply()

    async def send(self, name: str, **fields: object) -> None:
        """Send a command."""
        self.command_id += 1
        command = {"command": name, "commandId": self.command_id, **fields}
        await self.socket.send_json(command)

    async def reply(self) -> dict[str, Any]:
        """Return the reply to the last command."""
        frame = await self._frame()
        while "events" in frame:
            self.waiting.extend(frame["events"])
            frame = await self._frame()
        assert frame["commandId"] == self.command_id
        return frame

    async def start(self, session_id: str = "", event_id: str = "") -> int:
        """Start or resume a session and return the status."""
        reply = await self.command(
            "startSession", sessionId=session_id, eventId=event_id
        )
        self.session_id = reply["sessionId"]
        status: int = reply["status"]
        return status

    async def subscribe(self, **changes: object) -> str:
        """Include everything by default; return the subscription."""
        return await self.subscribe_to(EVERYTHING | changes)

    async def subscribe_to(self, *filters: object) -> str:
        """Add a subscription of these filters and return its id."""
        reply = await self.command("addSubscription", filters=list(filters))
        assert reply["status"] == 200, reply
        subscription_id: str = reply["subscriptionId"]
        return subscription_id

    async def states(self) -> list[dict[str, Any]]:
        """Return the states of the subscriptions."""
        reply = await self.command("getState")
        assert reply["status"] == 200, reply
        states: list[dict[str, Any]] = reply["states"]
        return states

    async def events(self, number: int = 1) -> list[dict[str, Any]]:
        """Return the next events."""
        while len(self.waiting) < number:
            self.waiting.extend((await self._frame())["events"])
        return [self.waiting.popleft() for _ in range(number)]

    async def ids(self, number: int) -> list[str]:
        """Return the ids of the next events."""
        return [event["id"] for event in await self.events(number)]

    async def pushed_so_far(self) -> list[str]:
        """Return the ids of the events pushed so far, by waiting for a reply."""
        await self.command("nothing")
        return await self.ids(len(self.waiting))

    async def end(self) -> int | None:
        """Wait for the end of the connection and return its code."""
        while True:
            message = await self.socket.receive()
            if message.type in (
                aiohttp.WSMsgType.CLOSE,
                aiohttp.WSMsgType.CLOSED,
                aiohttp.WSMsgType.ERROR,
            ):
                return self.socket.close_code

    async def _frame(self) -> dict[str, Any]:
        message = await self.socket.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, message
        frame: dict[str, Any] = json.loads(message.data)
        self.frames.append(frame)
        return frame


@dataclass(kw_only=True)
class Connector:
    """Opens connections with a token of the user `demo`, and closes them all."""

    sim: Simulator
    http: aiohttp.ClientSession
    headers: dict[str, str]
    opened: list[StreamClient] = field(default_factory=list)

    async def connect(
        self,
        path: str = PATH,
        headers: dict[str, str] | None = None,
        *,
        autoping: bool = True,
    ) -> StreamClient:
        """Open a connection."""
        socket = await self.http.ws_connect(
            self.sim.url + path,
            headers=self.headers if headers is None else headers,
            max_msg_size=_NO_LIMIT,
            autoping=autoping,
        )
        client = StreamClient(sim=self.sim, socket=socket)
        self.opened.append(client)
        return client

    async def start(self, **changes: object) -> StreamClient:
        """Open a connection that subscribes to everything by default."""
        client = await self.connect()
        assert await client.start() == 201
        await client.subscribe(**changes)
        return client

    async def resume(self, old: StreamClient, event_id: str) -> StreamClient:
        """Open a connection that resumes an earlier session."""
        client = await self.connect()
        assert await client.start(old.session_id, event_id) == 200
        assert client.session_id == old.session_id
        return client

    async def refusal(
        self, path: str = PATH, headers: dict[str, str] | None = None
    ) -> int:
        """Return the status of a refused upgrade."""
        try:
            await self.connect(path, headers)
        except aiohttp.WSServerHandshakeError as error:
            return error.status
        return 101
