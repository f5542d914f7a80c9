"""Decodes the messages of the event stream (protocol §5.4), within limits."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from .body import MAX_FAST, decode
from .event_models import Event
from .rows import read_object
from .wire import Decoded, as_array, as_object, decode_each

# Bytes. Larger messages are decoded in a thread, because that would block the event
# loop.
LARGE_MESSAGE = 64 * 1024
# Pushed events to take from one message; ordinary messages have a few. More would
# block the event loop. The poll finds the others.
MAX_PUSHED_ROWS = 5000
_NONE: Decoded[Event] = Decoded((), 0, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A decoded message. `fields` holds all but the pushed events and the states.

    `states` is `None` in all messages but the reply to `getState`.
    """

    fields: Mapping[str, object]
    events: Decoded[Event] = _NONE
    states: Decoded[Event] | None = None


async def read_message(message: bytes) -> Message:
    """Decode a message. Raises `ResponseError`."""
    if len(message) > LARGE_MESSAGE:
        return await asyncio.to_thread(_read, message)
    return _read(message)


def _read(message: bytes) -> Message:
    if len(message) > MAX_FAST:
        return _read_by_rows(message)
    item = as_object(decode(message), "message")
    events, states = item.get("events"), item.get("states")
    return Message(
        fields=item,
        events=_events(events) if isinstance(events, list) else _NONE,
        states=(
            _states(as_array(states, "states")) if isinstance(states, list) else None
        ),
    )


def _read_by_rows(message: bytes) -> Message:
    """Decode a message row by row: decoded JSON needs several times its memory.

    The states of a large site are 4 MB, and 20 MB as one decoded object.
    """
    events: list[Decoded[Event]] = []
    states: list[Decoded[Event]] = []
    fields = read_object(
        message,
        "message",
        {
            "events": lambda rows: events.append(_events(rows)),
            "states": lambda rows: states.append(_states(rows)),
        },
    )
    return Message(
        fields=fields,
        events=events[-1] if events else _NONE,
        states=states[-1] if states else None,
    )


def _events(rows: Iterable[object]) -> Decoded[Event]:
    return decode_each(Event.from_wire, islice(rows, MAX_PUSHED_ROWS), "events")


def _states(rows: Iterable[object]) -> Decoded[Event]:
    return decode_each(Event.from_wire, rows, "states")
