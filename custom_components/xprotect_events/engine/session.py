"""What was read from one event session (protocol §4.6)."""

from datetime import datetime

from ..api import SessionChanges

type Order = tuple[datetime, str, int]


class Session:
    """An event session of the server, and the rows that were read from it.

    It is not documented whether `maxSize` limits one reply, or the whole session to
    its first rows (protocol §4.6). `proves_no_limit` becomes true when the session has
    returned more rows, up to one point in its order, than a limited session can hold.
    `is_fresh` is true until the first reply, `is_clean` after a read that came to its
    end. `since` and `opened_at` are times of the server.
    """

    def __init__(
        self, session_id: str, *, since: datetime, opened_at: datetime, max_size: int
    ) -> None:
        self.id = session_id
        self.since = since
        self.opened_at = opened_at
        self.is_fresh = True
        self.is_clean = False
        self.proves_no_limit = False
        self.max_size = max_size
        self._rows: dict[str, Order] = {}
        # Unreadable rows count against the limit of the session, too.
        self._unreadable = 0

    @property
    def may_hide_rows(self) -> bool:
        """Whether the session would be full if it is limited."""
        places = len(self._rows) + self._unreadable
        return not self.proves_no_limit and places >= self.max_size

    @property
    def last_time(self) -> datetime:
        """The time up to which everything was read even if the session is limited."""
        # Unreadable rows may be the first ones.
        readable = self.max_size - self._unreadable
        if readable < 1:
            return self.since
        return sorted(self._rows.values())[readable - 1][0]

    def count(self, changes: SessionChanges) -> None:
        """Count the rows of a reply."""
        self.is_fresh = False
        if self.proves_no_limit:
            return
        for event_id in changes.deleted:
            self._rows.pop(event_id, None)
        self._rows.update((event.id, event.order) for event in changes.added)
        # Unreadable rows are no proof: a repeated one is counted twice.
        self._unreadable += changes.added_count - len(changes.added)
        if len(self._rows) > self.max_size and changes.added:
            newest = max(event.order for event in changes.added)
            before = sum(order <= newest for order in self._rows.values())
            if before > self.max_size:
                self.proves_no_limit = True
                self._rows.clear()
