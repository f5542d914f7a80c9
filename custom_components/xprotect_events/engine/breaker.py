"""When to leave a recording server alone that does not answer."""

from collections.abc import Callable

from ..api import UnreachableError

# Failures in a row before it is left alone: one may be an accident.
FAILURES = 3
# Seconds of the first rest. Less would cost each viewer the time-out of a connection.
FIRST_REST = 30.0
# The longest rest: more would keep pictures away long after the recorder is back.
MAX_REST = 300.0


class Breaker:
    """Opens after some failed connections, and closes with the first that succeeds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._rest = FIRST_REST
        self._until = 0.0
        # Why it is open; `None` while it is closed.
        self.reason: UnreachableError | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing is to be asked now."""
        return self.reason is not None and self._monotonic() < self._until

    def failed(self, err: UnreachableError) -> bool:
        """Count a failure; return whether it is the one that opened it."""
        self._failures += 1
        if self._failures < FAILURES:
            return False
        is_first = self.reason is None
        self.reason = err
        self._until = self._monotonic() + self._rest
        self._rest = min(self._rest * 2, MAX_REST)
        return is_first

    def succeeded(self) -> bool:
        """Close it; return whether it was open."""
        was_open = self.reason is not None
        self._failures, self._rest, self.reason = 0, FIRST_REST, None
        return was_open
