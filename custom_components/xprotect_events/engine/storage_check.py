"""Whether the server is seen to store the event types that matter."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from ..api import (
    MAX_PAGE_SIZE,
    Condition,
    Direction,
    Event,
    Events,
    Operator,
    RejectedError,
    any_of,
)
from .arrival import Arrival
from .pages import Pages

# How far back a stored event counts: most people's retention is a week at least, and
# what happens less often than that nobody can be sure of.
WINDOW = timedelta(days=7)
# The newest pages that are looked through, of 2,000 events each. More would be work for
# the server that nobody waits for.
MAX_PAGES = 5
# User-defined events that are asked for by their own id, which finds a rare one on a
# busy site. A site with hundreds of them would be asked for minutes.
MAX_ASKED = 20


class Verdict(StrEnum):
    """What is known of the storing of an event type, from good to bad."""

    STORED = "stored"
    PUSHED = "pushed"
    NOT_SEEN = "not_seen"


class StorageCheck:
    """Collects what requests find and what is pushed. It triggers nothing.

    No list says what a server stores (protocol §4.8), so only what was found is known
    to be stored.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self._wanted: frozenset[str] = frozenset()
        self._stored: set[str] = set()
        self._pushed: set[str] = set()
        # What no request has found yet. Each event is compared with it.
        self._open: frozenset[str] = frozenset()
        self._listeners: dict[Callable[[], None], None] = {}

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """Return what is known of each event type that matters."""
        return {type_id: self._verdict(type_id) for type_id in sorted(self._wanted)}

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener after each change; returns the way to stop that."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener, None)

    def want(self, type_ids: Iterable[str]) -> None:
        """Take which event types matter from now on."""
        self._wanted = frozenset(type_ids)
        self._stored &= self._wanted
        self._pushed &= self._wanted
        self._tell()

    def polled(self, events: Iterable[Event]) -> None:
        """Note events that a request has found."""
        if self._open:
            found = {event.type_id for event in events} & self._open
            if found:
                self._stored |= found
                self._tell()

    def pushed(self, arrivals: Iterable[Arrival]) -> None:
        """Note events that came by push first."""
        if self._open:
            found = {arrival.event.type_id for arrival in arrivals} & self._open
            if not found <= self._pushed:
                self._pushed |= found
                self._tell()

    async def look(
        self, events: Events, user_defined: frozenset[str], *, now: datetime
    ) -> None:
        """Look for stored events of each type. Raises any `ApiError`."""
        week = (Condition(Operator.GREATER_THAN, now - WINDOW),)
        ask = partial(events.list, time=week, direction=Direction.DESCENDING)
        pages = Pages(ask, size=MAX_PAGE_SIZE, include_data=False)
        while self._open and pages.read < MAX_PAGES:
            page = await pages.next()
            self.polled(page.events)
            if page.is_last:
                break
        try:
            for type_id in sorted(self._open & user_defined)[:MAX_ASKED]:
                own = any_of([type_id])
                self.polled((await ask(source_id=own, size=1)).events)
        except RejectedError:
            # Not every server takes every way of naming sources.
            pass
        self.is_complete = True
        self._tell()

    def _verdict(self, type_id: str) -> Verdict:
        if type_id in self._stored:
            return Verdict.STORED
        return Verdict.PUSHED if type_id in self._pushed else Verdict.NOT_SEEN

    def _tell(self) -> None:
        self._open = self._wanted - self._stored
        for listener in tuple(self._listeners):
            listener()
