"""Counts the rows of the server's lists that could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass

from .wire import Decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The number of unreadable rows of one list, and the reason for the first."""

    count: int
    reason: str


class UnreadableRows:
    """Counts rows by list. It does not log: each reading finds the same rows again."""

    def __init__(self) -> None:
        self._by_list: dict[str, Unreadable] = {}

    def readable[T](self, path: str, decoded: Decoded[T]) -> tuple[T, ...]:
        """Return the readable rows, and count the others."""
        if decoded.reason is not None:
            before = self._by_list.get(path)
            self._by_list[path] = Unreadable(
                count=decoded.unreadable + (before.count if before else 0),
                reason=before.reason if before else decoded.reason,
            )
        return decoded.rows

    def take(self) -> Mapping[str, Unreadable]:
        """Return the counts since the last call, by list."""
        taken, self._by_list = self._by_list, {}
        return taken
