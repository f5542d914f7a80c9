"""Under which words event entities tell of event types."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..api import Resource
from .event_names import EVENT_SLUGS, OTHER, SLUGS_OF
from .names import comparable, tidy

# Words that mean something else there already.
RESERVED = frozenset({OTHER, "unknown", "unavailable", *EVENT_SLUGS.values()})
# Names that people gave, at the server and at each of thousands of sources. The largest
# sites have hundreds; each is in the registry again for every entity that offers it.
MAX_OF_SERVER = 1000
MAX_OF_SOURCE = 100
# Names that are remembered. A server that makes up ids must not fill the disk.
MAX_REMEMBERED = 5000


class Key(NamedTuple):
    """How an event type is called in XProtect, and under which word it is told."""

    name: str
    word: str


class Rename(NamedTuple):
    """A word that has become another, because somebody has renamed the event."""

    old: str
    new: str


class EventKeys:
    """Gives each event type that people named a word of its own, and remembers it.

    That is its display name. Who has a word keeps it; who comes later with the same
    name gets `Name (1a2b3c4d)`, so that no word ever changes its meaning.
    """

    def __init__(self, remembered: Mapping[str, Key] | None = None) -> None:
        self.remembered = dict(remembered or {})

    def assign(self, named: Iterable[tuple[str, str]]) -> tuple[Rename, ...]:
        """Take (GUID, display name) of what exists now; return which words changed."""
        names = {type_id: tidy(name) or type_id for type_id, name in named}
        taken = {key.word for key in self.remembered.values()}
        renames = []
        for type_id, name in sorted(names.items()):
            known = self.remembered.get(type_id)
            # Its GUID is its name only where the list of names may not be read.
            if known is not None and name in {known.name, type_id}:
                continue
            word = _free(name, type_id, taken)
            taken.add(word)
            if known is not None:
                renames.append(Rename(known.word, word))
            self.remembered[type_id] = Key(name, word)
        self._forget_all_but(names)
        return tuple(renames)

    def forget(self, type_id: str) -> None:
        """Give the word of what is gone to the next of that name."""
        self.remembered.pop(type_id, None)

    def _forget_all_but(self, present: Mapping[str, str]) -> None:
        for type_id in tuple(self.remembered):
            if len(self.remembered) <= MAX_REMEMBERED:
                break
            if type_id not in present:
                del self.remembered[type_id]


class OfferedEvents:
    """Which words the event entity of each kind of source has.

    A closed and small set: a site has 600 event types, and an entity for each camera.
    """

    def __init__(
        self,
        words: Mapping[str, str],
        *,
        at_sources: Iterable[str],
        chosen: frozenset[str],
    ) -> None:
        """Take the words of what people named, and which of these sources offer."""
        self._words = {**EVENT_SLUGS, **words}
        self._of_server = tuple(words)
        self._of_sources = tuple(one for one in words if one in set(at_sources))
        self._chosen = [EVENT_SLUGS[one] for one in EVENT_SLUGS if one in chosen]
        self._lists: dict[Resource | None, tuple[str, ...]] = {}
        self._known: dict[Resource | None, frozenset[str]] = {}

    @property
    def left_out(self) -> int:
        """How many names the entities have no room for."""
        too_many = max(
            len(self._of_server) - MAX_OF_SERVER, len(self._of_sources) - MAX_OF_SOURCE
        )
        return max(0, too_many)

    def word(self, type_id: str, resource: Resource | None) -> str:
        """Return the word under which the entity of a kind of source tells of a type.

        `None` is the server's entity.
        """
        known = self._known.get(resource)
        if known is None:
            known = self._known[resource] = frozenset(self.words(resource))
        word = self._words.get(type_id, OTHER)
        return word if word in known else OTHER

    def words(self, resource: Resource | None) -> tuple[str, ...]:
        """Return all words of the event entity of a kind of source."""
        if resource not in self._lists:
            built_in = SLUGS_OF.get(resource) if resource else None
            own = (
                self._of_server[:MAX_OF_SERVER]
                if resource is None
                else self._of_sources[:MAX_OF_SOURCE]
            )
            self._lists[resource] = (
                *dict.fromkeys((*(built_in or EVENT_SLUGS.values()), *self._chosen)),
                *sorted(self._words[type_id] for type_id in own),
                OTHER,
            )
        return self._lists[resource]


def _free(name: str, type_id: str, taken: set[str]) -> str:
    """Return the name, or with the GUID behind it where it is taken."""
    if name not in taken and comparable(name) not in RESERVED:
        return name
    short = f"{name} ({type_id[:8]})"
    return short if short not in taken else f"{name} ({type_id})"
