"""The meaning of states and priorities of alarms, which sites may rename."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from ..api import (
    REFUSED_REQUESTS,
    Alarm,
    Grade,
    Level,
)

UNKNOWN = Grade(None, None, None)
# The level of a state if neither the alarm nor the list has it.
_LEVELS: Mapping[str, Level] = {
    "new": Level.NEW,
    "in progress": Level.IN_PROGRESS,
    "on hold": Level.ON_HOLD,
    "closed": Level.CLOSED,
}


class AlarmSettings:
    """The lists of states and priorities of a site."""

    def __init__(self) -> None:
        self.states: tuple[Grade, ...] = ()
        self.priorities: tuple[Grade, ...] = ()

    def state(self, alarm: Alarm) -> Grade:
        """Return the state of an alarm, completed from the list."""
        found = _resolve(alarm.state, self.states)
        return found._replace(level=_level(found))

    def priority(self, alarm: Alarm) -> Grade:
        """Return the priority of an alarm, completed from the list."""
        return _resolve(alarm.priority, self.priorities)

    def is_open(self, alarm: Alarm) -> bool:
        """Whether the alarm is not closed; true if that is unknown."""
        return self.state(alarm).level != Level.CLOSED

    def knows(self, alarm: Alarm) -> bool:
        """Whether the lists have the state and the priority of an alarm."""
        return _is_listed(alarm.state, self.states) and _is_listed(
            alarm.priority, self.priorities
        )

    def state_of(self, level: Level) -> Grade | None:
        """Return the state of a level, if the list has one."""
        return next((one for one in self.states if _level(one) == level), None)


def key_of(grade: Grade) -> str:
    """Return a key for a state or a priority: its id, else its level, else its name."""
    if grade.id is not None:
        return grade.id.lower()
    return str(grade.level) if grade.level is not None else (grade.name or "").lower()


def _level(grade: Grade) -> int | None:
    if grade.level is not None:
        return grade.level
    return _LEVELS.get((grade.name or grade.id or "").casefold())


def _resolve(given: Grade | None, listed: Iterable[Grade]) -> Grade:
    if given is None:
        return UNKNOWN
    found = _find(given, listed)
    if found is None:
        return given
    level = given.level if found.level is None else found.level
    return Grade(found.id, found.name or given.name, level)


def _find(given: Grade, listed: Iterable[Grade]) -> Grade | None:
    """Return the row with the same id, else level, else name.

    A text alone may be an id or a name.
    """
    rows = tuple(listed)
    for one in rows:
        if given.id is not None:
            is_meant = one.id is not None and one.id.lower() == given.id.lower()
        elif given.level is not None:
            is_meant = one.level == given.level
        else:
            is_meant = one.name == given.name
        if is_meant:
            return one
    if given.name is not None or given.id is None:
        return None
    text = given.id.casefold()
    return next((one for one in rows if (one.name or "").casefold() == text), None)


def _is_listed(given: Grade | None, listed: Iterable[Grade]) -> bool:
    return given is None or _find(given, listed) is not None


async def read_names(
    ask: Callable[[], Awaitable[tuple[Grade, ...]]],
) -> tuple[Grade, ...]:
    """Return a list of names; none if the server does not have it."""
    try:
        return await ask()
    except REFUSED_REQUESTS:
        return ()
