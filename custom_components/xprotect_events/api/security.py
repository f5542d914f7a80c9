"""Security namespaces: the actions that a role can allow on some kind of object.

Documented for 2024 R2 and later (protocol §3.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Self

from .models import guid
from .wire import as_array, as_object, clean, nested, optional_text

_WORD = re.compile(r"[A-Za-z]+")
_MASKS = range(1 << 64)
# Digits of 64 bits.
_LONGEST_MASK = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityNamespace:
    """The actions on the objects of some resources, each with a bit of a mask."""

    id: str
    resources: frozenset[str]
    masks: Mapping[str, int]

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /securityNamespaces`."""
        item = as_object(value, path)
        # A sample of the vendor has the name in the singular.
        named = optional_text(item, "resourceTypes") or optional_text(
            item, "resourceType"
        )
        rows = as_array(item.get("securityActions", []), f"{path}.securityActions")
        actions = [as_object(row, f"{path}.securityActions[]") for row in rows]
        return cls(
            id=guid(item, "id", path),
            resources=frozenset(_WORD.findall(named or "")),
            masks={
                clean(name).upper(): mask
                for name, mask in (
                    (action.get("name"), action.get("securityMask"))
                    for action in actions
                )
                if isinstance(name, str) and isinstance(mask, int)
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectivePermissions:
    """The user's permissions on the objects of one namespace.

    `masks` has the allowed actions as bits, by the GUID of each object that the user
    may see. It is empty for administrators, who have all permissions.
    """

    is_administrator: bool
    masks: Mapping[str, int]

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode `GET /effectivePermissions/{namespace}`, bare or inside `data`."""
        item = as_object(value, path)
        item = nested(item, "data") or item
        rows = as_array(item.get("objectPermissions", []), f"{path}.objectPermissions")
        objects = [as_object(row, f"{path}.objectPermissions[]") for row in rows]
        return cls(
            is_administrator=item.get("isAdministrator") is True,
            masks={guid(row, "id", path): _mask(row.get("mask")) for row in objects},
        )


def _mask(value: object) -> int:
    """Read 64 bits, which some writers of JSON put into a text; 0 for all else."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= _LONGEST_MASK:
        value = int(value)
    # Home Assistant's files hold no larger number.
    return value if isinstance(value, int) and value in _MASKS else 0
