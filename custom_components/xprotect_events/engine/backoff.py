"""Waiting times between attempts."""

from collections.abc import Callable
import random

# The first wait in seconds. The restart of a service takes longer than this.
FIRST = 2.0
# The longest wait in seconds. More would delay the recovery; less would burden a server
# with problems. Signing in has its own limit.
CAP = 15.0


class Backoff:
    """Doubling waits with jitter, so that clients do not reconnect all at once."""

    def __init__(
        self, rng: Callable[[], float] = random.random, *, cap: float = CAP
    ) -> None:
        self._rng = rng
        self._cap = cap
        self._next = FIRST

    def wait(self) -> float:
        """Return the next wait in seconds: between 50 and 100 % of its step."""
        step = self._next
        self._next = min(self._cap, step * 2)
        return step * (0.5 + self._rng() / 2)

    def reset(self) -> None:
        """Start with the shortest wait again."""
        self._next = FIRST
