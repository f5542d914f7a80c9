"""An event session at the server, as far as one of its clients knows it."""

from datetime import datetime

from ..api import SessionChanges

type Order = tuple[datetime, str, int]


class Session:
    """An event session at the server, and what was read from it.

    It is not documented whether `maxSize` limits one reply or all that the session
    shows, the oldest rows first (protocol §4.6). `proves_no_limit` is set once more
    rows were seen up to one place than a limited session could show.
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
        # Rows that cannot be read have a place in the session all the same.
        self._unreadable = 0

    @property
    def may_hide_rows(self) -> bool:
        """Whether a limited session would be full."""
        places = len(self._rows) + self._unreadable
        return not self.proves_no_limit and places >= self.max_size

    @property
    def last_time(self) -> datetime:
        """Up to where everything was seen even if the session is limited."""
        # The others may have come first.
        readable = self.max_size - self._unreadable
        if readable < 1:
            return self.since
        return sorted(self._rows.values())[readable - 1][0]

    def count(self, changes: SessionChanges) -> None:
        """Note a reply."""
        self.is_fresh = False
        if self.proves_no_limit:
            return
        for event_id in changes.deleted:
            self._rows.pop(event_id, None)
        self._rows.update((event.id, event.order) for event in changes.added)
        # They prove nothing: one that is repeated is counted twice.
        self._unreadable += changes.added_count - len(changes.added)
        if len(self._rows) > self.max_size and changes.added:
            newest = max(event.order for event in changes.added)
            before = sum(order <= newest for order in self._rows.values())
            if before > self.max_size:
                self.proves_no_limit = True
                self._rows.clear()
