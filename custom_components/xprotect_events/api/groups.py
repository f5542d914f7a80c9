"""Groups of devices, which people make in the Management Client; they nest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from .models import display_name, guid
from .source import Resource
from .wire import as_object

# The lists of groups that are read, and what they are groups of.
GROUPED: Mapping[str, Resource] = {
    "cameraGroups": Resource.CAMERAS,
    "inputEventGroups": Resource.INPUT_EVENTS,
    "outputGroups": Resource.OUTPUTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupName:
    """A group, by itself: what is in it is another question."""

    id: str
    name: str

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /cameraGroups` and its like."""
        item = as_object(value, path)
        return cls(
            id=guid(item, "id", path),
            name=display_name(item, path),
        )
