"""Storages: where recording servers keep recordings, and how full they are.

Their status is the only live one of the Configuration API (protocol §3.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from .models import display_name, guid
from .wire import as_object, nested, optional_int

# MB or minutes. Larger numbers are wrong, and not exact as a float.
_LARGEST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A storage of a recording server, as configured.

    The size is in MB; unknown sizes and times are `None`.
    """

    id: str
    name: str
    size: int | None
    retention_minutes: int | None

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /recordingServers/{id}/storages`."""
        item = as_object(value, path)
        return cls(
            id=guid(item, "id", path),
            name=display_name(item, path),
            size=_whole_number(item, "maxSize"),
            retention_minutes=_whole_number(item, "retainMinutes"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageStatus:
    """The current status of a storage; `used` is in MB."""

    is_available: bool | None
    used: int | None

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode `GET /storageInformation/{id}`."""
        item = as_object(value, path)
        item = nested(item, "data") or item
        available = item.get("isAvailable")
        return cls(
            is_available=available if isinstance(available, bool) else None,
            used=_whole_number(item, "usedSpace"),
        )


def _whole_number(item: Mapping[str, object], key: str) -> int | None:
    value = optional_int(item, key)
    return value if value is not None and 0 <= value <= _LARGEST else None
