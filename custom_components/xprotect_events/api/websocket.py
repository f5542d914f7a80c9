"""Messages and pings of one WebSocket."""

import asyncio
from contextlib import suppress
import math
from typing import Literal

import aiohttp

from .errors import ResponseError, StreamClosedError
from .wire import Json

# Seconds between our pings. Proxies (nginx, Apache) close connections that are idle for
# a minute; more pings than needed would be a burden.
PING_EVERY = 28.0
# The shortest pause, even if the server has a shorter time-out.
MIN_PING_EVERY = 5.0
# Pings within the time-out of the server, so that one may be lost.
PINGS_A_TIMEOUT = 3
# Seconds without any frame after which the connection is dead. A large server that
# computes its states does not answer pings for a minute or two.
DEAD_AFTER = 240.0
# Frames without events (pings, pongs, empty messages) in so many seconds. Servers send
# one a second at most; a flood would keep the event loop busy with answers.
MAX_IDLE_FRAMES = 1000
FLOOD_SECONDS = 10.0
# Seconds for the closing handshake. A server that keeps sending does not finish it.
CLOSE_TIMEOUT = 2.0

# A socket that returns texts as undecoded bytes.
type RawSocket = aiohttp.ClientWebSocketResponse[Literal[False]]


def ping_pause(timeout: float | None) -> float:
    """Return the seconds between pings for a server's time-out in seconds."""
    if timeout is None:
        return PING_EVERY
    return min(PING_EVERY, max(MIN_PING_EVERY, timeout / PINGS_A_TIMEOUT))


class WebSocket:
    """Sends and receives messages and pings.

    It does not use the pings of aiohttp: they require a pong within half of their
    pause, which a large server does not send while it computes its states.
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
        """Return the next message, and answer pings while waiting.

        Raises `TimeoutError` when none has come by `until` (seconds of the event
        loop's clock), `StreamClosedError` when the connection has ended or is dead,
        and `ResponseError` when the server floods it.
        """
        if self._is_handled:
            # Frames that arrived while the message was handled are not read yet.
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
        """Make a waiting `receive` raise `TimeoutError` now; no message is lost."""
        if self._wait is not None and not self._wait.expired():
            self._wait.reschedule(self._now())

    def note_idle_frame(self) -> None:
        """Count a frame without events. Raises `ResponseError` in a flood."""
        if self._frame_at - self._idle_since > FLOOD_SECONDS:
            self._idle_since = self._frame_at
            self._idle_frames = 0
        self._idle_frames += 1
        if self._idle_frames > MAX_IDLE_FRAMES:
            raise ResponseError(
                "The event stream is flooded with frames without events"
            )

    async def close(self) -> None:
        """Close the connection, with the closing handshake if there is time."""
        self._stop_pings()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._socket.close()

    def _stop_pings(self) -> None:
        if self._pings is not None:
            self._pings.cancel()

    async def _ping(self, every: float) -> None:
        # `receive` reports the end of the connection.
        with suppress(ConnectionError, aiohttp.ClientError):
            while True:
                await asyncio.sleep(every)
                await self._socket.ping()
