"""The position of a feed: how far events have been read, and the ids of the last ones.

It is kept over restarts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

# An event is found even if it is stored this long after its own time, because a
# recorder was offline. With more, each new session would read more events again.
OVERLAP = timedelta(minutes=15)
# Polls request a little more than the window, because servers compare times with an
# accuracy of 10 ms (protocol §4.4).
WINDOW_MARGIN = timedelta(seconds=1)
# Ids of the last events, with any times, that are kept over a restart: the server's
# clock may have been set back, and then the last events are read again.
MAX_RECENT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The position of a feed, which is kept over restarts. Times are the server's.

    `cursor` is the time of the newest event up to which everything was polled.
    Polled events at or before `low_watermark` are never taken: their ids are
    forgotten, or they are from before the first start. `complete_at` is the end of
    the last complete poll. `remembered` has the ids and times of the events since a
    little before `window_start`, and of the last ones. `complete_here` is
    `complete_at` by the clock of our own machine, `None` in a position that an earlier
    version has written.
    """

    cursor: datetime
    low_watermark: datetime
    complete_at: datetime
    remembered: Mapping[str, datetime] = field(default_factory=dict)
    complete_here: datetime | None = None

    def trimmed(self) -> Checkpoint:
        """Return it with the ids of the window, and the last ones.

        Takes some milliseconds, and may be called in a thread.
        """
        start = max(self.cursor - OVERLAP, self.low_watermark) - WINDOW_MARGIN
        ids = dict(self.remembered)
        in_window = {one: time for one, time in ids.items() if time > start}
        last = dict(islice(reversed(ids.items()), MAX_RECENT))
        return replace(self, remembered=in_window | last)

    @classmethod
    def beginning(cls, now: datetime) -> Checkpoint:
        """Return the first position: events stored before `now` are not new."""
        return cls(cursor=now, low_watermark=now, complete_at=now)

    @classmethod
    def looking_back(cls, now: datetime, limit: timedelta) -> Checkpoint:
        """Return a position `limit` before `now`, after the stored one was lost."""
        return cls.beginning(now - limit)
