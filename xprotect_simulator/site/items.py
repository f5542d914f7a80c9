"""The items of a site and their kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Resources whose items are devices of a hardware.
DEVICE_KINDS = (
    "cameras",
    "microphones",
    "speakers",
    "metadata",
    "inputEvents",
    "outputs",
)

# Groups of devices, which can be nested, and the kind of their members.
GROUP_KINDS = {
    "cameraGroups": "cameras",
    "microphoneGroups": "microphones",
    "speakerGroups": "speakers",
    "metadataGroups": "metadata",
    "inputEventGroups": "inputEvents",
    "outputGroups": "outputs",
}

# Items that can be read by id or below their parents, but not as a list.
CHILD_KINDS = ("storages", "ptzPresets")

# Other resources that can be read; no other part of the simulator uses them.
OTHER_KINDS = (
    "alarmDefinitions",
    "basicUsers",
    "failoverGroups",
    "failoverRecorders",
    "genericEvents",
    "genericEventDataSources",
    "licenseInformations",
    "mipKinds",
    "owner",
    "roles",
    "rules",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the configuration."""

    kind: str
    id: str
    name: str
    is_enabled: bool = True
    parent: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The resource path, which is also the source in events."""
        return f"{self.kind}/{self.id}"
