"""Applies the faults of whole requests."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from yarl import URL

from ..clock import Clock
from ..errors import forbidden, unauthorized, unknown_resource
from ..resets import cut
from ..wire import error_response, html_response
from . import fault_table
from .faults import Fault, Faults

type Proceed = Callable[[], Awaitable[web.StreamResponse]]
type Strike = Callable[[Fault, web.Request, Proceed], Awaitable[web.StreamResponse]]

_SERVER_ERRORS: Mapping[int, str] = {
    500: "500 - Internal server error.",
    502: "502 - Web server received an invalid response.",
    503: "Service Unavailable",
    504: "504.0 - Gateway Timeout",
}

_EVENT_SERVER_PATHS = (
    "/api/rest/v1/events",
    "/api/rest/v1/eventsessions",
    "/api/rest/v1/alarm",
    "/api/ws/",
)


class RequestFaults:
    """Applies faults before, instead of or after the handling of a request."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        """Apply `faults` to each request."""
        self._faults = faults
        self._clock = clock
        self._strikes: Mapping[str, Strike] = {
            "slow": self._slow,
            "reset": self._reset,
            "gateway_missing": _missing,
            "events_api_missing": _no_events,
            "event_server_down": _down,
            "idp_down": _down,
            "redirect": _redirect,
            "server_error": _down,
            "too_many_requests": _wait(429, "429 - Too Many Requests"),
            "starting": _wait(503, "503 - Service Unavailable"),
            "unauthorized": _unauthorized,
            "unauthorized_once": _unauthorized,
            "forbidden": _forbidden,
            "html": _html,
            "garbage": _garbage,
            "truncated": _truncated,
        }

    async def handle(
        self, request: web.Request, path: str, proceed: Proceed
    ) -> web.StreamResponse:
        """Answer a request with the faults that are on."""
        enabled = {fault.kind.name for fault in self._faults.enabled}
        for kind in reversed(fault_table.REQUEST_FAULTS):
            if kind.name in enabled:
                proceed = self._guarded(kind.name, request, path, proceed)
        return await proceed()

    def _guarded(
        self, name: str, request: web.Request, path: str, proceed: Proceed
    ) -> Proceed:
        async def guarded() -> web.StreamResponse:
            asked = f"{path}?{request.query_string.lower()}"
            if not _concerns(name, self._faults, path, asked):
                return await proceed()
            fault = self._faults.strike(name, asked)
            if fault is None:
                return await proceed()
            return await self._strikes[name](fault, request, proceed)

        return guarded

    async def _slow(
        self, fault: Fault, _request: web.Request, proceed: Proceed
    ) -> web.StreamResponse:
        await self._clock.sleep(fault.number)
        return await proceed()

    async def _reset(
        self, fault: Fault, request: web.Request, proceed: Proceed
    ) -> web.StreamResponse:
        if fault.value == "after":
            await proceed()
        return _cut(request)


def _concerns(name: str, faults: Faults, path: str, asked: str) -> bool:
    """Return whether a fault is on for this path; `asked` has the query, too."""
    fault = faults.look(name, asked)
    if fault is None:
        return False
    if name == "event_server_down":
        return path.startswith(_EVENT_SERVER_PATHS)
    if name == "idp_down":
        return path.startswith(("/idp/", "/api/idp/"))
    if name == "forbidden":
        resource = path.removeprefix("/api/rest/v1/").partition("/")[0]
        return not {"*", resource}.isdisjoint(fault.value.lower().split(","))
    return True


def _cut(request: web.Request) -> web.StreamResponse:
    """Reset the connection; the returned answer is not sent."""
    cut(request)
    return web.Response(status=500)


async def _missing(
    _fault: Fault, _request: web.Request, _proceed: Proceed
) -> web.StreamResponse:
    return html_response(404, "404 - File or directory not found.")


async def _no_events(
    _fault: Fault, request: web.Request, _proceed: Proceed
) -> web.StreamResponse:
    return error_response(unknown_resource(request.path.split("/")[4]))


async def _down(
    fault: Fault, _request: web.Request, _proceed: Proceed
) -> web.StreamResponse:
    status = int(fault.number)
    title = _SERVER_ERRORS.get(status, f"{status}")
    return html_response(status, title, "The service is unavailable.")


async def _redirect(
    fault: Fault, request: web.Request, _proceed: Proceed
) -> web.StreamResponse:
    target = URL(fault.value) if fault.value else request.url.with_scheme("https")
    location = target.origin().join(request.rel_url)
    return web.Response(status=307, headers={"Location": str(location)})


def _wait(status: int, title: str) -> Strike:
    async def answer(
        fault: Fault, _request: web.Request, _proceed: Proceed
    ) -> web.StreamResponse:
        response = html_response(status, title)
        response.headers["Retry-After"] = fault.value
        return response

    return answer


async def _unauthorized(
    _fault: Fault, _request: web.Request, _proceed: Proceed
) -> web.StreamResponse:
    return error_response(unauthorized("the token is expired."))


async def _forbidden(
    _fault: Fault, _request: web.Request, _proceed: Proceed
) -> web.StreamResponse:
    return error_response(forbidden())


async def _html(
    _fault: Fault, _request: web.Request, _proceed: Proceed
) -> web.StreamResponse:
    return html_response(200, "Internet Information Services")


async def _garbage(
    _fault: Fault, _request: web.Request, _proceed: Proceed
) -> web.StreamResponse:
    body = b'{"array":[{"id":\xff\x00\xfe nonsense'
    return web.Response(body=body, content_type="application/json")


async def _truncated(
    _fault: Fault, request: web.Request, proceed: Proceed
) -> web.StreamResponse:
    """Send the headers of the whole answer with the first half of its body."""
    whole = await proceed()
    body = whole.body if isinstance(whole, web.Response) else None
    if not isinstance(body, bytes):
        return whole
    half = web.StreamResponse(status=whole.status, headers=whole.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
