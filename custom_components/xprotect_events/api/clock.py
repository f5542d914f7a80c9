"""The server's time, and the steps in which somebody sets it.

An answer bears the server's `Date`. The server wrote it after the request was sent and
before the headers came, which bounds how far its clock is from ours; two bounds that
exclude each other prove a step of any size above about two seconds.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import time
from typing import NamedTuple, Self

# Seconds that a `Date` may be old: it has whole seconds, and web servers write a new
# one once a second. With less, an ordinary answer would look like a step.
DATE_AGE = 2.0
# Seconds that two clocks drift apart in a second. With less, a server whose clock is
# being slowed down would step again and again; more would hide small steps.
DRIFT = 0.0005
# Seconds within which a clock that goes back and forth again is not one clock: behind
# one name there are two gateways. With more, corrections would be taken for that.
RETURN_WITHIN = 600.0
# Seconds after which another gateway's clock is forgotten.
OTHER_FOR = 3600.0
# Seconds without the gateway whose clock counts, after which the other one's counts.
GONE_AFTER = 600.0

# Goes on while the machine sleeps, as Linux's monotonic clock does not: what a socket
# has kept for that long would seem to be live.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds_since_boot() -> float:
    """Return seconds that never jump."""
    return time.clock_gettime(_CLOCK)


class Step(NamedTuple):
    """The server's clock was set by so much, negative: back, and not before `since`.

    `since` is by the new time. `by` is the furthest back that it can have been: what
    happens after the step is then later than everything before it.
    """

    by: timedelta
    since: datetime


class _Offset(NamedTuple):
    """How many seconds a server's clock is ahead of ours: between `low` and `high`.

    Both were right at our `at`, and are less so with every second.
    """

    low: float
    high: float
    at: float

    def at_time(self, at: float) -> Self:
        """Return what is known of the offset some time later."""
        slack = DRIFT * max(0.0, at - self.at)
        return self._replace(low=self.low - slack, high=self.high + slack, at=at)

    def agrees(self, other: Self) -> bool:
        """Whether one clock can have had both offsets; the other one is newer."""
        mine = self.at_time(other.at)
        return mine.low <= other.high and other.low <= mine.high

    def narrowed(self, other: Self) -> Self:
        """Return what both tell about one clock; the other one is newer."""
        mine = self.at_time(other.at)
        return other._replace(
            low=max(mine.low, other.low), high=min(mine.high, other.high)
        )


class ServerClock:
    """The server's idea of now, from the `Date` of its answers.

    It is up to two seconds slow and never fast: what must not lie in the server's
    future may rely on it. Where two gateways with different clocks answer in turn, the
    later clock counts.
    """

    def __init__(self, monotonic: Callable[[], float] = seconds_since_boot) -> None:
        self._monotonic = monotonic
        self._offset: _Offset | None = None
        # Of other gateways.
        self._others: list[_Offset] = []
        # Before the last step, and whether that step went back to where the clock was
        # before: it may be a correction that somebody has taken back.
        self._before: _Offset | None = None
        self._stepped_at = 0.0
        self._has_returned = False
        self._step: Step | None = None

    def observe(
        self, date: datetime | None, *, sent_at: float, headers_at: float
    ) -> None:
        """Take the date of an answer; both times are monotonic, in seconds.

        `sent_at` is when the request was sent, `headers_at` when the answer's headers
        had come.
        """
        if date is None:
            return
        low = date.timestamp() - headers_at
        high = date.timestamp() + DATE_AGE - sent_at
        new = _Offset(low, high, headers_at)
        if self._offset is None:
            self._offset = new
        elif self._offset.agrees(new):
            self._offset = self._offset.narrowed(new)
        elif not self._is_another_gateway(new, self._offset):
            self._take_over(new, self._offset)

    def now(self) -> datetime:
        """Return the server's time; our own as long as no server gave its."""
        if self._offset is None:
            return datetime.now(UTC)
        return datetime.fromtimestamp(self._offset.low + self._monotonic(), UTC)

    def take_step(self) -> Step | None:
        """Return by how much the clock was set since the last call, if it was.

        For one reader only.
        """
        step, self._step = self._step, None
        return step

    def _is_another_gateway(self, new: _Offset, current: _Offset) -> bool:
        """Whether an offset is that of a clock which does not count."""
        self._others = [one for one in self._others if new.at - one.at < OTHER_FOR]
        for number, other in enumerate(self._others):
            if other.agrees(new):
                if new.at - current.at > GONE_AFTER:
                    # It is the only one left.
                    del self._others[number]
                    return False
                self._others[number] = other.narrowed(new)
                return True
        if not (self._has_returned and self._returns(new)):
            return False
        if new.low > current.low:
            # The later one counts.
            self._others.append(current)
            return False
        self._others.append(new)
        return True

    def _returns(self, new: _Offset) -> bool:
        """Whether the clock goes back to where it was minutes ago."""
        if self._before is None or new.at - self._stepped_at > RETURN_WITHIN:
            return False
        return self._before.agrees(new)

    def _take_over(self, new: _Offset, current: _Offset) -> None:
        """Follow a step of the clock."""
        known = current.at_time(new.at)
        by = timedelta(seconds=new.low - known.high)
        # It may have been set right after the last answer.
        since = datetime.fromtimestamp(new.low + current.at, UTC)
        if self._step is not None:
            by += self._step.by
            since = min(since, self._step.since)
        self._step = Step(by, since)
        self._has_returned = self._returns(new)
        self._before, self._stepped_at = known, new.at
        self._offset = new
