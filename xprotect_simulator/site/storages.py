"""The state of a recorder's disks."""

from dataclasses import dataclass

# The size of each disk.
STORAGE_MB = 102_400


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageState:
    """The only live state in the Configuration API; sizes are in MB."""

    is_available: bool = True
    is_mounted: bool = True
    used_mb: int = 40_960
    locked_mb: int = 0
