"""Stores on disk missing sources, names of events, reported states, output tasks."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
import logging
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .api import Resource, Source, Task
from .const import DOMAIN, UNREADABLE
from .engine.absence import Absences
from .engine.event_keys import EventKeys, Key, Rename
from .engine.inventory import SiteInventory
from .engine.reported_states import Reported

_LOGGER = logging.getLogger(__name__)

VERSION = 1
# Seconds. The data changes rarely; a crash loses at most an hour of absence.
SITE_SAVE_DELAY = 60.0
# In seconds. Sources that are missing for a day are gone.
YEAR = 365 * 86_400.0
# Kinds of events that users name.
NAMED = (Resource.USER_DEFINED_EVENTS, Resource.ANALYTICS_EVENTS)
# The most renames to show at once.
MAX_RENAMES = 20


class SiteMemory:
    """Keeps how long sources are missing, and what else is known of a site."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}.site"
        )
        self._saved: dict[str, Any] = {}
        self.absences = Absences()
        self.keys = EventKeys()
        self.renames: tuple[Rename, ...] = ()
        # Pairs of a kind of source and a state group of which a state was reported.
        self.reported: frozenset[Reported] = frozenset()
        # The tasks of outputs in the server's last answer, `None` before the first.
        self.output_tasks: frozenset[Task] | None = None

    async def load(self) -> None:
        """Load the data of the last run, without unreadable parts."""
        try:
            stored: object = await self._store.async_load()
        except UNREADABLE:
            _LOGGER.debug("The stored facts about the site cannot be read")
            stored = None
        self._saved = stored if isinstance(stored, dict) else {}
        self.absences = Absences(_durations(self._saved.get("absent_seconds")))
        self.keys = EventKeys(_keys(self._saved.get("event_types")))
        self.renames = tuple(
            Rename(*pair) for pair in _pairs(self._saved.get("renames"))
        )
        self.reported = frozenset(_pairs(self._saved.get("told_states")))
        self.output_tasks = _tasks(self._saved.get("output_tasks"))

    @callback
    def note_renames(self, renames: Iterable[Rename]) -> None:
        """Keep renames until the user has confirmed the repair."""
        self.renames = (*self.renames, *renames)[-MAX_RENAMES:]

    @callback
    def forget_renames(self) -> None:
        """Delete the renames, after the user has confirmed the repair."""
        self.renames = ()
        self.schedule()

    @callback
    def note_reported(self, reported: Iterable[Reported]) -> None:
        """Remember that the server reports these states."""
        self.reported |= frozenset(reported)
        self.schedule()

    @callback
    def note_output_tasks(self, tasks: frozenset[Task]) -> None:
        """Remember the tasks that outputs have according to the server."""
        self.output_tasks = tasks
        self.schedule()

    @callback
    def forget_absent(self, source: Source) -> None:
        """Do not miss a source any more, because the user has deleted its device."""
        self.absences.forget(source)
        self.schedule()

    @callback
    def forget_gone(self, inventory: SiteInventory) -> None:
        """Free the words of deleted events."""
        for type_id in tuple(self.keys.remembered):
            if type_id not in inventory.sources_by_id and any(
                self.absences.is_gone(Source(kind, type_id)) for kind in NAMED
            ):
                self.keys.forget(type_id)

    @callback
    def schedule(self) -> None:
        """Save soon, if anything changed."""
        current = self._encode()
        if current != self._saved:
            self._saved = current
            self._store.async_delay_save(lambda: current, SITE_SAVE_DELAY)

    async def save(self) -> None:
        """Save now."""
        await self._store.async_save(self._encode())

    async def remove(self) -> None:
        """Remove the file of a removed config entry."""
        await self._store.async_remove()

    def _encode(self) -> dict[str, Any]:
        return {
            "absent_seconds": {
                str(source): absent_for.total_seconds()
                for source, absent_for in self.absences.absent_for.items()
            },
            "event_types": {
                type_id: list(key) for type_id, key in self.keys.remembered.items()
            },
            "output_tasks": (
                None if self.output_tasks is None else sorted(self.output_tasks)
            ),
            "renames": [list(rename) for rename in self.renames],
            "told_states": sorted(list(reported) for reported in self.reported),
        }


def _durations(stored: object) -> dict[Source, timedelta]:
    if not isinstance(stored, Mapping):
        return {}
    return {
        Source.parse(path): timedelta(seconds=seconds)
        for path, seconds in stored.items()
        if isinstance(path, str) and _is_duration(seconds)
    }


def _is_duration(seconds: object) -> bool:
    return isinstance(seconds, int | float) and 0 <= seconds <= YEAR


def _keys(stored: object) -> dict[str, Key]:
    if not isinstance(stored, Mapping):
        return {}
    pairs = ((type_id, list(_pairs([pair]))) for type_id, pair in stored.items())
    return {type_id: Key(*found[0]) for type_id, found in pairs if found}


def _tasks(stored: object) -> frozenset[Task] | None:
    if not isinstance(stored, list):
        return None
    return frozenset(task for task in Task if task in stored)


def _pairs(stored: object) -> Iterator[tuple[str, str]]:
    """Yield the pairs of texts in a list, and ignore everything else."""
    for pair in stored if isinstance(stored, list) else ():
        match pair:
            case [str(first), str(second)]:
                yield first, second
