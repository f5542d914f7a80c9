"""Decides which entities are enabled by default.

Kinds that few users need are always disabled, and so are sensors of states that the
server has never reported for that kind: they would stay unknown. Home Assistant
loads at most 10,000 enabled entities of one entry. A large site has more, so further
kinds are disabled there.
"""

from collections import Counter

from .api import Resource
from .engine.built_in import StateKind
from .engine.event_keys import MAX_WITH_ENTITY
from .engine.reported_states import Reported
from .runtime import XProtectRuntime

# Below the limit, for new cameras and for entities that users enable.
BUDGET = 9000

# The most important kinds first; a small site has all of these enabled. Other kinds are
# disabled everywhere. Six cameras have six hardware, microphones and speakers, whose
# entities would come before those of the cameras and show the same.
WANTED: tuple[tuple[Resource, str], ...] = (
    (Resource.USER_DEFINED_EVENTS, "event"),
    (Resource.RECORDING_SERVERS, "communication"),
    (Resource.INPUT_EVENTS, "input"),
    (Resource.OUTPUTS, "output"),
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
        left -= sources[kind[0]]
        if left < 0:
            break
        enabled.add(kind)
    return frozenset(enabled)


def is_reported(runtime: XProtectRuntime, resource: Resource, kind: StateKind) -> bool:
    """Whether the server reports this state of a kind of source, as far as known."""
    return (resource, kind) in (runtime.inventory.memory.reported or EXPECTED)
