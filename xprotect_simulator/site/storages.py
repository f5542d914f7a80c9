"""What a recorder says of the disks that it records to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageState:
    """The one live status of the Configuration API; sizes are in MB."""

    is_available: bool = True
    is_mounted: bool = True
    used_mb: int = 40_960
    locked_mb: int = 0
