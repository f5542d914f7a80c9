"""The items of a site, by path, kind or name."""

from collections.abc import Iterator

from ..errors import OptionError
from .items import Item


class Inventory:
    """All items, including hidden ones."""

    def __init__(self) -> None:
        """Start empty."""
        # Paths of items that are hidden at the moment.
        self.hidden: set[str] = set()
        self._kinds: dict[str, dict[str, Item]] = {}

    def __iter__(self) -> Iterator[Item]:
        """Yield all items, including hidden ones."""
        for items in self._kinds.values():
            yield from items.values()

    def put(self, item: Item) -> None:
        """Add an item, or replace the one with the same path."""
        self._kinds.setdefault(item.kind, {})[item.id] = item

    def drop(self, item: Item) -> None:
        """Remove an item."""
        del self._kinds[item.kind][item.id]

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """Return the visible items of a kind."""
        return tuple(
            item
            for item in self._kinds.get(kind, {}).values()
            if item.path not in self.hidden
        )

    def find(self, path: str) -> Item | None:
        """Return the visible item of a resource path, or None."""
        if path in self.hidden:
            return None
        kind, _, item_id = path.partition("/")
        return self._kinds.get(kind, {}).get(item_id)

    def get(self, item: Item | str) -> Item:
        """Return the current item of a path or an older item. Raises OptionError."""
        path = item if isinstance(item, str) else item.path
        kind, _, item_id = path.partition("/")
        found = self._kinds.get(kind, {}).get(item_id)
        if found is None:
            message = f"there is no '{path}'"
            raise OptionError(message)
        return found

    def named(self, name: str) -> Item:
        """Return the first item of that name. Raises OptionError if there is none."""
        for item in self:
            if item.name == name:
                return item
        message = f"nothing here is called '{name}'"
        raise OptionError(message)
