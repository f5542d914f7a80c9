"""The messages of one WebSocket, and the frames that keep it alive."""

import asyncio
from contextlib import suppress
import math
from typing import Literal

import aiohttp

from .errors import ResponseError, StreamClosedError
from .wire import Json

# Seconds between our pings. What stands between closes silent connections after a
# minute (nginx, Apache); more often would be a burden without a use.
PING_EVERY = 28.0
# The most often, whatever time-out the server says that it has.
MIN_PING_EVERY = 5.0
# Pings within the time-out of the server: one may be lost on the way.
PINGS_A_TIMEOUT = 3
# Seconds without any frame after which nobody is there any more. A large server that
# computes its states answers no ping for a minute or two.
DEAD_AFTER = 240.0
# Frames that bring nothing (pings, pongs, empty messages) in so many seconds. Servers
# send one a second at most; each of more would be answered, and nothing else done.
MAX_IDLE_FRAMES = 1000
FLOOD_SECONDS = 10.0
# Seconds for a goodbye. A server that never stops sending does not get to say it.
CLOSE_TIMEOUT = 2.0


# Gives texts as the bytes that they are on the way.
type RawSocket = aiohttp.ClientWebSocketResponse[Literal[False]]


def ping_pause(timeout: float | None) -> float:
    """Return the seconds between pings that suit a server's time-out in seconds."""
    if timeout is None:
        return PING_EVERY
    return min(PING_EVERY, max(MIN_PING_EVERY, timeout / PINGS_A_TIMEOUT))


class WebSocket:
    """Sends and receives messages, and pings.

    Its own pings instead of aiohttp's: those want a pong within half of their pause,
    and they make a connection that is deaf look like one that brings messages.
    """

    def __init__(self, socket: RawSocket) -> None:
        self._socket = socket
        self._now = asyncio.get_running_loop().time
        self._frame_at = self._now()
        self._is_handled = False
        self._idle_since = self._frame_at
        self._idle_frames = 0
        self._pings: asyncio.Task[None] | None = None
        self._wait: asyncio.Timeout | None = None

    def keep_alive(self, timeout: float | None) -> None:
        """Ping from now on, often enough for the server's time-out in seconds."""
        self._stop_pings()
        self._pings = asyncio.create_task(self._ping(ping_pause(timeout)))

    async def send(self, message: dict[str, Json]) -> None:
        """Send a message as JSON. Raises `StreamClosedError`."""
        try:
            await self._socket.send_json(message)
        except (ConnectionError, aiohttp.ClientError) as err:
            raise StreamClosedError("The event stream broke off") from err

    async def receive(self, *, until: float = math.inf) -> bytes:
        """Return the next message; pings are answered meanwhile.

        Raises `TimeoutError` when none has come until then, by the event loop's clock,
        `StreamClosedError` when the connection is over or dead, and `ResponseError`
        when the server floods it.
        """
        if self._is_handled:
            # What comes while a message is handled waits to be received.
            self._is_handled = False
            self._frame_at = self._now()
        while True:
            dead_at = self._frame_at + DEAD_AFTER
            try:
                async with asyncio.timeout_at(min(until, dead_at)) as self._wait:
                    message = await self._socket.receive()
                    if message.type is aiohttp.WSMsgType.PING:
                        await self._socket.pong(message.data)
            except TimeoutError as err:
                if until <= dead_at:
                    raise
                raise StreamClosedError("The event stream is dead") from err
            except (ConnectionError, aiohttp.ClientError) as err:
                raise StreamClosedError("The event stream broke off") from err
            finally:
                self._wait = None
            self._frame_at = self._now()
            if message.type is aiohttp.WSMsgType.TEXT:
                self._is_handled = True
                return bytes(message.data)
            if message.type not in {aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG}:
                raise StreamClosedError(
                    "The event stream ended", status=self._socket.close_code
                )
            self.note_idle_frame()

    def stop_waiting(self) -> None:
        """Let `receive` raise `TimeoutError` now, if it waits; no message is lost."""
        if self._wait is not None and not self._wait.expired():
            self._wait.reschedule(self._now())

    def note_idle_frame(self) -> None:
        """Count a frame that has brought nothing. Raises `ResponseError` in a flood."""
        if self._frame_at - self._idle_since > FLOOD_SECONDS:
            self._idle_since = self._frame_at
            self._idle_frames = 0
        self._idle_frames += 1
        if self._idle_frames > MAX_IDLE_FRAMES:
            raise ResponseError(
                "The event stream is flooded with frames without events"
            )

    async def close(self) -> None:
        """Close the connection, with a goodbye if the other side lets it happen."""
        self._stop_pings()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._socket.close()

    def _stop_pings(self) -> None:
        if self._pings is not None:
            self._pings.cancel()

    async def _ping(self, every: float) -> None:
        # Who receives notices the end of the connection, too.
        with suppress(ConnectionError, aiohttp.ClientError):
            while True:
                await asyncio.sleep(every)
                await self._socket.ping()
