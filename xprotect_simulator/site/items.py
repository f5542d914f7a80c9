"""The things of a site and their kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Resources whose items are devices of a piece of hardware.
DEVICE_KINDS = (
    "cameras",
    "microphones",
    "speakers",
    "metadata",
    "inputEvents",
    "outputs",
)

# Groups of devices, which nest, and what they are groups of.
GROUP_KINDS = {
    "cameraGroups": "cameras",
    "microphoneGroups": "microphones",
    "speakerGroups": "speakers",
    "metadataGroups": "metadata",
    "inputEventGroups": "inputEvents",
    "outputGroups": "outputs",
}

# Read by id or below their parents; they have no list of their own.
CHILD_KINDS = ("storages", "ptzPresets")

# What else can be read; nothing in here depends on it.
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
    """One thing of the configuration."""

    kind: str
    id: str
    name: str
    is_enabled: bool = True
    parent: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The resource path, which is also how events name their source."""
        return f"{self.kind}/{self.id}"
