"""The server's side of a stream in tests, and a recipient of its events."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from aiohttp import WSCloseCode, web
import pytest

from custom_components.xprotect_events.api import (
    Event,
    EventStream,
    ResumePoint,
    XProtectClient,
)
from custom_components.xprotect_events.api.stream import OnEvents
from tests.api.servers import (
    Converse,
    ScriptedServer,
)

SESSION = "b5f30718-6283-4e9f-8aa1-3c4d5e6f7010"
MOTION = "5e6a4c06-b290-473d-80b5-8e0dffa1d3a6"
GATE = "8b2c0d4e-3f50-4b6c-9d7e-0f1a2b3c4d0d"
RESUME = ResumePoint(session_id=SESSION, event_id=MOTION)
# Seconds; the longest that a test may wait for an answer that never comes.
IMPATIENT = 0.05
# Seconds; longer than anything takes on this machine.
PATIENT = 30.0


class Script:
    """The server's side of one connection, step by step."""

    def __init__(self, *steps: Mapping[str, object] | str | bytes | None) -> None:
        """Send each step after a command; texts and frames without status at once.

        An object with a status is the reply to the next command, anything else is sent
        without waiting. `None` waits for a command and sends nothing.
        """
        self._steps = steps
        self.commands: list[dict[str, object]] = []
        self.code = int(WSCloseCode.GOING_AWAY)

    async def __call__(self, socket: web.WebSocketResponse) -> None:
        """Take the steps in order, then close."""
        for step in self._steps:
            if isinstance(step, bytes):
                await socket.send_bytes(step)
            elif isinstance(step, str):
                await socket.send_str(step)
            elif step is None:
                self.commands.append(await socket.receive_json())
            elif "status" in step:
                command = await socket.receive_json()
                self.commands.append(command)
                reply = {"commandId": command["commandId"], **step}
                await socket.send_json(reply)
            else:
                await socket.send_json(step)
        await socket.close(code=self.code)


class Recipient:
    """Records the pushed events."""

    def __init__(self) -> None:
        self.batches: list[tuple[Event, ...]] = []

    @property
    def ids(self) -> list[str]:
        """The ids of the events that have arrived."""
        return [event.id for batch in self.batches for event in batch]

    async def take(self, events: tuple[Event, ...]) -> None:
        """Take a batch."""
        self.batches.append(events)


def upgrades(server: ScriptedServer) -> list[str | None]:
    """Return the Authorization headers of the upgrades."""
    return [one.authorization for one in server.received if one.method == "GET"]


@pytest.fixture
def recipient() -> Recipient:
    """Return a recipient of pushed events."""
    return Recipient()


class Listen(Protocol):
    """Connects to a server that follows a script."""

    async def __call__(
        self, script: Converse, to: OnEvents | None = None
    ) -> EventStream:
        """Return the stream; without `to`, the recipient gets the events."""


@pytest.fixture
async def listen(
    server: ScriptedServer, scripted: XProtectClient, recipient: Recipient
) -> AsyncIterator[Listen]:
    """Return a function that opens streams, which are closed after the test."""
    streams = []

    async def connect(script: Converse, to: OnEvents | None = None) -> EventStream:
        server.conversations.append(script)
        stream = await scripted.streams.connect(to or recipient.take)
        streams.append(stream)
        return stream

    yield connect
    for stream in streams:
        await stream.close()
