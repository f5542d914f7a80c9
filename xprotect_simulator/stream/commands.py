"""The commands of the Events and State WebSocket."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import json

from ..errors import ApiError, bad_request, unauthorized
from ..faults.faults import Faults
from ..happening.world import World
from ..identifiers import is_guid
from ..sign_in.identity import Identity
from ..sign_in.users import Principal
from .connections import Connection
from .frames import EventWriter, error_frame, reply_frame, states_frame
from .sessions import StreamSession, StreamSessions
from .subscriptions import Subscription

# States to write before the event loop runs other tasks: a large site has 16,000, and
# pushed events must not wait for all of them.
_STATES_PER_TURN = 500

# The first major version whose sessions have `inactiveTimeoutSeconds`: 2024 R1.
_HAS_TIMEOUT_SINCE = 24


class MalformedError(Exception):
    """A message is not a command; the server closes the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One message of a client."""

    name: str
    id: int
    fields: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Client:
    """The client of a connection."""

    connection: Connection
    # None until the `authenticate` command, if there was no header.
    principal: Principal | None
    session: StreamSession | None = None


class StreamCommands:
    """Executes commands."""

    def __init__(
        self, world: World, identity: Identity, faults: Faults, sessions: StreamSessions
    ) -> None:
        """Execute commands on these sessions."""
        self.counts: Counter[str] = Counter()
        self._world = world
        self._identity = identity
        self._faults = faults
        self._sessions = sessions
        self._writer = EventWriter(world, faults)
        self._acts: dict[str, Callable[[Client, Command], None]] = {
            "authenticate": self._authenticate,
            "startSession": self._start_session,
            "addSubscription": self._add_subscription,
            "removeSubscription": self._remove_subscription,
            "getState": self._get_state,
        }

    def carry_out(self, client: Client, message: str | bytes) -> None:
        """Execute the command of a message and reply. Raises MalformedError."""
        command = _read(message)
        is_known = command.name in self._acts
        self.counts[command.name if is_known else "unknown"] += 1
        try:
            self._act(command)(client, command)
        except ApiError as error:
            frame = error_frame(command.id, error.status, error.text)
            client.connection.reply(frame)

    def _act(self, command: Command) -> Callable[[Client, Command], None]:
        refused = self._faults.find("ws_refused")
        if (
            refused is not None
            and refused.value in ("*", command.name)
            and self._faults.strike("ws_refused")
        ):
            text = "The command failed"
            raise ApiError(500, text)
        return self._acts.get(command.name, _unknown)

    def _authenticate(self, client: Client, command: Command) -> None:
        if self._faults.find("ws_no_authenticate"):
            _unknown(client, command)
        if self._faults.strike("ws_authenticate_refused"):
            text = "the token is not valid."
            raise unauthorized(text)
        token = command.fields.get("token")
        principal = self._identity.principal(token if isinstance(token, str) else None)
        # A connection keeps its first token.
        client.principal = client.principal or principal
        client.connection.reply(reply_frame(command.id, 200))

    def _start_session(self, client: Client, command: Command) -> None:
        if client.principal is None:
            text = "no bearer token."
            raise unauthorized(text)
        if client.session is not None:
            text = "The session is started already"
            raise bad_request(text)
        session_id = _guid_of(command, "sessionId")
        event_id = _guid_of(command, "eventId")
        old = self._sessions.find(session_id, client.principal)
        missed = None if old is None else old.after(event_id)
        if old is None or missed is None or self._faults.strike("ws_resume_refused"):
            new = self._sessions.create(client.principal, client.connection)
            client.session = new
            frame = reply_frame(command.id, 201, **self._described(new))
            client.connection.reply(frame)
            return
        self._sessions.take_over(old, client.principal, client.connection)
        client.session = old
        comes_last = self._faults.strike("ws_events_first") is not None
        frame = reply_frame(command.id, 200, **self._described(old))
        if not comes_last:
            client.connection.reply(frame)
        for text in missed:
            client.connection.push(text)
        if comes_last:
            client.connection.reply(frame)
        self._close_early(client)

    def _described(self, session: StreamSession) -> dict[str, object]:
        """Return the fields of the reply to startSession (protocol §5.2)."""
        fields: dict[str, object] = {"sessionId": session.id}
        if int(self._world.product_version.partition(".")[0]) >= _HAS_TIMEOUT_SINCE:
            window = self._world.options.resume_window
            fields["inactiveTimeoutSeconds"] = int(window.total_seconds())
        return fields

    def _add_subscription(self, client: Client, command: Command) -> None:
        session = _session_of(client)
        subscription = Subscription.from_wire(command.fields.get("filters"))
        new_id = self._sessions.new_id()
        session.subscriptions[new_id] = subscription
        client.connection.reply(reply_frame(command.id, 200, subscriptionId=new_id))
        self._close_early(client)

    def _close_early(self, client: Client) -> None:
        if closing := self._faults.strike("ws_close_early"):
            client.connection.close(int(closing.number))

    def _remove_subscription(self, client: Client, command: Command) -> None:
        session = _session_of(client)
        subscription_id = _guid_of(command, "subscriptionId")
        if session.subscriptions.pop(subscription_id, None) is None:
            text = f"Unknown subscription. {subscription_id}"
            raise ApiError(404, text)
        client.connection.reply(reply_frame(command.id, 200))

    def _get_state(self, client: Client, command: Command) -> None:
        session = _session_of(client)
        client.connection.spawn(self._states(client.connection, session, command.id))

    async def _states(
        self, connection: Connection, session: StreamSession, command_id: int
    ) -> None:
        """Reply with the current states, without blocking other tasks."""
        states = [
            event for event in self._world.states.values() if session.wants(event)
        ]
        slow = self._faults.strike("ws_slow_state")
        if slow is not None:
            connection.is_busy = True
            await self._world.clock.sleep(slow.number)
            connection.is_busy = False
        texts: list[str] = []
        for start in range(0, len(states), _STATES_PER_TURN):
            if start:
                await asyncio.sleep(0)
            rows = states[start : start + _STATES_PER_TURN]
            texts.extend(self._writer.write(event) for event in rows)
        connection.reply(states_frame(command_id, texts))


def _read(message: str | bytes) -> Command:
    """Return the command in a message."""
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise MalformedError from error
    if isinstance(message, bytes) or not isinstance(fields, dict):
        raise MalformedError
    name, number = fields.get("command"), fields.get("commandId")
    # In Python, bool is a kind of int.
    if not isinstance(number, int) or isinstance(number, bool):
        raise MalformedError
    if not isinstance(name, str):
        raise MalformedError
    return Command(name=name, id=number, fields=fields)


def _unknown(_client: Client, command: Command) -> None:
    text = f"Unknown command: {command.name}"
    raise bad_request(text)


def _session_of(client: Client) -> StreamSession:
    if client.session is None:
        text = "startSession comes first"
        raise bad_request(text)
    return client.session


def _guid_of(command: Command, name: str) -> str:
    """Return an id in lower case; empty if it is missing or null."""
    value = command.fields.get(name) or ""
    if not isinstance(value, str) or (value and not is_guid(value.lower())):
        text = f"Invalid {name}. {value}"
        raise bad_request(text)
    return value.lower()
