"""Finds out whether the server stores the selected or shown event types."""

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
from .arrival import Arrival, Origin
from .pages import Pages

# The greatest age of a stored event that counts. Most sites store events for at least a
# week; there is no certainty about events that are rarer.
STORED_WITHIN = timedelta(days=7)
# The newest pages that are searched, of 2,000 events each. With more, the check would
# be a burden for the server.
MAX_SEARCHED_PAGES = 5
# User-defined events that are requested by their own id, which finds a rare one on a
# busy site. Requests for hundreds of them would take minutes.
MAX_ASKED = 20


class Verdict(StrEnum):
    """Whether an event type is stored as far as known, from good to bad."""

    STORED = "stored"
    PUSHED = "pushed"
    NOT_SEEN = "not_seen"


class StorageCheck:
    """Collects the types of stored and pushed events. It triggers nothing.

    No list contains the types that a server stores (protocol §4.8), so only types of
    which a stored event was found are known to be stored.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self._wanted: frozenset[str] = frozenset()
        self._stored: set[str] = set()
        self._pushed: set[str] = set()
        # Types without a stored event so far, and those that were not pushed either.
        # Each event is compared with them.
        self._open: frozenset[str] = frozenset()
        self._unseen: frozenset[str] = frozenset()
        self._listeners: dict[Callable[[], None], None] = {}

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """Return the verdict for each selected or shown event type."""
        return {type_id: self._verdict(type_id) for type_id in sorted(self._wanted)}

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener after each change; return a function to stop it."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener, None)

    def want(self, type_ids: Iterable[str]) -> None:
        """Set the event types to check from now on."""
        self._wanted = frozenset(type_ids)
        self._stored &= self._wanted
        self._pushed &= self._wanted
        self._call_listeners()

    def polled(self, events: Iterable[Event]) -> None:
        """Note events that a request has found."""
        if self._open:
            found = {event.type_id for event in events} & self._open
            if found:
                self._stored |= found
                self._call_listeners()

    def delivered(self, arrivals: Iterable[Arrival]) -> None:
        """Note those events that were pushed before they were polled."""
        pushed = {one.event.type_id for one in arrivals if one.origin is Origin.PUSH}
        if not pushed.isdisjoint(self._unseen):
            self._pushed |= pushed & self._unseen
            self._call_listeners()

    async def look(
        self, events: Events, user_defined: frozenset[str], *, now: datetime
    ) -> None:
        """Look for stored events of each type. Raises any `ApiError`."""
        week = (Condition(Operator.GREATER_THAN, now - STORED_WITHIN),)
        ask = partial(events.list, time=week, direction=Direction.DESCENDING)
        pages = Pages(ask, size=MAX_PAGE_SIZE, include_data=False)
        while self._open and pages.read < MAX_SEARCHED_PAGES:
            page = await pages.next()
            self.polled(page.events)
            if page.is_last:
                break
        try:
            for type_id in sorted(self._open & user_defined)[:MAX_ASKED]:
                own = any_of([type_id])
                self.polled((await ask(source_id=own, size=1)).events)
        except RejectedError:
            # Not every server supports this filter.
            pass
        self.is_complete = True
        self._call_listeners()

    def _verdict(self, type_id: str) -> Verdict:
        if type_id in self._stored:
            return Verdict.STORED
        return Verdict.PUSHED if type_id in self._pushed else Verdict.NOT_SEEN

    def _call_listeners(self) -> None:
        self._open = self._wanted - self._stored
        self._unseen = self._open - self._pushed
        for listener in tuple(self._listeners):
            listener()
