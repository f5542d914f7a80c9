"""The `event_type` of event entities for each event type of XProtect.

XProtect's event types are GUIDs. Home Assistant's `event_type` is called *word* here.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from ..api import Resource, Source
from .event_names import EVENT_SLUGS, OTHER, SLUGS_OF
from .names import comparable, tidy

_OWN = Resource.USER_DEFINED_EVENTS
# Words that have another meaning already.
RESERVED = frozenset({OTHER, "unknown", "unavailable", *EVENT_SLUGS.values()})
# The most names by users for the server's entity and for that of each source. Large
# sites have hundreds, and the registry stores each one again for every entity.
MAX_OF_SERVER = 1000
MAX_OF_SOURCE = 100
# The most user-defined events that have an event entity each, besides their button. The
# server's entity has the others. With more the page of its device opens slowly.
MAX_WITH_ENTITY = 500
# The most names to remember. A server that invents ids must not fill the disk.
MAX_KEYS = 5000


class Key(NamedTuple):
    """The display name of an event type in XProtect, and its word."""

    name: str
    word: str


class Rename(NamedTuple):
    """A changed word, after a user has renamed the event in XProtect."""

    old: str
    new: str


class EventKeys:
    """Gives each event type that users have named a unique word, and remembers it.

    The word is the display name. The second type of a name gets `Name (1a2b3c4d)`,
    with the start of its GUID, so that no word ever changes its meaning.
    """

    def __init__(self, remembered: Mapping[str, Key] | None = None) -> None:
        self.remembered = dict(remembered or {})

    def assign(self, named: Iterable[tuple[str, str]]) -> tuple[Rename, ...]:
        """Take pairs of GUID and display name of all types; return changed words."""
        names = {type_id: tidy(name) or type_id for type_id, name in named}
        taken = {key.word for key in self.remembered.values()}
        renames = []
        for type_id, name in sorted(names.items()):
            known = self.remembered.get(type_id)
            # The name is the GUID when the user has no right to read the names.
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
        """Free the word of a deleted type for another one of that name."""
        self.remembered.pop(type_id, None)

    def _forget_all_but(self, present: Mapping[str, str]) -> None:
        for type_id in tuple(self.remembered):
            if len(self.remembered) <= MAX_KEYS:
                break
            if type_id not in present:
                del self.remembered[type_id]


class OfferedEvents:
    """The words of the event entities, for each kind of source.

    A small, fixed set: a site may have 600 event types and thousands of entities.
    """

    def __init__(
        self,
        words: Mapping[str, str],
        *,
        user_defined: Iterable[str],
        at_sources: Iterable[str],
        chosen: frozenset[str],
    ) -> None:
        """Take the words of user-named types.

        `at_sources` are the types that occur at sources, `chosen` those chosen in the
        options.
        """
        self._words = {**EVENT_SLUGS, **words}
        named = frozenset(user_defined)
        with_entity = [one for one in words if one in named][:MAX_WITH_ENTITY]
        # User-defined events with an event entity of their own.
        self.own = {one: Source(_OWN, one) for one in with_entity}
        self._of_server = tuple(one for one in words if one not in self.own)
        at_sources = frozenset(at_sources) - named
        self._of_sources = tuple(one for one in words if one in at_sources)
        self._chosen = [EVENT_SLUGS[one] for one in EVENT_SLUGS if one in chosen]
        self._lists: dict[Resource | None, list[str]] = {}
        # Cached, because it is called for each event.
        self.word = lru_cache(MAX_KEYS)(self._word)

    @property
    def left_out(self) -> int:
        """The number of names beyond the limits."""
        too_many = max(
            len(self._of_server) - MAX_OF_SERVER, len(self._of_sources) - MAX_OF_SOURCE
        )
        return max(0, too_many)

    def own_word(self, type_id: str) -> str | None:
        """Return the word of a type, whatever the limits; `None` if it has none."""
        return self._words.get(type_id)

    def _word(self, type_id: str, resource: Resource | None) -> str:
        """Return the word of a type at the entities of a kind of source.

        `None` stands for the server's entity. Types without a word are `OTHER`.
        """
        word = self._words.get(type_id, OTHER)
        return word if word in self.words(resource) else OTHER

    def words(self, resource: Resource | None) -> list[str]:
        """Return all words of the event entities of a kind of source.

        The list is one for all of them, and must not be changed.
        """
        if resource is _OWN:
            return [self._words[type_id] for type_id in self.own]
        if resource not in self._lists:
            built_in = SLUGS_OF.get(resource) if resource else None
            own = (
                self._of_server[:MAX_OF_SERVER]
                if resource is None
                else self._of_sources[:MAX_OF_SOURCE]
            )
            self._lists[resource] = [
                *dict.fromkeys((*(built_in or EVENT_SLUGS.values()), *self._chosen)),
                *sorted(self._words[type_id] for type_id in own),
                OTHER,
            ]
        return self._lists[resource]


def _free(name: str, type_id: str, taken: set[str]) -> str:
    """Return the name, followed by the GUID if it is taken."""
    if name not in taken and comparable(name) not in RESERVED:
        return name
    short = f"{name} ({type_id[:8]})"
    return short if short not in taken else f"{name} ({type_id})"
