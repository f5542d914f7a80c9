"""Compares the events of XProtect with those that arrived in Home Assistant."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

# Rows of the lists of events; each makes a state longer.
ROWS: Final = 14
MISSED_ROWS: Final = 5

# Seconds after which an event that has not arrived counts as lost, provided that events
# were delivered all that time. Longer than the 30 s between two audits, which find
# events that were not pushed.
PATIENCE: Final = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers of events so far; the last four add up to the first."""

    happened: int
    arrived: int
    missed: int
    on_the_way: int
    lost: int


class Proof:
    """Compares events by their ids; times are seconds of any single clock."""

    def __init__(self) -> None:
        """Start without events."""
        self.rows: deque[dict[str, object]] = deque(maxlen=ROWS)
        self.missed_rows: deque[dict[str, object]] = deque(maxlen=MISSED_ROWS)
        self._delivering_since: float | None = None
        self._happened = 0
        self._arrived = 0
        self._missed = 0
        # By event that has not arrived yet: when it was found in XProtect.
        self._waiting: dict[str, float] = {}
        # By event that arrived before it was found in XProtect: whether it was missed.
        self._early: dict[str, bool] = {}

    def happen(self, event_ids: Iterable[str], now: float) -> None:
        """Note events that XProtect has stored."""
        for event_id in event_ids:
            self._happened += 1
            if event_id in self._early:
                self._count(is_missed=self._early.pop(event_id))
            else:
                self._waiting[event_id] = now

    def arrive(self, event: Mapping[str, object]) -> None:
        """Note an event of Home Assistant's bus, by its data."""
        event_id, is_missed = str(event["event_id"]), bool(event["missed"])
        row = {
            "time": event["time"],
            "type": event["type"],
            "source": event["source_name"] or "-",
            # The address of the picture, for the signed-in browser.
            "picture": event.get("picture"),
        }
        (self.missed_rows if is_missed else self.rows).appendleft(row)
        if self._waiting.pop(event_id, None) is None:
            self._early[event_id] = is_missed
        else:
            self._count(is_missed=is_missed)

    def numbers(self, now: float, *, is_delivering: bool) -> Numbers:
        """Count; `is_delivering` is false during an outage and a catch-up."""
        if not is_delivering:
            self._delivering_since = None
        elif self._delivering_since is None:
            self._delivering_since = now
        since, lost = self._delivering_since, 0
        if since is not None and since < now - PATIENCE:
            lost = sum(found < now - PATIENCE for found in self._waiting.values())
        return Numbers(
            happened=self._happened,
            arrived=self._arrived,
            missed=self._missed,
            on_the_way=len(self._waiting) - lost,
            lost=lost,
        )

    def _count(self, *, is_missed: bool) -> None:
        self._missed += is_missed
        self._arrived += not is_missed
