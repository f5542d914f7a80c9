"""Servers whose answers a test sets, including ones that the simulator never gives."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
import errno
import json
import socket
import struct
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

# Linger "on" for zero seconds: closing sends RST instead of FIN.
_NO_LINGER = struct.pack("ii", 1, 0)
# Seconds between two bytes of an answer that never ends.
DRIP_INTERVAL = 0.01
STREAM_PATH = "/api/ws/events/v1"
_TOKEN_PATHS = ("/IDP/connect/token", "/API/IDP/connect/token")

type Converse = Callable[[web.WebSocketResponse], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A received request."""

    method: str
    path: str
    query: str
    authorization: str | None
    cookie: str | None
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the server."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    # Close the connection instead.
    is_lost: bool = False


class ScriptedServer:
    """Gives tokens to everybody, and otherwise the answers that a test has set.

    Without such an answer it returns 404 without a body.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._replies: dict[tuple[str, str], Reply] = {}
        self._turns: dict[tuple[str, str], list[Reply]] = {}
        self._runner: web.AppRunner | None = None
        self._tokens = 0
        # The handlers of the next WebSockets, in order; without one, upgrades fail.
        self.conversations: list[Converse] = []
        # Answer 400 to every request with a query.
        self.refuse_queries = False
        # The answer to sign-ins, in place of a token.
        self.sign_in: Callable[[Received], Reply] | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def answer(
        self,
        method: str,
        path: str,
        body: object = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer this path like this from now on; anything but bytes becomes JSON."""
        encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = Reply(body=encoded, status=status, headers=headers or {})
        self._replies[method, path] = reply

    def answer_in_turn(self, method: str, path: str, *replies: Reply) -> None:
        """Answer this path with each of these once, before anything else."""
        self._turns[method, path] = list(replies)

    def answer_rest(
        self, method: str, resource: str, body: object = b"", *, status: int = 200
    ) -> None:
        """Answer a resource of the REST API like this from now on."""
        self.answer(method, f"/api/rest/v1/{resource}", body, status=status)

    def answer_sign_in(self, body: object = b"", *, status: int = 200) -> None:
        """Answer both kinds of sign-in like this from now on."""
        for path in _TOKEN_PATHS:
            self.answer("POST", path, body, status=status)

    def paths(self, method: str = "GET") -> list[str]:
        """Return the requested paths, in order."""
        return [one.path for one in self.received if one.method == method]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        # The URL as it came, because its percent-encoding matters.
        path, _, query = request.raw_path.partition("?")
        self.received.append(
            Received(
                method=request.method,
                path=path,
                query=query,
                authorization=request.headers.get("Authorization"),
                cookie=request.headers.get("Cookie"),
                body=await request.text(),
            )
        )
        if path == STREAM_PATH and self.conversations:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await self.conversations.pop(0)(socket)
            return socket
        if query and self.refuse_queries:
            return web.Response(status=400)
        turns = self._turns.get((request.method, path))
        reply = turns.pop(0) if turns else self._replies.get((request.method, path))
        if path in _TOKEN_PATHS and self.sign_in is not None:
            reply = self.sign_in(self.received[-1])
        if reply is not None:
            if reply.is_lost and request.transport is not None:
                request.transport.close()
            return web.Response(
                body=reply.body, status=reply.status, headers=reply.headers
            )
        if path in _TOKEN_PATHS:
            self._tokens += 1
            token = {"access_token": f"token-{self._tokens}", "expires_in": 3600}
            return web.json_response(token)
        return web.Response(status=404)


class Ending(Enum):
    """How a server ends the connection after its answer."""

    CLOSE = auto()
    RESET = auto()
    SILENCE = auto()
    DRIP = auto()


class RawServer:
    """Reads a request, sends the given bytes, and ends as the test chooses."""

    def __init__(self, answer: bytes, ending: Ending = Ending.CLOSE) -> None:
        self._answer = answer
        self._ending = ending
        self._server: asyncio.Server | None = None
        self._over = asyncio.Event()
        self.was_asked = asyncio.Event()
        self.url = ""

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening, and end every pause."""
        self._over.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.was_asked.set()
        writer.write(self._answer)
        await writer.drain()
        if self._ending is Ending.SILENCE:
            await self._over.wait()
        while self._ending is Ending.DRIP and not self._over.is_set():
            if writer.is_closing():
                break
            writer.write(b" ")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), DRIP_INTERVAL)
        if self._ending is Ending.RESET:
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            writer.transport.abort()
        writer.close()


def closed_port() -> int:
    """Return a port that is closed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Resolver(AbstractResolver):
    """Resolves one name, to this machine, and no other."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: int = 0,  # noqa: ARG002 - it has only one address
    ) -> list[ResolveResult]:
        """Look up a name."""
        if host != "vms.test":
            raise OSError(errno.ENOENT, "No such name")
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Nothing to close."""
