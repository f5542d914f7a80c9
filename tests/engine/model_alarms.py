"""A server with alarms, and a site that polls it, in the memory of the test."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import override
from uuid import UUID

from custom_components.xprotect_events.api import (
    Alarm,
    AlarmPage,
    Alarms,
    ApiError,
    Condition,
    Direction,
    Grade,
    Level,
    NotFoundError,
    RejectedError,
)
from custom_components.xprotect_events.engine.alarm_intake import AlarmArrival
from custom_components.xprotect_events.engine.alarm_poll import AlarmMemory, AlarmPoll
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.feed import Feed
from tests.engine.model_server import START, At, ModelClock, lose_answer

HIGH = Grade("high", "High", 1)

LOW = Grade("low", "Low", 3)

STATES = tuple(
    Grade(level.name.lower(), level.name.title(), level.value) for level in Level
)

SECOND = timedelta(seconds=1)

# Pages of this size fill up within a few alarms.
SMALL = 5


def grade(level: Level) -> Grade:
    """Return the state of a level."""
    return next(one for one in STATES if one.level == level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How this server handles undocumented cases."""

    is_plain: bool = False
    largest_page: int = 1000
    clamps_to: int | None = None
    ignores_time: bool = False
    newest_first: bool = False
    numbers_rows: bool = True
    bare: bool = False
    names_grades: bool = True


class ModelAlarms(Alarms):
    """A minimal model of a server's alarms."""

    def __init__(self, quirks: Quirks) -> None:
        self.quirks = quirks
        self.clock = ModelClock()
        self.stored: dict[str, Alarm] = {}
        self.raised: list[Alarm] = []
        self.requests = 0
        self.on_answer: Callable[[], None] = lambda: None

    def raise_alarm(
        self, *, ago: timedelta = timedelta(), priority: Grade = HIGH
    ) -> Alarm:
        """Raise an alarm whose own time is so long ago; negative: in the future."""
        number = len(self.raised) + 1
        time = self.clock.time - ago
        alarm = Alarm(
            id=str(UUID(int=number)),
            local_id=number if self.quirks.numbers_rows else None,
            name=f"Alarm {number}",
            message=None,
            source=None,
            source_name=None,
            time=time,
            time_text=time.isoformat(),
            state=self._as_sent(grade(Level.NEW)),
            priority=self._as_sent(priority),
            category=None,
            assigned_to=None,
        )
        self.stored[alarm.id] = alarm
        self.raised.append(alarm)
        return alarm

    def change(self, alarm_id: str, level: Level) -> None:
        """Change an alarm as another user."""
        alarm = self.stored[alarm_id]
        self.stored[alarm_id] = alarm._replace(state=self._as_sent(grade(level)))

    @property
    def open_ids(self) -> set[str]:
        """The ids of the open alarms."""
        closed = self._as_sent(grade(Level.CLOSED))
        return {one.id for one in self.stored.values() if one.state != closed}

    def _as_sent(self, one: Grade) -> Grade:
        return Grade(one.id, None, None) if self.quirks.bare else one

    @override
    async def list(
        self,
        *,
        page: int,
        size: int,
        time: Sequence[Condition] = (),
        direction: Direction | None = None,
    ) -> AlarmPage:
        quirks = self.quirks
        self.requests += 1
        if size > quirks.largest_page or (quirks.is_plain and direction is not None):
            raise RejectedError("Unknown parameter", status=400)
        self.on_answer()
        size = min(size, quirks.clamps_to or size)
        rows = sorted(self.stored.values(), key=lambda one: one.time)
        for condition in () if quirks.ignores_time else time:
            is_after = condition.operator == "gt"
            rows = [one for one in rows if (one.time > condition.value) == is_after]  # type: ignore[operator]
        if direction is Direction.DESCENDING or quirks.newest_first:
            rows.reverse()
        found = rows[page * size : (page + 1) * size]
        return AlarmPage(
            alarms=tuple(found),
            count=len(found),
            is_last=(page + 1) * size >= len(rows),
        )

    @override
    async def states(self) -> tuple[Grade, ...]:
        if not self.quirks.names_grades:
            raise NotFoundError("Unknown resource", status=404)
        return STATES

    @override
    async def priorities(self) -> tuple[Grade, ...]:
        return (HIGH, LOW) if self.quirks.names_grades else ()


class Site:
    """A server, and a client that can be restarted."""

    def __init__(self, quirks: Quirks) -> None:
        self.server = ModelAlarms(quirks)
        self.delivered: list[AlarmArrival] = []
        self.delivered_when_saved = 0
        # Early enough for alarms that are stored with a delay right after the start.
        since = START - timedelta(days=2)
        self.saved = Checkpoint.beginning(since)
        self.memory = AlarmMemory(since=since)
        self.start()

    def start(self) -> None:
        """Start from the saved position."""
        self.feed = Feed(self.saved)
        self.poll = AlarmPoll(
            self.server,
            self.server.clock,
            self.feed,
            self.memory,
            self.deliver,
            page_size=SMALL,
        )

    def deliver(self, arrivals: tuple[AlarmArrival, ...]) -> None:
        """Note a batch, which must be in order."""
        times = [one.alarm.time for one in arrivals]
        assert times == sorted(times)
        self.delivered += arrivals

    def stop(self) -> None:
        """Stop as Home Assistant does, perhaps while a poll is under way."""
        self.poll.intake.close()
        self.save()

    def save(self) -> None:
        """Write everything to disk."""
        self.saved, self.memory = self.feed.checkpoint(), self.poll.memory
        self.delivered_when_saved = len(self.delivered)

    def crash(self) -> None:
        """Crash; alarms that were delivered since the last save are repeated."""
        del self.delivered[self.delivered_when_saved :]
        self.start()

    def run_poll(self) -> None:
        """Poll once, and again after a failure."""
        with suppress(ApiError):
            asyncio.run(self.poll.poll())

    def poll_with(self, on_answer: At) -> None:
        """Poll, and do something at one of the answers."""
        self.server.on_answer = on_answer
        self.run_poll()
        self.server.on_answer = lambda: None

    def apply(self, step: tuple[str, int]) -> None:  # noqa: C901 - a plain table
        """Carry out one step of a history."""
        action, number = step
        server = self.server
        ids = sorted(server.stored)
        match action:
            case "raise":
                for _ in range(number):
                    server.clock.time += timedelta(milliseconds=7)
                    server.raise_alarm()
            case "raise late":
                server.raise_alarm(ago=timedelta(seconds=number))
            case "close" | "reopen" if ids:
                level = Level.CLOSED if action == "close" else Level.NEW
                server.change(ids[number % len(ids)], level)
            case "forget" if ids:
                # Retention removes only alarms that were delivered.
                del server.stored[ids[0]]
            case "wait":
                server.clock.time += timedelta(seconds=number)
            case "restart":
                self.stop()
                self.start()
            case "lose":
                self.poll_with(At(number, lose_answer))
            case "stop":
                self.poll_with(At(number, self.stop))
                self.stop()
                self.start()
            case "save":
                self.save()
            case "crash":
                self.crash()
            case "poll":
                self.run_poll()


async def polled(site: Site) -> list[str]:
    """Poll, and return the names of the new alarms."""
    before = len(site.delivered)
    await site.poll.poll()
    return [one.alarm.name for one in site.delivered[before:]]
