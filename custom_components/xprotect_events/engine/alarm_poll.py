"""Polls alarms: delivers every new one once, and keeps the open ones up to date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import logging

from ..api import (
    Alarm,
    Alarms,
    Event,
    ServerClock,
)
from .alarm_board import AlarmBoard
from .alarm_intake import AlarmArrival, AlarmIntake
from .alarm_list import AlarmList, AlarmRow
from .alarm_settings import AlarmSettings, read_names
from .arrival import MISSED_AFTER, NOW_MARGIN
from .bearings import begin_after_newest
from .checkpoint import OVERLAP, Checkpoint
from .feed import Feed
from .intake import Pace, no_pace
from .page_poll import PagePoll
from .walk_back import Span

_LOGGER = logging.getLogger(__name__)

# Alarms on one page; each has half a kilobyte.
PAGE_SIZE = 500
# The interval of polls for new alarms. XProtect's clients poll every 5 to 10 seconds.
POLL_EVERY = timedelta(seconds=10)
# The interval of whole readings, which find closed, reopened and deleted alarms.
WHOLE_EVERY = timedelta(seconds=30)
# The least interval of whole readings for each page: less often with many alarms.
PAGE_EVERY = timedelta(seconds=10)
# The interval of reading names, which rarely change; an unknown one is a reason to read
# them, but not more often than this.
SETTINGS_EVERY = timedelta(hours=1)
SETTINGS_AGAIN_AFTER = timedelta(minutes=1)
# Alarms that are stored later than this after their time are found by whole readings.
LOOK_BACK = timedelta(minutes=1)
WINDOW_EVERY = timedelta(minutes=1)
# Alarms of one whole reading, whose ids take 20 MB. Thirty days of alarms are fewer.
MAX_STORED = 200_000
# Earlier than any alarm.
BEGINNING = datetime(1971, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class AlarmMemory:
    """What is stored about alarms besides the position.

    Alarms before `since` are not new. Alarms whose running number is not above `number`
    were stored when the last whole reading began, so it has seen them.
    """

    since: datetime
    open_ids: frozenset[str] = field(default=frozenset(), repr=False)
    number: int | None = None


class AlarmPoll:
    """Reads new alarms at each poll, and all alarms at a longer interval.

    `deliver` gets what is new. Every alarm is delivered once: by its time, and what is
    stored long after its time when all are read.
    """

    def __init__(
        self,
        alarms: Alarms,
        clock: ServerClock,
        feed: Feed,
        memory: AlarmMemory,
        deliver: Callable[[tuple[AlarmArrival, ...]], None],
        *,
        pace: Pace = no_pace,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self.settings = AlarmSettings()
        self.board = AlarmBoard(self.settings)
        self.memory = memory
        self._deliver = deliver
        self.intake = AlarmIntake(
            feed, clock, self._pass_on, read=self._note, pace=pace
        )
        self._alarms = alarms
        self._clock = clock
        self._feed = feed
        self._list = AlarmList(alarms, clock)
        self._new_alarms = PagePoll(
            self._list, feed, self.intake, clock, page_size=page_size
        )
        self._page_size = page_size
        self._settings_at: datetime | None = None
        self._whole_at: datetime | None = None
        self._window_at: datetime | None = None
        self._has_unknown_grade = False
        self._is_hiding = False
        self._number: int | None = memory.number
        # The ids that this run has delivered or read with all others.
        self._seen: set[str] = set()
        self._seen_before: frozenset[str] = frozenset()
        self._has_read_all = False
        # Rows of the last whole reading.
        self.stored = 0

    @property
    def interval(self) -> timedelta:
        """The interval until the next poll."""
        return self._whole_every if self._list.is_plain else POLL_EVERY

    @property
    def is_plain(self) -> bool:
        """Whether the server refuses to filter, so that each poll reads all alarms."""
        return self._list.is_plain

    @property
    def _whole_every(self) -> timedelta:
        pages = 1 + self.stored // self._page_size
        return max(WHOLE_EVERY, PAGE_EVERY * pages)

    async def poll(self) -> None:
        """Deliver new alarms, and update the board. Raises any `ApiError`.

        The next poll then delivers what this one did not.
        """
        self.intake.missed_after = max(MISSED_AFTER, 2 * self.interval)
        self.board.begin_poll()
        await self._read_settings()
        if self._feed.lacks_beginning:
            await begin_after_newest(
                self._list, self._feed, self._clock, self._page_size
            )
            self.memory = replace(self.memory, since=self._feed.low_watermark)
        now = self._clock.now()
        if self._feed.is_ahead_of(now):
            self._feed.set_back(now - NOW_MARGIN)
            self._feed.goes_back = False
            self._whole_at = self._window_at = None
        if not self._list.is_plain:
            await self._read_new(now)
        if self._whole_at is None or now - self._whole_at >= self._whole_every:
            await self._read_all()
            self._whole_at = now
        if not self.intake.is_closed:
            self._feed.complete(now=self._clock.now())

    async def _read_settings(self) -> None:
        age = None
        if self._settings_at is not None:
            age = self._clock.now() - self._settings_at
        wait = SETTINGS_AGAIN_AFTER if self._has_unknown_grade else SETTINGS_EVERY
        if age is None or not timedelta() <= age < wait:
            await self.read_settings_now()

    async def read_settings_now(self) -> None:
        """Read the names of states and priorities, which alarms may lack.

        Raises any `ApiError`.
        """
        states = await read_names(self._alarms.states)
        priorities = await read_names(self._alarms.priorities)
        if states:
            self.settings.states = states
        if priorities:
            self.settings.priorities = priorities
        self._settings_at = self._clock.now()
        self._has_unknown_grade = False

    async def _read_new(self, now: datetime) -> None:
        """Read alarms by time, as far back as they may be stored late."""
        start = self._feed.start(LOOK_BACK)
        is_window = self._window_at is None or now - self._window_at >= WINDOW_EVERY
        if is_window:
            start = self._feed.window_start
        read = await self._new_alarms.read(start)
        if read.hidden is not None:
            self._log_hidden(read.hidden)
        if is_window:
            self._window_at = now

    async def _read_all(self) -> None:
        """Read all stored alarms, in any order."""
        before = self._number
        reading = _WholeReading(self)
        scratch = Feed(Checkpoint.beginning(BEGINNING))
        pages = PagePoll(
            self._list, scratch, reading, self._clock, page_size=self._page_size
        )
        self.board.begin()
        read = await pages.read(BEGINNING)
        if self.intake.is_closed:
            return
        is_complete = read.hidden is None and not reading.is_closed
        self.board.commit(is_complete=is_complete)
        self._keep_seen(frozenset(reading.ids), is_complete=is_complete)
        self.stored = reading.polled
        self._feed.lacks_bearings = False
        self.memory = AlarmMemory(
            since=self.memory.since, open_ids=self.board.open_ids, number=before
        )

    def _keep_seen(self, ids: frozenset[str], *, is_complete: bool) -> None:
        """Forget ids that are in neither of two readings: pages move meanwhile."""
        self._has_read_all |= is_complete
        if is_complete and len(self._seen) > 2 * len(ids) + self._page_size:
            self._seen = {*ids, *self._seen_before}
        self._seen_before = ids

    def _log_hidden(self, span: Span) -> None:
        """Log spans that no request shows; a server may hide alarms at every poll."""
        if self._is_hiding:
            return
        self._is_hiding = True
        _LOGGER.warning(
            "Alarms between %s and %s cannot be read: the server ignores the requested"
            " time and page",
            span.since,
            span.until,
        )

    def _pass_on(self, arrivals: tuple[AlarmArrival, ...]) -> None:
        self._seen.update(one.alarm.id for one in arrivals)
        self._deliver(arrivals)

    def _note(self, alarm: Alarm) -> None:
        """Note an alarm of any reading."""
        self._has_unknown_grade |= not self.settings.knows(alarm)
        self.board.note(alarm)
        self._count(alarm)

    def _count(self, alarm: Alarm) -> None:
        if alarm.local_id is not None:
            self._number = max(self._number or 0, alarm.local_id)

    async def take_all(self, rows: Sequence[AlarmRow]) -> None:
        """Take a page of a whole reading."""
        start = self._feed.window_start
        if self._feed.lacks_bearings:
            # They existed before the first start.
            until = self._feed.low_watermark
            old = [row for row in rows if until - OVERLAP < row.time <= until]
            self._feed.note_older(old, until - OVERLAP)
            self._feed.lacks_bearings = True
        await self.intake.take([row for row in rows if row.time > start], since=start)
        old = [row for row in rows if row.time <= start and self._was_stored_late(row)]
        await self.intake.take_stored_late(old)
        for row in rows:
            self._has_unknown_grade |= not self.settings.knows(row.alarm)
            self._count(row.alarm)
            self._seen.add(row.id)
            self.board.collect(row.alarm)

    def _was_stored_late(self, row: AlarmRow) -> bool:
        """Whether an alarm was stored so long after its time that no poll has found it.

        A closed and reopened alarm existed before. One of a camera that the user could
        not see before counts as stored late, also if others have higher numbers.
        """
        memory = self.memory
        if row.time <= memory.since or row.id in memory.open_ids:
            return False
        if self._has_read_all:
            return row.id not in self._seen
        if row.local_id is not None and memory.number is not None:
            return row.local_id > memory.number
        return self.settings.is_open(row.alarm)


class _WholeReading:
    """Takes the pages of a whole reading."""

    def __init__(self, poll: AlarmPoll) -> None:
        self._poll = poll
        self.ids: set[str] = set()

    @property
    def polled(self) -> int:
        """The number of alarms."""
        return len(self.ids)

    @property
    def is_closed(self) -> bool:
        """Whether the rest is not needed, or is too much."""
        return self._poll.intake.is_closed or len(self.ids) >= MAX_STORED

    async def take(self, events: Sequence[Event], *, since: datetime) -> None:
        """Pass on rows that appear for the first time."""
        del since
        rows = [
            row
            for row in events
            if isinstance(row, AlarmRow) and row.id not in self.ids
        ]
        self.ids.update(row.id for row in rows)
        await self._poll.take_all(rows)
