"""Holds which alarms are open, and counts them by priority and state."""

from collections import Counter
from operator import attrgetter
from typing import NamedTuple

from ..api import Alarm, Grade
from .alarm_settings import AlarmSettings, key_of

# Open alarms to hold, about 20 MB. With less, sites whose alarms are never closed would
# be counted wrong.
MAX_OPEN = 50_000
# The newest open alarms that are kept with all fields, for dashboards.
NEWEST = 10
# States that are shown, and characters of the name of each. Sites have fewer than ten;
# the recorder stores no attributes of a state that has 16 KiB.
MAX_STATES = 30
MAX_STATE_NAME = 100


class _Open(NamedTuple):
    """The counted fields of an open alarm."""

    priority: str
    state: str


class AlarmBoard:
    """Holds the result of the last whole reading, and the changes since.

    An alarm that is noted during a reading is newer than its rows.
    """

    def __init__(self, settings: AlarmSettings) -> None:
        # Whether all alarms were read at least once.
        self.is_known = False
        # Whether more are open than can be counted, or some could not be read.
        self.is_complete = True
        self._settings = settings
        self._open: dict[str, _Open] = {}
        # How many are of each kind: sensors ask every ten seconds, for each priority.
        self._counts: Counter[_Open] = Counter()
        self._newest: dict[str, Alarm] = {}
        # Priorities and states that no list has, by their keys.
        self._seen: dict[str, Grade] = {}
        self._reading: AlarmBoard | None = None
        self._noted: dict[str, Alarm] = {}
        self._changed: dict[str, Alarm] = {}

    @property
    def open_ids(self) -> frozenset[str]:
        """The ids of the open alarms."""
        return frozenset(self._open)

    @property
    def newest(self) -> tuple[Alarm, ...]:
        """The newest open alarms, the newest first."""
        by_time = sorted(self._newest.values(), key=attrgetter("time"), reverse=True)
        return tuple(by_time[:NEWEST])

    @property
    def priorities(self) -> tuple[Grade, ...]:
        """The priorities of the site, and further ones of open alarms."""
        listed = {key_of(one): one for one in self._settings.priorities}
        others = {kind.priority for kind in self._counts} - listed.keys() - {""}
        return (*listed.values(), *(self._seen[key] for key in sorted(others)))

    def count(self, priority: Grade | None = None) -> int:
        """Return the number of open alarms, of one priority or of all."""
        if priority is None:
            return len(self._open)
        key = key_of(priority)
        return sum(
            number for kind, number in self._counts.items() if kind.priority == key
        )

    def count_states(self, priority: Grade | None = None) -> dict[str, int]:
        """Return the number of open alarms in each state, by the server's names."""
        key = None if priority is None else key_of(priority)
        counts: Counter[str] = Counter()
        for kind, number in self._counts.items():
            if key is None or kind.priority == key:
                counts[kind.state] += number
        grades = self._seen | {key_of(one): one for one in self._settings.states}
        in_order = sorted(counts, key=lambda one: grades[one].level or 0)
        named: Counter[str] = Counter()
        for one in in_order:
            # Two states may have the same name.
            named[(grades[one].name or one)[:MAX_STATE_NAME]] += counts[one]
        return dict(tuple(named.items())[:MAX_STATES])

    def begin_poll(self) -> None:
        """Begin a poll, whose answers have all that was changed before."""
        self._changed = {}

    def change(self, alarm: Alarm) -> None:
        """Note the form of an alarm that was just changed.

        The answers of a poll under way may be older, so none of it replaces this one.
        """
        self._changed[alarm.id] = alarm
        self.note(alarm)

    def note(self, alarm: Alarm) -> None:
        """Note the current form of an alarm."""
        alarm = self._changed.get(alarm.id, alarm)
        if self._reading is not None:
            self._noted[alarm.id] = alarm
        self._put(alarm)

    def begin(self) -> None:
        """Begin a whole reading; the result of the last one counts until it ends."""
        self._reading = AlarmBoard(self._settings)
        self._noted = {}

    def collect(self, alarm: Alarm) -> None:
        """Add a row of the current reading."""
        if self._reading is not None:
            self._reading._put(alarm)  # noqa: SLF001 - another board

    def commit(self, *, is_complete: bool) -> None:
        """End the reading; its result counts from now on."""
        reading, self._reading = self._reading, None
        if reading is None:
            return
        self._open, self._newest = reading._open, reading._newest  # noqa: SLF001 - another board
        self._counts = reading._counts  # noqa: SLF001 - another board
        self._seen = reading._seen  # noqa: SLF001 - another board
        self.is_complete = is_complete and reading.is_complete
        self.is_known = True
        noted, self._noted = self._noted, {}
        for alarm in noted.values():
            self._put(alarm)

    def _put(self, alarm: Alarm) -> None:
        if not self._settings.is_open(alarm):
            self._uncount(alarm.id)
            self._open.pop(alarm.id, None)
            self._newest.pop(alarm.id, None)
            return
        if alarm.id not in self._open and len(self._open) >= MAX_OPEN:
            self.is_complete = False
            return
        grades = self._settings.priority(alarm), self._settings.state(alarm)
        keys = [key_of(grade) for grade in grades]
        self._seen.update(zip(keys, grades, strict=True))
        self._uncount(alarm.id)
        self._open[alarm.id] = kind = _Open(*keys)
        self._counts[kind] += 1
        self._newest[alarm.id] = alarm
        if len(self._newest) > 2 * NEWEST:
            self._newest = {one.id: one for one in self.newest}

    def _uncount(self, alarm_id: str) -> None:
        kind = self._open.get(alarm_id)
        if kind is None:
            return
        self._counts[kind] -= 1
        if not self._counts[kind]:
            del self._counts[kind]
