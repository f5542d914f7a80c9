"""Decides which entities are enabled by default.

Kinds that few users need are always disabled, and so are sensors of states that the
server has never reported for that kind: they would stay unknown. Home Assistant
loads at most 10,000 enabled entities of one entry. A large site has more, so further
kinds are disabled there.
"""

from collections import Counter

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .api import Resource
from .engine.built_in import StateKind
from .engine.event_keys import MAX_WITH_ENTITY
from .engine.reported_states import Reported
from .runtime import XProtectConfigEntry, XProtectRuntime

# Below the limit, for new cameras and for entities that users enable.
BUDGET = 9000

# The kind of switches and buttons of outputs, which only an option adds.
SWITCHING = "switching"
# The most important kinds first; a small site has all of these enabled. Other kinds are
# disabled everywhere. Six cameras have six hardware, microphones and speakers, whose
# entities would come before those of the cameras and show the same.
WANTED: tuple[tuple[Resource, str], ...] = (
    (Resource.USER_DEFINED_EVENTS, "event"),
    (Resource.RECORDING_SERVERS, "communication"),
    (Resource.INPUT_EVENTS, "input"),
    (Resource.OUTPUTS, "output"),
    (Resource.OUTPUTS, SWITCHING),
    (Resource.CAMERAS, "motion"),
    (Resource.CAMERAS, "event"),
    (Resource.CAMERAS, "communication"),
    (Resource.CAMERAS, "recording"),
    (Resource.INPUT_EVENTS, "event"),
    (Resource.OUTPUTS, "event"),
    (Resource.INPUT_EVENTS, "communication"),
    (Resource.OUTPUTS, "communication"),
)
# Assumed while the server has reported nothing at all: it cannot be asked, or was
# just installed. For inputs and outputs it usually has no communication events.
EXPECTED: frozenset[Reported] = frozenset(
    {
        (Resource.RECORDING_SERVERS, StateKind.COMMUNICATION),
        (Resource.INPUT_EVENTS, StateKind.INPUT),
        (Resource.OUTPUTS, StateKind.OUTPUT),
        (Resource.CAMERAS, StateKind.MOTION),
        (Resource.CAMERAS, StateKind.COMMUNICATION),
        (Resource.CAMERAS, StateKind.RECORDING),
    }
)


def enabled_kinds(runtime: XProtectRuntime) -> frozenset[tuple[Resource, str]]:
    """Return the pairs (resource, entity key) that are enabled on this site."""
    sources = Counter(item.resource for item in runtime.devices.shown())
    named = len(runtime.inventory.data.user_defined_events)
    sources[Resource.USER_DEFINED_EVENTS] = min(named, MAX_WITH_ENTITY)
    enabled = set()
    left = BUDGET
    for kind in WANTED:
        if kind[1] == SWITCHING and not runtime.output_tasks:
            continue
        left -= sources[kind[0]]
        if left < 0:
            break
        enabled.add(kind)
    return frozenset(enabled)


def room_for_more(hass: HomeAssistant, entry: XProtectConfigEntry) -> int:
    """Return how many entities can be enabled beside those that there are."""
    entities = er.async_get(hass).entities
    enabled = entities.get_enabled_count_for_config_entry_id(entry.entry_id)
    return max(0, BUDGET - enabled)


def has_room_for_cameras(hass: HomeAssistant, entry: XProtectConfigEntry) -> bool:
    """Whether all camera entities can be enabled beside the other entities."""
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    others = sum(
        not one.disabled and one.domain != Platform.CAMERA for one in registered
    )
    shown = entry.runtime_data.devices.shown()
    cameras = sum(item.resource is Resource.CAMERAS for item in shown)
    return others + cameras <= BUDGET


def is_reported(runtime: XProtectRuntime, resource: Resource, kind: StateKind) -> bool:
    """Whether the server reports this state of a kind of source, as far as known."""
    return (resource, kind) in (runtime.inventory.memory.reported or EXPECTED)
