"""Event sessions, in which the server stores what a client has read (protocol §4.6)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from .body import EVENTS
from .errors import (
    ApiError,
    NotFoundError,
    RejectedError,
    ResponseError,
    SessionForgottenError,
    UnavailableError,
)
from .event_models import Event, SessionChanges
from .events import Direction
from .filters import Operator
from .transport import Transport
from .wire import Json, as_array, as_object, decode_each, identifier, texts

# Two paths are documented; which a server has is not (protocol §4.2).
READ_PATHS = ("eventSessions/{}/events", "eventSessions/{}")
# The name of the event server's fault, in the gateway's answer (protocol §4.6).
UNKNOWN_SESSION = "unknownsession"
# Seconds. Home Assistant waits for the deletion when it stops or reloads. A server
# that does not answer must not delay that, and it deletes old sessions anyway.
DELETE_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """One condition of a session, on a property of the event object."""

    target: str
    operator: Operator
    value: str | int | None

    def to_wire(self) -> Json:
        """Write an `EventSessionFilter`."""
        return {
            "operator": str(self.operator),
            "target": self.target,
            "value": self.value,
        }


class EventSessions:
    """Creates, reads and deletes event sessions. Methods may raise any `ApiError`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._read_paths: tuple[str, ...] = READ_PATHS

    async def create(self, filters: Sequence[SessionFilter] = ()) -> str:
        """Create a session ordered by time, oldest first, and return its id."""
        answer = await self._transport.request(
            "POST",
            "eventSessions",
            body={
                "filterBy": [condition.to_wire() for condition in filters],
                "orderBy": [{"target": "time", "direction": str(Direction.ASCENDING)}],
            },
        )
        reply = as_object(answer.json(), "session")
        for candidate in (reply, reply.get("data"), reply.get("result")):
            if isinstance(candidate, dict) and candidate.get("id"):
                return identifier(candidate, "id", "session")
        raise ResponseError("session.id is missing", status=answer.status)

    async def read(
        self, session_id: str, *, max_size: int, include_data: bool = False
    ) -> SessionChanges:
        """Read the changes since the last read, of `max_size` events at most.

        Raises `SessionForgottenError` when a new session is needed.
        """
        query: list[tuple[str, str | int | None]] = [("maxSize", max_size)]
        if include_data:
            query.append(("include", "data"))
        failure: ApiError | None = None
        for path in self._read_paths:
            try:
                reply = await self._transport.get(
                    path.format(session_id), query, limit=EVENTS
                )
            except (NotFoundError, RejectedError, UnavailableError) as err:
                if not _means_forgotten(err):
                    raise
                failure = err
            else:
                self._read_paths = (path,)
                return self._changes(reply)
        self._read_paths = READ_PATHS
        raise SessionForgottenError(
            "The event session is gone",
            status=failure.status if failure else None,
            server_text=failure.server_text if failure else None,
        ) from failure

    async def delete(self, session_id: str) -> None:
        """Delete a session, best effort: the server deletes old ones anyway."""
        with suppress(ApiError):
            await self._transport.request(
                "DELETE", f"eventSessions/{session_id}", timeout=DELETE_TIMEOUT
            )

    def _changes(self, reply: object) -> SessionChanges:
        item = as_object(reply, "session")
        inner = item.get("data")
        changes = inner if isinstance(inner, dict) else item
        added = as_array(changes.get("addedToSession"), "addedToSession")
        decoded = decode_each(Event.from_wire, added, "addedToSession")
        return SessionChanges(
            added=self._transport.unreadable.readable("events", decoded),
            added_count=len(added),
            deleted=tuple(row.lower() for row in texts(changes, "deletedFromSession")),
        )


def _means_forgotten(err: ApiError) -> bool:
    """Whether an error means that the session is gone (protocol §4.6)."""
    if isinstance(err, UnavailableError):
        return UNKNOWN_SESSION in (err.server_text or "").lower().replace(" ", "")
    return True
