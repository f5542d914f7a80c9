"""Listeners by a key, for example those of one source."""

from collections.abc import Callable
from functools import partial


class KeyedListeners[Key, Listener](dict[Key, tuple[Listener, ...]]):
    """The listeners of each key; a key without listeners is not in it.

    Tuples are replaced and never changed, because a listener may be removed while those
    of its key are called.
    """

    def add(self, key: Key, listener: Listener) -> Callable[[], None]:
        """Add a listener of the key; return a function that removes it."""
        self[key] = (*self.get(key, ()), listener)
        return partial(self.remove, key, listener)

    def remove(self, key: Key, listener: Listener) -> None:
        """Remove a listener of the key. Raises `KeyError` if the key has none."""
        others = tuple(one for one in self[key] if one != listener)
        if others:
            self[key] = others
        else:
            del self[key]
