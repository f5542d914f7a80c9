"""How long to wait before the next attempt."""

from collections.abc import Callable
import random

# The first wait in seconds: a restart of a service takes longer.
FIRST = 2.0
# The longest: more would delay the recovery that people wait for, less would burden
# a site in trouble. Signing in has a limit of its own.
CAP = 15.0


class Backoff:
    """Doubling waits with jitter, so that many clients do not come back at once."""

    def __init__(
        self, rng: Callable[[], float] = random.random, *, cap: float = CAP
    ) -> None:
        self._rng = rng
        self._cap = cap
        self._next = FIRST

    def wait(self) -> float:
        """Return the next wait in seconds, between half and all of its step."""
        step = self._next
        self._next = min(self._cap, step * 2)
        return step * (0.5 + self._rng() / 2)

    def reset(self) -> None:
        """Begin with the shortest wait again."""
        self._next = FIRST
