"""The security namespaces of a site: the actions that a role can allow, by resource.

The id of the camera namespace and the names GENERIC_READ, EXPORT and PTZ_CONTROL are
from official samples. The other ids are computed from the seed, and the other names
are guesses, so clients must read them.
"""

from dataclasses import dataclass

from ..identifiers import guid_of

READ = "GENERIC_READ"
VIEW_LIVE = "VIEW_LIVE"
PLAYBACK = "PLAYBACK"
PTZ = "PTZ_CONTROL"
ACTIVATE = "ACTIVATE"
TRIGGER = "TRIGGER"

_CAMERA_NAMESPACE = "623d03f8-c5d5-46bc-a2f4-4c03562d4f85"

_ACTION_NAMES = {
    READ: "Read",
    "GENERIC_WRITE": "Edit",
    VIEW_LIVE: "View live",
    PLAYBACK: "Playback",
    "EXPORT": "Export",
    "START_MANUAL_RECORDING": "Start manual recording",
    PTZ: "Manual PTZ",
    ACTIVATE: "Activate",
    TRIGGER: "Trigger",
}
_BASE = (READ, "GENERIC_WRITE")
_RECORDED = (*_BASE, VIEW_LIVE, PLAYBACK, "EXPORT", "START_MANUAL_RECORDING")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityNamespace:
    """The actions on the items of one resource; each has a bit of the mask."""

    id: str
    resource: str
    name: str
    actions: tuple[str, ...]

    def mask(self, action: str) -> int:
        """Return the bit of an action, 0 if the namespace does not have it."""
        return 1 << self.actions.index(action) if action in self.actions else 0

    def display_name(self, action: str) -> str:
        """Return the display name of an action."""
        return _ACTION_NAMES[action]


def security_namespaces(seed: int) -> tuple[SecurityNamespace, ...]:
    """Return the namespaces of a site."""
    return tuple(
        SecurityNamespace(
            id=_CAMERA_NAMESPACE
            if resource == "cameras"
            else guid_of(seed, "securityNamespaces", resource),
            resource=resource,
            name=name,
            actions=actions,
        )
        for resource, name, actions in (
            ("cameras", "Cameras", (*_RECORDED, PTZ)),
            ("microphones", "Microphones", _RECORDED),
            ("speakers", "Speakers", _RECORDED),
            ("metadata", "Metadata", _RECORDED),
            ("inputEvents", "Inputs", _BASE),
            ("outputs", "Outputs", (*_BASE, ACTIVATE)),
            ("hardware", "Hardware", _BASE),
            ("recordingServers", "Recording Servers", _BASE),
            ("userDefinedEvents", "User-defined Events", (*_BASE, TRIGGER)),
        )
    )
