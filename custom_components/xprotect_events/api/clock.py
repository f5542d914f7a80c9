"""The server's time, and the steps by which its clock is set.

Every HTTP answer has a `Date` header. The server wrote it after the request was sent
and before the headers arrived, so the offset of its clock from ours has a lower and an
upper bound. Two ranges that do not overlap prove that the clock was set, by any step
above about two seconds.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import time
from typing import NamedTuple, Self

# The greatest age of a `Date` in seconds: it has whole seconds, and web servers renew
# it once a second. With less, an ordinary answer would look like a step.
DATE_AGE = 2.0
# Seconds that two clocks drift apart per second. With less, a clock that the server
# slows down would look like many steps; with more, small steps would be missed.
DRIFT = 0.0005
# Seconds. A clock that steps and then steps back within this time is taken for two
# clocks of two gateways with one host name. With more, a corrected clock would be
# taken for two.
RETURN_WITHIN = 600.0
# Seconds after which another gateway's clock is forgotten.
OTHER_FOR = 3600.0
# Seconds without the gateway whose clock counts, after which the other one's counts.
SILENT_AFTER = 600.0

# A clock that also counts while the machine is suspended, which CLOCK_MONOTONIC on
# Linux does not. Otherwise events that waited in a socket would look live.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds_since_boot() -> float:
    """Return seconds that never jump."""
    return time.clock_gettime(_CLOCK)


class Step(NamedTuple):
    """A step of the server's clock by `by` (negative: back), not before `since`.

    `since` is in the new time. `by` is the lowest possible value, so that shifted
    times of events before the step are earlier than times of events after it.
    """

    by: timedelta
    since: datetime


class _Offset(NamedTuple):
    """A server's clock is between `low` and `high` seconds ahead of ours.

    This was measured at `at`, in seconds of our clock; the range grows with time.
    """

    low: float
    high: float
    at: float

    def at_time(self, at: float) -> Self:
        """Return the offset at a later time, widened by the possible drift."""
        slack = DRIFT * max(0.0, at - self.at)
        return self._replace(low=self.low - slack, high=self.high + slack, at=at)

    def agrees(self, other: Self) -> bool:
        """Whether both offsets can be of one clock; `other` is newer."""
        mine = self.at_time(other.at)
        return mine.low <= other.high and other.low <= mine.high

    def narrowed(self, other: Self) -> Self:
        """Return the overlap of two offsets of one clock; `other` is newer."""
        mine = self.at_time(other.at)
        return other._replace(
            low=max(mine.low, other.low), high=min(mine.high, other.high)
        )


class ServerClock:
    """The server's current time, estimated from the `Date` of its answers.

    The estimate is slow by two seconds at most and by the time that the quickest answer
    took, and never fast but for the drift of the clocks. Where two gateways with
    different clocks answer in turn, the clock that is ahead counts.
    """

    def __init__(self, monotonic: Callable[[], float] = seconds_since_boot) -> None:
        self._monotonic = monotonic
        self._offset: _Offset | None = None
        # The clocks of other gateways, which do not count.
        self._others: list[_Offset] = []
        # The offset before the last step, and whether that step undid the one before
        # it. Somebody may set a clock wrongly and back again once; a clock that does so
        # a second time is two gateways.
        self._before: _Offset | None = None
        self._stepped_at = 0.0
        self._has_returned = False
        # The last step of the clock, until `take_step` returns it.
        self.step: Step | None = None

    def observe(
        self, date: datetime | None, *, sent_at: float, headers_at: float
    ) -> None:
        """Take the `Date` of an answer, or `None` where it has none.

        `sent_at` is when the request was sent, `headers_at` when the headers of the
        answer arrived, both in seconds of our monotonic clock.
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

    @property
    def is_known(self) -> bool:
        """Whether a server has sent its time."""
        return self._offset is not None

    def now(self) -> datetime:
        """Return the server's time, or our own before the first answer."""
        if self._offset is None:
            return self.own_now()
        return datetime.fromtimestamp(self._offset.low + self._monotonic(), UTC)

    def own_now(self) -> datetime:
        """Return our own machine's time, which may be wrong or set, too."""
        return datetime.now(UTC)

    def take_step(self) -> Step | None:
        """Return the step since the last call, if there was one.

        Only one caller may use it: each step is returned once.
        """
        step, self.step = self.step, None
        return step

    def _is_another_gateway(self, new: _Offset, current: _Offset) -> bool:
        """Whether an offset belongs to the clock of a gateway that does not count."""
        self._others = [one for one in self._others if new.at - one.at < OTHER_FOR]
        for number, other in enumerate(self._others):
            if other.agrees(new):
                if new.at - current.at > SILENT_AFTER:
                    # Only this gateway still answers.
                    del self._others[number]
                    return False
                self._others[number] = other.narrowed(new)
                return True
        if not (self._has_returned and self._returns(new)):
            return False
        if new.low > current.low:
            # The clock that is ahead counts.
            self._others.append(current)
            return False
        self._others.append(new)
        return True

    def _returns(self, new: _Offset) -> bool:
        """Whether a step within the last minutes is undone."""
        if self._before is None or new.at - self._stepped_at > RETURN_WITHIN:
            return False
        return self._before.agrees(new)

    def _take_over(self, new: _Offset, current: _Offset) -> None:
        """Follow a step of the clock."""
        known = current.at_time(new.at)
        by = timedelta(seconds=new.low - known.high)
        # The earliest possible moment: just after the last answer.
        since = datetime.fromtimestamp(new.low + current.at, UTC)
        if self.step is not None:
            by += self.step.by
            since = min(since, self.step.since)
        self.step = Step(by, since)
        self._has_returned = self._returns(new)
        self._before, self._stepped_at = known, new.at
        self._offset = new
