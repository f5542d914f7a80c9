"""One life of the Events and State WebSocket (protocol §5)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
import json

import aiohttp
from yarl import URL

from .auth import Authenticator, Token
from .errors import (
    ApiError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    ResponseError,
    StreamClosedError,
    TimedOutError,
    TokenRefusedError,
    UnavailableError,
)
from .event_models import Event
from .http import Http, envelope_text, translated_errors
from .unreadable import UnreadableRows
from .wire import Json, as_array, as_object, decode_each, identifier, optional_int

# The state of 2,659 cameras is a message of 4.25 MB; aiohttp's own limit is 4 MiB.
MAX_MESSAGE = 32 * 1024 * 1024
# Messages from this size on are decoded beside the event loop, in bytes.
LARGE_MESSAGE = 64 * 1024
# What the state of one source takes of it at the least.
MIN_STATE = 100
# Pings after this quiet time, in seconds. Half of it is how long an answer may take:
# a large server that computes its state answers no ping for a minute or two.
HEARTBEAT = 240.0
# Seconds that a loaded server may take. A state of a large site takes minutes; more
# than these would leave a dead connection unnoticed.
CONNECT_TIMEOUT = 30.0
COMMAND_TIMEOUT = 30.0
STATE_TIMEOUT = 300.0

ANY = "*"

type OnEvents = Callable[[tuple[Event, ...]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFilter:
    """What a subscription includes; all three must match (protocol §5.3).

    `resources` are names such as `cameras`, the others GUIDs; `("*",)` is all.
    """

    resources: tuple[str, ...] = (ANY,)
    source_ids: tuple[str, ...] = (ANY,)
    event_types: tuple[str, ...] = (ANY,)

    def to_wire(self) -> Json:
        """Write a filter of `addSubscription`."""
        return {
            "modifier": "include",
            "resourceTypes": list(self.resources),
            "sourceIds": list(self.source_ids),
            "eventTypes": list(self.event_types),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """Where to go on after a broken connection, as long as the server remembers."""

    session_id: str
    event_id: str


class Streams:
    """Opens event streams; every one is a new connection."""

    def __init__(
        self,
        http: Http,
        address: URL,
        authenticator: Authenticator,
        unreadable: UnreadableRows,
    ) -> None:
        self._http = http
        self._unreadable = unreadable
        scheme = "wss" if address.scheme == "https" else "ws"
        self._url = (address / "api/ws/events/v1").with_scheme(scheme)
        self._authenticator = authenticator

    async def connect(self, on_events: OnEvents) -> EventStream:
        """Connect; pushed events go to `on_events` as soon as a session asks for them.

        A refused token is renewed once. Raises `NotFoundError` when the server is
        too old to have the WebSocket, and any other `ApiError`.
        """
        token = await self._authenticator.token()
        try:
            socket = await self._connect(token)
        except TokenRefusedError:
            token = await self._authenticator.token(instead_of=token)
            socket = await self._connect(token)
        return EventStream(socket, on_events, self._unreadable)

    async def _connect(self, token: Token) -> aiohttp.ClientWebSocketResponse:
        with translated_errors():
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    return await self._http.session.ws_connect(
                        self._url,
                        headers={"Authorization": f"Bearer {token.access_token}"},
                        ssl=self._http.tls,
                        max_msg_size=MAX_MESSAGE,
                        heartbeat=HEARTBEAT,
                    )
            except aiohttp.WSServerHandshakeError as err:
                raise _upgrade_error(err.status) from err


class EventStream:
    """A connected WebSocket: one session, commands one at a time, events between.

    Every method raises `StreamClosedError` when the connection ends.
    """

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        on_events: OnEvents,
        unreadable: UnreadableRows,
    ) -> None:
        self._socket = socket
        self._unreadable = unreadable
        self._on_events = on_events
        self._command_id = 0
        self._session_id = ""
        self._last_event_id = ""

    @property
    def resume_point(self) -> ResumePoint | None:
        """Where the next stream may go on; nowhere before the first event."""
        if not self._session_id or not self._last_event_id:
            return None
        return ResumePoint(session_id=self._session_id, event_id=self._last_event_id)

    async def start(self, resume: ResumePoint | None) -> bool:
        """Start a session; return whether the old one goes on, with all it missed."""
        reply = await self._command(
            {
                "command": "startSession",
                "sessionId": resume.session_id if resume else "",
                "eventId": resume.event_id if resume else "",
            },
            COMMAND_TIMEOUT,
        )
        self._session_id = identifier(reply, "sessionId", "startSession")
        # Only the status tells: a session that is gone is replaced without a word.
        if resume is None or optional_int(reply, "status") != HTTPStatus.OK:
            return False
        if not self._last_event_id:
            self._last_event_id = resume.event_id
        return True

    async def subscribe(self, filters: Iterable[SubscriptionFilter]) -> None:
        """Ask for events; without filters the server would accept and send nothing."""
        await self._command(
            {
                "command": "addSubscription",
                "filters": [condition.to_wire() for condition in filters],
            },
            COMMAND_TIMEOUT,
        )

    async def states(self) -> tuple[Event, ...]:
        """Read the newest event of every subscribed (source, state group)."""
        reply = await self._command({"command": "getState"}, STATE_TIMEOUT)
        rows = as_array(reply.get("states"), "states")
        if len(rows) * MIN_STATE > LARGE_MESSAGE:
            decoded = await asyncio.to_thread(
                decode_each, Event.from_wire, rows, "states"
            )
        else:
            decoded = decode_each(Event.from_wire, rows, "states")
        return self._unreadable.readable("states", decoded)

    async def follow(self, quiet: float) -> None:
        """Hand over events until none has come for so many seconds.

        Raises when the connection ends.
        """
        while True:
            try:
                message = await self._socket.receive(timeout=quiet)
            except TimeoutError:
                return
            await self._take(message)

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()

    async def _command(
        self, command: dict[str, Json], timeout: float
    ) -> Mapping[str, object]:
        self._command_id += 1
        name = command["command"]
        try:
            async with asyncio.timeout(timeout):
                await self._send({**command, "commandId": self._command_id})
                reply = await self._take(await self._socket.receive())
                while reply.get("commandId") != self._command_id:
                    reply = await self._take(await self._socket.receive())
        except TimeoutError as err:
            raise TimedOutError(f"{name} was not answered in time") from err
        status = optional_int(reply, "status") or 0
        if not 200 <= status < 300:  # noqa: PLR2004 - as in HTTP
            raise RejectedError(
                f"{name} refused", status=status, server_text=envelope_text(reply)
            )
        return reply

    async def _send(self, command: dict[str, Json]) -> None:
        try:
            await self._socket.send_json(command)
        except (ConnectionError, aiohttp.ClientError) as err:
            raise StreamClosedError("The event stream broke off") from err

    async def _take(self, message: aiohttp.WSMessage) -> Mapping[str, object]:
        """Return what a message says, after its events were handed over."""
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise StreamClosedError(
                "The event stream ended", status=self._socket.close_code
            )
        item = as_object(await _decode(message.data), "message")
        rows = item.get("events")
        if isinstance(rows, list) and rows:
            decoded = decode_each(Event.from_wire, rows, "events")
            events = self._unreadable.readable("events", decoded)
            if events:
                await self._on_events(events)
                self._last_event_id = events[-1].id
        return item


async def _decode(message: str) -> object:
    try:
        if len(message) > LARGE_MESSAGE:
            return await asyncio.to_thread(json.loads, message)
        return json.loads(message)
    except (ValueError, RecursionError) as err:
        raise ResponseError("A message of the event stream is not JSON") from err


def _upgrade_error(status: int) -> ApiError:
    """Return what a refused upgrade means (protocol §5.1)."""
    sentence = f"The event stream was refused (HTTP {status})"
    if status == HTTPStatus.UNAUTHORIZED:
        return TokenRefusedError(sentence, status=status)
    if status == HTTPStatus.FORBIDDEN:
        return PermissionDeniedError(sentence, status=status)
    if status == HTTPStatus.NOT_FOUND:
        return NotFoundError(sentence, status=status)
    return UnavailableError(sentence, status=status, server_text=None, retry_after=None)
