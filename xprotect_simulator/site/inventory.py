"""The things of a site, found by path, kind or name."""

from collections.abc import Iterator

from ..errors import OptionError
from .items import Item


class Inventory:
    """Everything that exists, hidden or not."""

    def __init__(self) -> None:
        """Begin empty."""
        # Paths of things that nobody can see at the moment.
        self.hidden: set[str] = set()
        self._kinds: dict[str, dict[str, Item]] = {}

    def __iter__(self) -> Iterator[Item]:
        """Yield everything."""
        for items in self._kinds.values():
            yield from items.values()

    def put(self, item: Item) -> None:
        """Add a thing, or replace the one of the same path."""
        self._kinds.setdefault(item.kind, {})[item.id] = item

    def drop(self, item: Item) -> None:
        """Take a thing away."""
        del self._kinds[item.kind][item.id]

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """Return the visible things of a kind."""
        return tuple(
            item
            for item in self._kinds.get(kind, {}).values()
            if item.path not in self.hidden
        )

    def find(self, path: str) -> Item | None:
        """Return the visible thing of a resource path."""
        if path in self.hidden:
            return None
        kind, _, item_id = path.partition("/")
        return self._kinds.get(kind, {}).get(item_id)

    def get(self, item: Item | str) -> Item:
        """Return a thing as it is now, by its path or an older picture of it."""
        path = item if isinstance(item, str) else item.path
        kind, _, item_id = path.partition("/")
        found = self._kinds.get(kind, {}).get(item_id)
        if found is None:
            message = f"there is no '{path}'"
            raise OptionError(message)
        return found

    def named(self, name: str) -> Item:
        """Return the first thing of that name."""
        for item in self:
            if item.name == name:
                return item
        message = f"nothing here is called '{name}'"
        raise OptionError(message)
