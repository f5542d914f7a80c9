"""Handles each request: faults, token, the part that answers it, and the log."""

from collections import deque
from dataclasses import dataclass
from email.utils import format_datetime
from http import HTTPStatus

from aiohttp import web
from yarl import URL

from .alarms.requests import RESOURCES as ALARM_RESOURCES, Alarms
from .configuration.resources import Configuration
from .errors import ApiError, forbidden
from .events.events import Events
from .events.session_requests import EventSessions
from .faults.faults import Faults
from .faults.request_faults import RequestFaults
from .happening.world import World
from .recorders.server_commands import PATHS as SOAP_PATHS, ServerCommands
from .sign_in.identity_provider import IdentityProvider
from .stream.sockets import PATH as SOCKET_PATH, Sockets
from .times import to_datetime
from .video.sessions import VideoSessions
from .wire import error_response, html_response, json_response

# Tests read the last ones; the memory of a long demo must not grow.
_REQUESTS_KEPT = 10_000

# The longest query string that IIS accepts by default.
_MAX_QUERY = 2_048

_UPGRADED = web.RequestKey("upgraded", bool)

_REST = "/api/rest/v1/"
_IDP_ROOTS = ("/idp/", "/api/idp/")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request; the status is 0 if it got no answer."""

    method: str
    path: str
    query: str
    status: int


class Gateway:
    """Handles every request of the server; paths are not case-sensitive."""

    def __init__(  # noqa: PLR0913 - the parts of a server
        self,
        *,
        world: World,
        identity_provider: IdentityProvider,
        faults: Faults,
        configuration: Configuration,
        events: Events,
        sessions: EventSessions,
        sockets: Sockets,
        server_commands: ServerCommands,
        video: VideoSessions,
        alarms: Alarms,
    ) -> None:
        """Distribute requests to these parts."""
        self.requests: deque[RequestRecord] = deque(maxlen=_REQUESTS_KEPT)
        self._world = world
        self._identity = identity_provider.identity
        self._faults = faults
        self._request_faults = RequestFaults(faults, world.clock)
        self._identity_provider = identity_provider
        self._configuration = configuration
        self._events = events
        self._sessions = sessions
        self._sockets = sockets
        self._server_commands = server_commands
        self._video = video
        self._alarms = alarms

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.path.lower()
        status = 0
        try:
            response = await self._request_faults.handle(
                request, path, lambda: self._answer(request, path)
            )
            status = response.status
        finally:
            if _UPGRADED not in request:
                self._record(request, status)
        return response

    def _record(self, request: web.Request, status: int) -> None:
        record = RequestRecord(
            method=request.method,
            path=request.path,
            query=request.query_string,
            status=status,
        )
        self.requests.append(record)

    async def set_headers(
        self, request: web.Request, response: web.StreamResponse
    ) -> None:
        """Set the headers of a response, with the server's time."""
        if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            # The answer is sent now, but the request continues.
            request[_UPGRADED] = True
            self._record(request, response.status)
        now = to_datetime(self._world.now())
        response.headers["Date"] = format_datetime(now, usegmt=True)
        if self._faults.find("no_date") is not None:
            del response.headers["Date"]
        response.headers["Server"] = "Microsoft-IIS/10.0"
        if (cors := self._faults.find("cors")) is not None:
            allow = "Access-Control-Allow-"
            wanted = request.headers.get("Access-Control-Request-Headers", "*")
            response.headers[allow + "Origin"] = cors.value
            response.headers[allow + "Methods"] = "GET, POST, PATCH, DELETE"
            response.headers[allow + "Headers"] = wanted

    async def _answer(self, request: web.Request, path: str) -> web.StreamResponse:
        if request.method == "OPTIONS" and self._faults.find("cors") is not None:
            # The preflight request of a browser.
            return web.Response(status=HTTPStatus.NO_CONTENT)
        try:
            request.url.origin()
        except ValueError:
            # The `Host` header is no name and port.
            return html_response(400, "Bad Request - Invalid Hostname")
        try:
            return await self._dispatch(request, path)
        except ApiError as error:
            return error_response(error)

    async def _dispatch(self, request: web.Request, path: str) -> web.StreamResponse:
        for root in _IDP_ROOTS:
            if path.startswith(root):
                below = path.removeprefix(root)
                origin = self._origin(request)
                return await self._identity_provider.handle(
                    request, below, origin, is_direct=root == _IDP_ROOTS[0]
                )
        if path.rstrip("/") == SOCKET_PATH:
            return await self._sockets.handle(request)
        if path in SOAP_PATHS:
            return await self._server_commands.handle(request, path)
        if path == "/api/.well-known/uris":
            return self._well_known(request)
        if path.startswith(_REST):
            parts = [part for part in path.removeprefix(_REST).split("/") if part]
            is_too_long = len(request.url.raw_query_string) > _MAX_QUERY
            if parts and not is_too_long:
                return await self._rest(request, parts)
        return html_response(404, "404 - File or directory not found.")

    async def _rest(self, request: web.Request, parts: list[str]) -> web.StreamResponse:
        principal = self._identity.principal(request.headers.get("Authorization"))
        if not principal.may_use(parts[0]):
            raise forbidden()
        match parts:
            case ["events", *rest]:
                return await self._events.handle(request, rest, principal)
            case ["eventsessions", *rest]:
                return await self._sessions.handle(request, rest, principal)
            case [resource, *_] if resource in ALARM_RESOURCES:
                return await self._alarms.handle(request, parts, principal)
            case ["webrtc", *rest]:
                return await self._video.handle(request, rest, principal)
            case _:
                return await self._configuration.handle(request, parts, principal)

    def _origin(self, request: web.Request) -> URL:
        """Return the address of this server for discovery documents."""
        unreachable = self._faults.find("unreachable_names")
        return request.url.origin() if unreachable is None else URL(unreachable.value)

    def _well_known(self, request: web.Request) -> web.Response:
        origin = self._origin(request)
        elsewhere = self._faults.find("idp_elsewhere")
        identity_provider = URL(elsewhere.value) if elsewhere else origin
        return json_response(
            {
                "ProductVersion": self._world.product_version,
                "UnsecureManagementServer": f"{origin.with_scheme('http')}/",
                "SecureManagementServer": f"{origin.with_scheme('https')}/",
                "IdentityProvider": str(identity_provider / "IDP"),
                "ApiGateways": [str(origin / "API/")],
            }
        )
