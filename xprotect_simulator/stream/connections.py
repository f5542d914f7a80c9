"""One connection of the Events and State WebSocket."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
import contextlib

from aiohttp import WSMsgType, web

from ..resets import cut
from .frames import events_frame

# Seconds for the closing handshake, before the connection is cut.
_CLOSE_GRACE = 1.0

# The most events in one message; thousands would make it larger than clients accept.
_EVENTS_PER_MESSAGE = 100

# Events and replies that wait for a client that does not receive them; then its
# connection is dropped. A site at its busiest has 200 events a second.
MOST_EVENTS = 100_000
MOST_REPLIES = 1_000

# Frames of a flood, in all and per turn of the event loop.
_FLOOD = 100_000
_FLOOD_A_TURN = 500


class Connection:
    """Receives messages one by one, and sends messages in their order."""

    def __init__(
        self,
        request: web.Request,
        *,
        take: Callable[[Connection, str | bytes], None],
        left: Callable[[Connection], None],
    ) -> None:
        """Prepare an upgrade; `take` gets each message, `left` is called at the end."""
        self.is_open = False
        # What is not sent: `events`; `replies` (and events); `pings` (and all else).
        self.silence = ""
        # Whether a long task keeps the server from answering pings.
        self.is_busy = False
        self.pongs = 0
        # The number of frames that were received and sent.
        self.frames = 0
        self._request = request
        self._take = take
        self._left = left
        self._socket = web.WebSocketResponse(
            timeout=_CLOSE_GRACE, autoping=False, compress=False
        )
        self._events: deque[str] = deque()
        self._frames: deque[str] = deque()
        self._is_wanted = asyncio.Event()
        self._close_code: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def can_upgrade(self) -> bool:
        """Whether the request asks for a WebSocket at all."""
        return bool(self._socket.can_prepare(self._request))

    async def serve(self, upgraded: Callable[[], None]) -> web.StreamResponse:
        """Upgrade, call `upgraded`, and serve until the connection ends."""
        await self._socket.prepare(self._request)
        self.is_open = True
        upgraded()
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        try:
            await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            # Otherwise the reading task would take the answer to our close frame.
            await _cancel(reading, writing, *self._tasks)
        if self._close_code is not None:
            await self._socket.close(code=self._close_code)
        return self._socket

    def push(self, text: str) -> None:
        """Send an event with the next message, together with other waiting ones."""
        if len(self._events) >= MOST_EVENTS:
            self.drop()
        elif self.is_open and not self.silence:
            self._events.append(text)
            self._is_wanted.set()

    def reply(self, frame: str) -> None:
        """Send a message after all events that were pushed before."""
        if len(self._frames) >= MOST_REPLIES + MOST_EVENTS // _EVENTS_PER_MESSAGE:
            self.drop()
        elif self.is_open and self.silence in ("", "events"):
            self._seal()
            self._frames.append(frame)
            self._is_wanted.set()

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run a task until the connection ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self, code: int) -> None:
        """Close the connection after everything was sent."""
        if self.is_open:
            self._close_code = code
            self._is_wanted.set()
            self._leave()

    def drop(self) -> None:
        """Reset the connection."""
        self._leave()
        self._events.clear()
        self._frames.clear()
        cut(self._request)

    async def ping(self) -> None:
        """Send a ping."""
        self.frames += 1
        with contextlib.suppress(ConnectionError):
            await self._socket.ping()

    async def flood(self, with_what: str) -> None:
        """Send frames without events as fast as the client receives them."""
        with contextlib.suppress(ConnectionError):
            for number in range(_FLOOD):
                if with_what == "pings":
                    await self._socket.ping()
                else:
                    await self._socket.send_str(events_frame([]))
                if number % _FLOOD_A_TURN == 0:
                    await asyncio.sleep(0)

    def _leave(self) -> None:
        if self.is_open:
            self.is_open = False
            self._left(self)

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            self.frames += 1
            match message.type:
                case WSMsgType.TEXT | WSMsgType.BINARY:
                    if self.is_open:
                        self._take(self, message.data)
                case WSMsgType.PING if self.silence != "pings" and not self.is_busy:
                    with contextlib.suppress(ConnectionError):
                        await self._socket.pong(message.data)
                case WSMsgType.PONG:
                    self.pongs += 1
                case WSMsgType.PING:
                    pass
                case _:
                    return

    async def _write(self) -> None:
        # The reading task notices the end of the connection, too.
        with contextlib.suppress(ConnectionError):
            while self._close_code is None:
                await self._is_wanted.wait()
                self._is_wanted.clear()
                self._seal()
                while self._frames:
                    self.frames += 1
                    await self._socket.send_str(self._frames.popleft())

    def _seal(self) -> None:
        """Put waiting events into messages."""
        while self._events:
            number = min(len(self._events), _EVENTS_PER_MESSAGE)
            texts = [self._events.popleft() for _ in range(number)]
            self._frames.append(events_frame(texts))


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks, and raise the error of one that has failed."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result
