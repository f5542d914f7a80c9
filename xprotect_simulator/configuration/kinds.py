"""The resources, and which of them are children of others."""

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

# Resources that can be read by id or below their parents; a list answers 400.
BY_ID_ONLY = ("hardwareDriverSettings", "storageInformation", *CHILD_KINDS)

CANONICAL: Mapping[str, str] = {kind.lower(): kind for kind in (*_LISTED, *BY_ID_ONLY)}

# Resources that answer with a different error text.
UNKNOWN_REQUESTS = ("bookmarks", "evidencelocks")

# (parent, child): children that can be read below a parent or included in its record.
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
    """Return the child resources of a resource."""
    return tuple(sorted(child for parent, child in RELATIONS if parent == kind))
