"""Which entities are enabled from the start.

Home Assistant takes 10,000 enabled entities of one site and drops the rest. A large
site has more, so the less wanted kinds are disabled there until somebody wants them.
"""

from collections import Counter

from .api import Resource
from .devices import XProtectDevices

# Some below the limit: cameras are added, and people enable what they want.
BUDGET = 9000

# Most wanted first; a small site has all of them enabled.
WANTED: tuple[tuple[Resource, str], ...] = (
    (Resource.INPUT_EVENTS, "input"),
    (Resource.OUTPUTS, "output"),
    (Resource.CAMERAS, "motion"),
    (Resource.CAMERAS, "event"),
    (Resource.CAMERAS, "communication"),
    (Resource.CAMERAS, "recording"),
    (Resource.INPUT_EVENTS, "event"),
    (Resource.OUTPUTS, "event"),
    (Resource.HARDWARE, "communication"),
    (Resource.HARDWARE, "event"),
    (Resource.INPUT_EVENTS, "communication"),
    (Resource.OUTPUTS, "communication"),
    (Resource.MICROPHONES, "communication"),
    (Resource.SPEAKERS, "communication"),
    (Resource.MICROPHONES, "recording"),
    (Resource.SPEAKERS, "recording"),
)


def enabled_kinds(devices: XProtectDevices) -> frozenset[tuple[Resource, str]]:
    """Return which (resource, entity key) are enabled at a site of this size."""
    sources = Counter(item.resource for item in devices.shown())
    enabled = set()
    left = BUDGET
    for kind in WANTED:
        left -= sources[kind[0]]
        if left < 0:
            break
        enabled.add(kind)
    return frozenset(enabled)
