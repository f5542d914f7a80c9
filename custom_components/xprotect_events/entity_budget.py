"""Which entities are enabled from the start.

What is seldom wanted is disabled until somebody enables it. Home Assistant takes
10,000 enabled entities of one site and drops the rest: a large site has more, so the
less wanted kinds are disabled there, too.
"""

from collections import Counter

from .api import Resource
from .devices import XProtectDevices

# Some below the limit: cameras are added, and people enable what they want.
BUDGET = 9000

# Most wanted first; a small site has all of these enabled. What is not here is disabled
# everywhere. Six cameras bring six units of hardware, twelve microphones and speakers:
# their entities would stand before those of the cameras, and the cameras say the same.
# Of inputs and outputs XProtect usually tells no communication, so it stays unknown.
WANTED: tuple[tuple[Resource, str], ...] = (
    (Resource.INPUT_EVENTS, "input"),
    (Resource.OUTPUTS, "output"),
    (Resource.CAMERAS, "motion"),
    (Resource.CAMERAS, "event"),
    (Resource.CAMERAS, "communication"),
    (Resource.CAMERAS, "recording"),
    (Resource.INPUT_EVENTS, "event"),
    (Resource.OUTPUTS, "event"),
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
