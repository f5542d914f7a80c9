"""Stops requests to a recording server that does not answer."""

from collections.abc import Callable

from ..api import UnreachableError

# Failures in a row before requests stop; a single failure may be by chance.
FAILURES = 3
# Seconds of the first rest. With less, each viewer would wait for a connect time-out.
FIRST_REST = 30.0
# Seconds of the longest rest. More would delay pictures after the recorder is back.
MAX_REST = 300.0


class Breaker:
    """Opens after some failed connections, and closes after one that succeeds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._rest = FIRST_REST
        self._until = 0.0
        # The failure that opened it; `None` while it is closed.
        self.reason: UnreachableError | None = None

    @property
    def is_open(self) -> bool:
        """Whether no request may be sent now."""
        return self.reason is not None and self._monotonic() < self._until

    def failed(self, err: UnreachableError) -> bool:
        """Count a failure; return whether it opened the breaker."""
        self._failures += 1
        if self._failures < FAILURES:
            return False
        is_first = self.reason is None
        self.reason = err
        self._until = self._monotonic() + self._rest
        self._rest = min(self._rest * 2, MAX_REST)
        return is_first

    def succeeded(self) -> bool:
        """Close the breaker; return whether it was open."""
        was_open = self.reason is not None
        self._failures, self._rest, self.reason = 0, FIRST_REST, None
        return was_open
