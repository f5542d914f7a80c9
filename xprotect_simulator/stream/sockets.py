"""The Events and State WebSocket: its connections, and pushing events to them."""

import asyncio
from collections import Counter
from collections.abc import Callable
import contextlib
import fnmatch
from http import HTTPStatus

from aiohttp import WSCloseCode, web

from ..errors import forbidden, unauthorized, unknown_resource
from ..faults.faults import Fault, Faults
from ..happening.ledger import StoredEvent
from ..happening.world import World
from ..sign_in.identity import Identity
from ..sign_in.users import Principal
from ..wire import html_response
from .commands import Client, MalformedError, StreamCommands
from .connections import Connection
from .frames import EventWriter
from .push_faults import PushFaults
from .sessions import Pushed, StreamSessions

# The path, in lower case and without a slash at the end.
PATH = "/api/ws/events/v1"

# Seconds for closing handshakes when the server stops.
_STOP_GRACE = 0.05


class Sockets:
    """All connections and their sessions."""

    def __init__(self, world: World, identity: Identity, faults: Faults) -> None:
        """Push the events of `world`."""
        self.sessions = StreamSessions(world.options, world.clock)
        # The number of requested upgrades, and of accepted ones.
        self.attempts = 0
        self.accepted = 0
        self._clock = world.clock
        self._identity = identity
        self._faults = faults
        self.writer = EventWriter(world, faults)
        self._push_faults = PushFaults(faults, world.clock, self._distribute)
        self._commands = StreamCommands(world, identity, faults, self.sessions)
        self._clients: dict[Connection, Client] = {}
        self._changed = asyncio.Event()
        self._is_running = False
        self._pinging: set[asyncio.Task[None]] = set()
        world.listeners.append(self._happened)

    @property
    def open(self) -> int:
        """The number of open connections."""
        return sum(connection.is_open for connection in self._clients)

    @property
    def commands(self) -> Counter[str]:
        """The number of commands by name; unknown commands are `unknown`."""
        return self._commands.counts

    @property
    def pongs(self) -> int:
        """The number of pings that the open connections have answered."""
        return sum(connection.pongs for connection in self._clients)

    def close_all(self, code: int = WSCloseCode.OK) -> None:
        """Close every connection."""
        for connection in tuple(self._clients):
            connection.close(code)

    def drop_all(self) -> None:
        """Reset every connection."""
        for connection in tuple(self._clients):
            connection.drop()

    def forget_all(self) -> None:
        """Drop all connections and sessions, like a restarted event server."""
        self.drop_all()
        self.sessions.forget_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition; it is checked after each connection and command."""
        while not condition():
            await self._changed.wait()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer an upgrade, and serve the connection to its end. Raises ApiError."""
        self.attempts += 1
        unavailable = self._faults.strike("ws_unavailable")
        if unavailable is not None:
            return _unavailable(int(unavailable.number))
        if any(one.kind.name == "events_api_missing" for one in self._faults.enabled):
            raise unknown_resource("ws")
        principal = self._principal(request)
        connection = Connection(request, take=self._take, left=self._left)
        if not connection.can_upgrade:
            return _unavailable(HTTPStatus.BAD_REQUEST)
        self.accepted += 1
        silent = self._faults.strike("ws_silent")
        connection.silence = "" if silent is None else silent.value
        self._clients[connection] = Client(connection=connection, principal=principal)
        if idle := self._faults.find("ws_idle"):
            connection.spawn(self._drop_when_idle(connection, idle.number))
        try:
            return await connection.serve(lambda: self._opened(connection))
        finally:
            del self._clients[connection]
            self._note_change()

    def start(self) -> None:
        """Start pings, if the fault is on."""
        self._is_running = True
        self._ping_anew()

    async def stop(self) -> None:
        """Close every connection and end all tasks; the sessions stay."""
        self._is_running = False
        self._ping_anew()
        self.close_all(WSCloseCode.GOING_AWAY)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_GRACE):
                await self.until(lambda: not self._clients)
        self.drop_all()
        await asyncio.gather(*self._pinging, return_exceptions=True)
        await self._push_faults.stop()

    def fault_switched(self, fault: Fault, is_on: bool) -> None:  # noqa: FBT001 - as `Faults` calls
        """Apply a fault to the open connections."""
        match fault.kind.name:
            case "ws_ping":
                self._ping_anew()
            case "ws_unsubscribed" if is_on and self._faults.strike(fault.kind.name):
                for session in self.sessions:
                    session.subscriptions.clear()
            case "ws_flood" if is_on:
                for connection in self._clients:
                    self._flood(connection)
            case "ws_out_of_order" if not is_on:
                self._push_faults.release()
            case "event_server_down" if is_on and fnmatch.fnmatchcase(PATH, fault.path):
                self.drop_all()
            case "ws_close" | "ws_drop" | "ws_silent" if is_on and self.open:
                self._strike_all(fault)

    def _opened(self, connection: Connection) -> None:
        self._flood(connection)
        self._note_change()

    def _flood(self, connection: Connection) -> None:
        if flood := self._faults.strike("ws_flood"):
            connection.spawn(connection.flood(flood.value))

    async def _drop_when_idle(self, connection: Connection, seconds: float) -> None:
        """Drop a connection without a frame for so many seconds."""
        before = -1
        while connection.frames != before:
            before = connection.frames
            await self._clock.sleep(seconds)
        connection.drop()

    def _strike_all(self, fault: Fault) -> None:
        # A fault with `every` does not apply at once.
        if fault.every > 1 or not self._faults.strike(fault.kind.name):
            return
        match fault.kind.name:
            case "ws_close":
                self.close_all(int(fault.number))
            case "ws_drop":
                self.drop_all()
            case _:
                for connection in self._clients:
                    connection.silence = fault.value

    def _principal(self, request: web.Request) -> Principal | None:
        """Return the principal; None if the `authenticate` command may follow."""
        header = request.headers.get("Authorization")
        if header is None and self._faults.find("ws_no_authenticate") is None:
            return None
        principal = self._identity.principal(header)
        if not principal.may_use("ws"):
            raise forbidden()
        return principal

    def _take(self, connection: Connection, message: str | bytes) -> None:
        try:
            self._commands.carry_out(self._clients[connection], message)
        except MalformedError:
            connection.close(WSCloseCode.INVALID_TEXT)
        self._note_change()

    def _left(self, connection: Connection) -> None:
        session = self._clients[connection].session
        if session is not None:
            self.sessions.leave(session, connection)
        self._note_change()

    def _note_change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _happened(self, event: StoredEvent) -> None:
        if self.sessions:
            self._push_faults.pass_on(event)

    def _distribute(self, event: StoredEvent) -> None:
        text = ""
        for session in self.sessions:
            if session.wants(event):
                # Written only once for all sessions.
                text = text or self.writer.write(event)
                session.remember(Pushed(event.id, text, self._clock.monotonic()))
                if session.listener is not None:
                    self._push_faults.deliver(session.listener, text)

    async def _ping_all(self, seconds: float) -> None:
        while True:
            await self._clock.sleep(seconds)
            for connection in tuple(self._clients):
                await connection.ping()

    def _ping_anew(self) -> None:
        """Restart or stop pings according to the fault."""
        for task in self._pinging:
            task.cancel()
        ping = self._faults.find("ws_ping")
        if ping is not None and self._is_running:
            task = asyncio.create_task(self._ping_all(ping.number))
            self._pinging.add(task)
            task.add_done_callback(self._pinging.discard)


def _unavailable(status: int) -> web.StreamResponse:
    """Refuse an upgrade: with JSON for 401, else with a page of IIS."""
    if status == HTTPStatus.UNAUTHORIZED:
        text = "the token is expired."
        raise unauthorized(text)
    return html_response(status, f"{status} - {HTTPStatus(status).phrase}")
