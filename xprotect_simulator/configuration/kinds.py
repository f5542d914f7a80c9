"""Which resources there are, and which of them lie below which."""

from collections.abc import Mapping

from ..site.items import CHILD_KINDS, DEVICE_KINDS, GROUP_KINDS, OTHER_KINDS

_LISTED = (
    "sites",
    "childSites",
    "recordingServers",
    "hardware",
    *DEVICE_KINDS,
    *GROUP_KINDS,
    "userDefinedEvents",
    "analyticsEvents",
    "eventTypes",
    "eventTypeGroups",
    "stateGroups",
    "securityNamespaces",
    *OTHER_KINDS,
)

# Real servers answer these by id or below their parents; their lists are a 400.
BY_ID_ONLY = ("hardwareDriverSettings", "storageInformation", *CHILD_KINDS)

CANONICAL: Mapping[str, str] = {kind.lower(): kind for kind in (*_LISTED, *BY_ID_ONLY)}

# Resources of other servers that answer with a text of their own.
UNKNOWN_REQUESTS = ("bookmarks", "evidencelocks")

# (parent, child): what can be read below what, or included in its record.
RELATIONS = frozenset(
    {
        ("sites", "recordingServers"),
        ("recordingServers", "hardware"),
        ("recordingServers", "storages"),
        ("hardware", "hardwareDriverSettings"),
        ("storages", "storageInformation"),
        ("cameras", "ptzPresets"),
        ("eventTypeGroups", "eventTypes"),
        *(("hardware", kind) for kind in DEVICE_KINDS),
        *((group, members) for group, members in GROUP_KINDS.items()),
        *((group, group) for group in GROUP_KINDS),
    }
)


def children_of(kind: str) -> tuple[str, ...]:
    """Return the resources below the things of a resource."""
    return tuple(sorted(child for parent, child in RELATIONS if parent == kind))
