"""The states of a site with two cameras, for tests."""

import asyncio
from datetime import UTC, datetime, timedelta

from custom_components.xprotect_events.api import Event, Source
from custom_components.xprotect_events.engine.arrival import Arrival, Origin
from custom_components.xprotect_events.engine.catalog import State
from custom_components.xprotect_events.engine.states import (
    StateKey,
    States,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

SECOND = timedelta(seconds=1)

MINUTE = timedelta(minutes=1)

CAMERA: StateKey = (Source("cameras", "a"), "motion")

OTHER_GROUP: StateKey = (Source("cameras", "a"), "recording")

OTHER_CAMERA: StateKey = (Source("cameras", "b"), "motion")

KEYS = (CAMERA, OTHER_GROUP, OTHER_CAMERA)


def event(
    name: str,
    time: datetime = NOON,
    *,
    key: StateKey = CAMERA,
    number: int | None = None,
    digit: int = 0,
) -> Event:
    """Return an event of this time; `digit` is the seventh, which `datetime` lacks.

    Its type is the name of the state group.
    """
    source, group = key
    return Event.from_wire(
        {
            "id": name,
            "type": group,
            "source": str(source),
            "time": f"{time:%Y-%m-%dT%H:%M:%S.%f}{digit}Z",
            "localId": number,
        },
        "event",
    )


def meaning(happened: Event) -> tuple[StateKey, State] | None:
    """Return the group of an event, and the event's name as its state."""
    if happened.source is None:
        return None
    group = happened.type_id
    state = State(group=group, group_name=None, name=happened.id, is_on=None)
    return (happened.source, group), state


class Known:
    """States, and the record of those that were shown."""

    def __init__(self, *shown: StateKey) -> None:
        self.changes: list[tuple[StateKey, str | None]] = []
        self.states = States[str](
            meaning, lambda key, cause: self.changes.append((key, cause)), lambda: shown
        )

    @property
    def motion(self) -> str | None:
        """The name of the event whose state the camera shows."""
        state = self.states.state(CAMERA)
        return state.name if state else None

    def needs_stored(self) -> bool:
        """Whether stored events are to be read for states."""
        return self.states.needs_stored_events

    def push(self, happened: Event, now: datetime | None = None) -> bool:
        """Fold a pushed event that arrives at this time, by default without delay."""
        return self._fold(Arrival(happened, now or happened.time))

    def poll(
        self, happened: Event, now: datetime, unknown_until: datetime | None = None
    ) -> bool:
        """Fold a polled event that no earlier answer contained."""
        arrival = Arrival(
            happened, now, origin=Origin.POLL, unknown_until=unknown_until
        )
        return self._fold(arrival)

    def _fold(self, arrival: Arrival) -> bool:
        """Fold an event; return whether it contradicts the known state."""
        before = self.states.contradictions
        self.states.fold(arrival, arrival.event.id)
        return self.states.contradictions > before

    def settle(self) -> None:
        """Show what has been settled for a round."""
        self.states.show_settled(self.states.settle())

    def answer(
        self, *events: Event, at: datetime, meanwhile: tuple[Event, ...] = ()
    ) -> None:
        """Fold an answer of `getState`, after the events that were pushed before it."""

        async def take() -> None:
            with self.states.asking(at) as question:
                for one in meanwhile:
                    self.push(one)
                await self.states.take_answer(question, events)

        asyncio.run(take())

    def stored(self, *events: Event, at: datetime) -> None:
        """Fold stored events."""

        async def take() -> None:
            with self.states.asking(at) as question:
                await self.states.take_stored(question, events)

        asyncio.run(take())
