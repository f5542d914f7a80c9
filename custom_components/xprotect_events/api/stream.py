"""Connections to the Events and State WebSocket (protocol §5)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self

from yarl import URL

from .auth import Authenticator
from .errors import RejectedError, ResponseError, TimedOutError, TokenRefusedError
from .event_models import Event
from .http import Http, envelope_text
from .messages import Message, read_message
from .token import Token
from .unreadable import UnreadableRows
from .upgrade import open_websocket
from .websocket import WebSocket
from .wire import Json, identifier, optional_int, optional_seconds

# Events after which the event loop runs other tasks, even if more messages wait.
ROWS_A_TURN = 200
# Seconds that a loaded server may take to answer. `getState` takes minutes on a large
# site. More would delay the detection of a dead connection.
COMMAND_TIMEOUT = 30.0
STATE_TIMEOUT = 300.0

ANY = "*"

type OnEvents = Callable[[tuple[Event, ...]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFilter:
    """A filter of a subscription; an event must match both (protocol §5.3).

    Both have GUIDs; `("*",)` matches all.
    """

    source_ids: tuple[str, ...] = (ANY,)
    event_types: tuple[str, ...] = (ANY,)

    def to_wire(self) -> Json:
        """Return a filter of `addSubscription`."""
        return {
            "modifier": "include",
            "resourceTypes": [ANY],
            "sourceIds": list(self.source_ids),
            "eventTypes": list(self.event_types),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """Where a new connection resumes a session that the server still has."""

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
        # Not `ws`: aiohttp would take a redirect to `http` for another origin.
        self._url = address / "api/ws/events/v1"
        self._authenticator = authenticator
        # The last token that was refused although it was new.
        self._refused_when_new = ""

    async def connect(self, on_events: OnEvents) -> EventStream:
        """Connect; events go to `on_events` after `EventStream.subscribe`.

        A refused token is renewed once, unless it was new: another one would be
        refused, too. Raises `NotFoundError` when the server is too old for the
        WebSocket, or any other `ApiError`.
        """
        token = await self._authenticator.token()
        try:
            return await self._open(token, on_events)
        except TokenRefusedError:
            if token.access_token == self._refused_when_new:
                raise
        token = await self._authenticator.token(instead_of=token)
        return await self._open(token, on_events)

    async def _open(self, token: Token, on_events: OnEvents) -> EventStream:
        try:
            socket = await open_websocket(self._http, self._url, token.access_token)
        except TokenRefusedError:
            if self._authenticator.is_new(token):
                self._refused_when_new = token.access_token
            raise
        return EventStream(WebSocket(socket), on_events, self._unreadable)


class EventStream:
    """A connected WebSocket with one session; it runs one command at a time.

    Every method raises `StreamClosedError` when the connection ends, and
    `ResponseError` for messages that do not follow the protocol. Events that arrive
    while a command waits for its reply go to `on_events`, too.
    """

    def __init__(
        self, socket: WebSocket, on_events: OnEvents, unreadable: UnreadableRows
    ) -> None:
        self._socket = socket
        self._unreadable = unreadable
        self._on_events = on_events
        self._now = asyncio.get_running_loop().time
        self._command_id = 0
        self._session_id = ""
        self._last_event_id = ""
        self._event_at = 0.0
        self._rows_this_turn = 0
        self._is_following = False

    async def __aenter__(self) -> Self:
        """Use the stream; it is closed at the end of the block."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        await self.close()

    @property
    def resume_point(self) -> ResumePoint | None:
        """Where the next stream can resume; `None` before the first event."""
        if not self._session_id or not self._last_event_id:
            return None
        return ResumePoint(session_id=self._session_id, event_id=self._last_event_id)

    async def start(self, resume: ResumePoint | None) -> bool:
        """Start a session; return whether it resumes the old one without a gap."""
        reply = await self._command(
            {
                "command": "startSession",
                "sessionId": resume.session_id if resume else "",
                "eventId": resume.event_id if resume else "",
            },
            COMMAND_TIMEOUT,
        )
        fields = reply.fields
        self._session_id = identifier(fields, "sessionId", "startSession")
        self._socket.keep_alive(optional_seconds(fields, "inactiveTimeoutSeconds"))
        # A session that is gone is replaced without an error; only the status differs
        # (protocol §5.5).
        if resume is None or optional_int(fields, "status") != HTTPStatus.OK:
            return False
        if not self._last_event_id:
            self._last_event_id = resume.event_id
        return True

    async def subscribe(self, filters: Iterable[SubscriptionFilter]) -> None:
        """Subscribe to events; without filters the server sends nothing."""
        await self._command(
            {
                "command": "addSubscription",
                "filters": [condition.to_wire() for condition in filters],
            },
            COMMAND_TIMEOUT,
        )

    async def states(self) -> tuple[Event, ...]:
        """Return the newest event of every subscribed (source, state group) pair.

        Raises `TimedOutError` after `STATE_TIMEOUT`, or `RejectedError`, too.
        """
        reply = await self._command({"command": "getState"}, STATE_TIMEOUT)
        if reply.states is None:
            raise ResponseError("states is not an array")
        return self._unreadable.readable("states", reply.states)

    async def follow(self, quiet: float) -> None:
        """Pass on events until none has come for `quiet` seconds, or `interrupt`.

        Other messages and pings do not count as events.
        """
        self._event_at = self._now()
        self._is_following = True
        while self._is_following:
            try:
                message = await self._socket.receive(until=self._event_at + quiet)
            except TimeoutError:
                break
            await self._take(message)
        self._is_following = False

    def interrupt(self) -> None:
        """Let `follow` return once the received events were passed on."""
        if self._is_following:
            self._is_following = False
            self._socket.stop_waiting()

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()

    async def _command(self, command: dict[str, Json], timeout: float) -> Message:
        self._command_id += 1
        name = command["command"]
        try:
            async with asyncio.timeout(timeout):
                await self._socket.send({**command, "commandId": self._command_id})
                reply = await self._take(await self._socket.receive())
                while reply.fields.get("commandId") != self._command_id:
                    reply = await self._take(await self._socket.receive())
        except TimeoutError as err:
            raise TimedOutError(f"{name} was not answered in time") from err
        status = optional_int(reply.fields, "status") or 0
        if not 200 <= status < 300:  # noqa: PLR2004 - as in HTTP
            text = envelope_text(reply.fields)
            raise RejectedError(f"{name} refused", status=status, server_text=text)
        return reply

    async def _take(self, text: bytes) -> Message:
        """Decode a message, pass its events on, and return it."""
        message = await read_message(text)
        events = message.events.rows
        if message.events.unreadable:
            self._unreadable.readable("events", message.events)
        if events:
            await self._on_events(events)
            self._last_event_id = events[-1].id
            self._event_at = self._now()
            await self._yield_to_loop(len(events))
        elif "commandId" not in message.fields:
            self._socket.note_idle_frame()
        return message

    async def _yield_to_loop(self, rows: int) -> None:
        # Receiving a message that has already arrived does not pause.
        self._rows_this_turn += rows
        if self._rows_this_turn >= ROWS_A_TURN:
            self._rows_this_turn = 0
            await asyncio.sleep(0)
