"""Positions that a PTZ camera can be sent to, by the names that people gave them."""

from dataclasses import dataclass
from typing import Self

from .models import display_name, guid
from .wire import as_object


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A PTZ preset of a camera."""

    id: str
    name: str

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /cameras/{id}/ptzPresets`."""
        item = as_object(value, path)
        return cls(
            id=guid(item, "id", path),
            name=display_name(item, path),
        )
