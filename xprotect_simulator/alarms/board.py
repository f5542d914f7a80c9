"""The alarms of a site: raised by events, changed, and deleted."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .. import times
from ..happening.ledger import StoredEvent
from ..happening.world import World
from ..identifiers import random_guid, seeded
from ..site.alarm_settings import (
    CLOSED,
    EXTERNAL_TYPE,
    NEW,
    Grade,
    default_priorities,
    default_states,
)
from ..site.items import Item

_TICKS_PER_DAY = 86_400 * times.TICKS_PER_SECOND

# The memory of a demo that runs for weeks must not grow; real sites have only a limit
# in days.
_MOST = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that a user made to an alarm."""

    ticks: int
    user: str
    text: str


@dataclass(slots=True, kw_only=True)
class Alarm:
    """One alarm in its current state."""

    id: str
    local_id: int
    name: str
    message: str
    source: str | None
    ticks: int
    updated: int
    state: Grade
    priority: Grade
    definition: str | None = None
    event_id: str | None = None
    assigned_to: str | None = None
    reason: str | None = None
    history: list[Change] = field(default_factory=list)


class Board:
    """All stored alarms, in the order in which they were raised."""

    def __init__(self, world: World) -> None:
        """Raise alarms for the events of `world`, as its alarm definitions say."""
        self._world = world
        options = world.options
        self.states = default_states(options.seed)
        self.priorities = default_priorities()
        # Days after which closed alarms are deleted, and all others.
        self.closed_days = 1
        self.other_days = 30
        self._alarms: dict[str, Alarm] = {}
        self._random = seeded(options.seed, "alarms", world.clock.now().isoformat())
        self._count = 0
        world.listeners.append(self._event_happened)

    def __iter__(self) -> Iterator[Alarm]:
        """Yield the alarms that are stored now, oldest first by their own time."""
        self._clean()
        return iter(sorted(self._alarms.values(), key=lambda one: one.ticks))

    def __len__(self) -> int:
        """Return how many are stored."""
        return len(self._alarms)

    def find(self, alarm_id: str) -> Alarm | None:
        """Return a stored alarm."""
        return self._alarms.get(alarm_id)

    def state(self, level: int) -> Grade:
        """Return the state of a level."""
        return next(one for one in self.states if one.level == level)

    def raise_alarm(
        self,
        name: str,
        *,
        message: str = "",
        source: str | None = None,
        priority: Grade | None = None,
        ticks: int | None = None,
        definition: Item | None = None,
        event_id: str | None = None,
    ) -> Alarm:
        """Raise an alarm; `ticks` is its time, now by default."""
        now = self._world.now()
        self._count += 1
        alarm = Alarm(
            id=random_guid(self._random),
            local_id=self._count,
            name=name,
            message=message,
            source=source,
            ticks=now if ticks is None else ticks,
            updated=now,
            state=self.state(NEW),
            priority=priority or self.priorities[0],
            definition=None if definition is None else definition.id,
            event_id=event_id,
        )
        self._alarms[alarm.id] = alarm
        if len(self._alarms) > _MOST:
            del self._alarms[next(iter(self._alarms))]
        return alarm

    def update(
        self,
        alarm: Alarm,
        user: str,
        *,
        state: Grade | None = None,
        priority: Grade | None = None,
        comment: str | None = None,
        assigned_to: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Change an alarm, and add the changes to its history."""
        done: list[str] = []
        if state is not None and state != alarm.state:
            done.append(f"State: {alarm.state.name} to {state.name}")
            alarm.state = state
        if priority is not None and priority != alarm.priority:
            done.append(f"Priority: {alarm.priority.name} to {priority.name}")
            alarm.priority = priority
        if assigned_to is not None:
            done.append(f"Assigned to {assigned_to}")
            alarm.assigned_to = assigned_to
        if reason is not None:
            done.append(f"Reason: {reason}")
            alarm.reason = reason
        if comment is not None:
            done.append(comment)
        alarm.updated = self._world.now()
        alarm.history += [
            Change(ticks=alarm.updated, user=user, text=text) for text in done
        ]

    def forget(self, alarm: Alarm) -> None:
        """Delete an alarm, as at the end of its retention time."""
        del self._alarms[alarm.id]

    def _event_happened(self, event: StoredEvent) -> None:
        for definition in self._world.items("alarmDefinitions"):
            extra = definition.extra
            if not definition.is_enabled or "event_type" not in extra:
                continue
            if event.type == extra["closed_by"]:
                self._close(definition, event.source)
            elif _starts(definition, event):
                self.raise_alarm(
                    definition.name,
                    message=self._message(event),
                    source=event.source,
                    priority=self._priority(extra["priority"]),
                    ticks=event.ticks,
                    definition=definition,
                    event_id=event.id,
                )

    def _close(self, definition: Item, source: str | None) -> None:
        """Close the alarms of a definition automatically."""
        for alarm in self._alarms.values():
            if (alarm.definition, alarm.source) != (definition.id, source):
                continue
            if alarm.state.level != CLOSED:
                self.update(alarm, "system", state=self.state(CLOSED))

    def _message(self, event: StoredEvent) -> str:
        event_type = self._world.event_types.get(event.type)
        return event.type if event_type is None else event_type.display_name

    def _priority(self, priority_id: object) -> Grade:
        found = (one for one in self.priorities if one.id == priority_id)
        return next(found, self.priorities[-1])

    def _clean(self) -> None:
        now = self._world.now()
        for alarm in list(self._alarms.values()):
            is_closed = alarm.state.level == CLOSED
            days = self.closed_days if is_closed else self.other_days
            since = alarm.updated if is_closed else alarm.ticks
            if since + days * _TICKS_PER_DAY <= now:
                self.forget(alarm)


def _starts(definition: Item, event: StoredEvent) -> bool:
    sources = definition.extra["sources"]
    if definition.extra["event_type"] == EXTERNAL_TYPE:
        return isinstance(sources, tuple) and (
            f"userDefinedEvents/{event.type}" in sources
        )
    is_meant = not sources or (isinstance(sources, tuple) and event.source in sources)
    return event.type == definition.extra["event_type"] and is_meant
