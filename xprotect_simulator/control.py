"""The endpoints that control the simulator itself: faults, events, ledger, users."""

from collections.abc import Callable

from aiohttp import web

from .alarms.board import Board
from .alarms.rows import alarm_to_wire
from .bodies import body_of
from .errors import ApiError, OptionError, bad_request
from .events.rows import event_to_wire
from .faults.faults import Faults
from .happening.world import World
from .paging import whole_number
from .sign_in.identity import Identity
from .stream.sockets import Sockets
from .times import parse, to_datetime
from .video.sessions import VideoSessions
from .wire import error_response, json_response

# Events in one answer of the ledger; the next request continues after the last number.
_LEDGER_ROWS = 10_000
# Alarms of one answer, the newest.
_ALARM_ROWS = 1_000


class Control:
    """Answers /simulator/…, without sign-in and without faults."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        identity: Identity,
        sockets: Sockets,
        alarms: Board,
        video: VideoSessions,
        *,
        restart: Callable[[], None],
    ) -> None:
        """Control these parts."""
        self._world = world
        self._faults = faults
        self._identity = identity
        self._alarms = alarms
        self._acts: dict[str, Callable[[], None]] = {
            "restart": restart,
            "lock": identity.lock,
            "unlock": identity.unlock,
            "revoke": identity.revoke_tokens,
            "change-password": identity.require_password_change,
        }

        self._counts: dict[str, Callable[[], dict[str, object]]] = {
            "sockets": lambda: {
                "open": sockets.open,
                "accepted": sockets.accepted,
                "commands": sockets.commands,
            },
            "video": lambda: {
                "open": len(video),
                "opened": video.opened,
                "renewed": video.renewed,
                "states": video.states,
            },
            "sign-ins": lambda: {"count": len(identity.attempts)},
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        parts = request.path.lower().removeprefix("/simulator/").strip("/").split("/")
        try:
            if parts == ["alarms"]:
                return await self._answer_alarms(request)
            return await self._dispatch(request, parts)
        except OptionError as error:
            return error_response(bad_request(str(error)))
        except ApiError as error:
            return error_response(error)

    async def _dispatch(self, request: web.Request, parts: list[str]) -> web.Response:
        match request.method, parts:
            case "GET", ["faults"]:
                pass
            case "POST", ["faults"]:
                body = await body_of(request)
                spec = body.get("fault") if isinstance(body, dict) else None
                self._faults.enable(str(spec))
            case "DELETE", ["faults"]:
                self._faults.clear()
            case "DELETE", ["faults", name]:
                self._faults.disable(name)
            case "GET", [what] if what in self._counts:
                return json_response(self._counts[what]())
            case "GET", ["ledger"]:
                return self._ledger(request)
            case "POST", ["events"]:
                return self._emit(await body_of(request))
            case "POST", ["password"]:
                return self._set_password(await body_of(request))
            case "POST", [act] if act in self._acts:
                self._acts[act]()
                return json_response({"done": act})
            case _:
                text = "The simulator has no such control; see its README"
                raise ApiError(404, text)
        return json_response(
            {
                "enabled": [str(fault) for fault in self._faults.enabled],
                "available": {
                    kind.name: kind.doc for kind in self._faults.kinds.values()
                },
            }
        )

    def _ledger(self, request: web.Request) -> web.Response:
        ledger = self._world.ledger
        number = ledger.forgotten + len(ledger.happened)
        after = whole_number(request.query, "after", 0, range(number + 1))
        start = max(after - ledger.forgotten, 0)
        rows = ledger.happened[start : start + _LEDGER_ROWS]
        return json_response(
            {
                "array": [
                    {**event_to_wire(row, with_data=True), "isStored": row.is_stored}
                    for row in rows
                ]
            }
        )

    def _set_password(self, body: object) -> web.Response:
        """Change the basic user's password; existing tokens stay valid."""
        password = _text(body, "password") if isinstance(body, dict) else None
        if not password:
            text = "Give the new password"
            raise bad_request(text)
        self._identity.set_password(password)
        return json_response({"done": "password"})

    async def _answer_alarms(self, request: web.Request) -> web.Response:
        """Return the alarms, or raise one at a source that may be given by name."""
        if request.method != "POST":
            rows = [alarm_to_wire(alarm) for alarm in self._alarms]
            return json_response({"alarms": rows[-_ALARM_ROWS:]})
        body = await body_of(request)
        given = body if isinstance(body, dict) else {}
        name, source = _text(given, "name"), _text(given, "source")
        if not name:
            text = "Give at least the name of the alarm"
            raise bad_request(text)
        if source is not None and self._world.find(source) is None:
            source = self._world.named(source).path
        alarm = self._alarms.raise_alarm(
            name, message=_text(given, "message") or "", source=source
        )
        return json_response({"data": alarm_to_wire(alarm)}, 201)

    def _emit(self, body: object) -> web.Response:
        """Create an event of any type; time, tag and data are optional."""
        given = body if isinstance(body, dict) else {}
        type_id, source, time = (
            _text(given, name) for name in ("type", "source", "time")
        )
        data = given.get("data")
        if type_id is None or not isinstance(data, dict | None):
            text = "Give at least the type of the event; data is an object"
            raise bad_request(text)
        try:
            moment = None if time is None else to_datetime(parse(time))
        except ValueError as error:
            raise bad_request(str(error)) from error
        event = self._world.emit(
            type_id, source, time=moment, tag=_text(given, "tag"), data=data
        )
        return json_response({"data": event_to_wire(event, with_data=True)}, 201)


def _text(body: dict[str, object], name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) else None
