"""The tokens for recorders, which differ from those of the identity provider."""

from dataclasses import dataclass
from datetime import timedelta

from ..clock import Clock
from ..identifiers import random_guid, seeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token and its lifetime."""

    token: str
    life: timedelta


class RecorderTokens:
    """Issues tokens and checks them."""

    def __init__(self, clock: Clock, host: str, life: timedelta) -> None:
        """Issue tokens with the lifetime `life`."""
        self.life = life
        self._clock = clock
        self._host = host
        self._ends: dict[str, float] = {}
        self._random = seeded("recorder tokens", clock.now().isoformat())

    def issue(self) -> Grant:
        """Return a new token; earlier ones stay valid until they expire."""
        token = f"TOKEN#{random_guid(self._random)}#{self._host}//ServerConnector#"
        now = self._clock.monotonic()
        self._ends = {one: end for one, end in self._ends.items() if end > now}
        self._ends[token] = now + self.life.total_seconds()
        return Grant(token=token, life=self.life)

    def is_good(self, token: str) -> bool:
        """Return whether a recorder accepts a token."""
        return self._ends.get(token, 0.0) > self._clock.monotonic()

    def revoke(self, token: str | None = None) -> None:
        """Revoke a token, or all of them."""
        if token is None:
            self._ends.clear()
        else:
            self._ends.pop(token, None)
