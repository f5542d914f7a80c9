"""The shape of JSON: which keys, and what kind of value each of them has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Shape:
    """The values found in one place of one or several documents."""

    kinds: set[str] = field(default_factory=set)
    keys: dict[str, Shape] = field(default_factory=dict)
    # Keys that every object seen here had; `None` before the first.
    always: set[str] | None = None
    items: Shape | None = None

    def see(self, value: object) -> None:
        """Add another value of this place."""
        self.kinds.add(_kind(value))
        if isinstance(value, Mapping):
            present = set(value)
            self.always = present if self.always is None else self.always & present
            for key, inner in value.items():
                self.keys.setdefault(key, Shape()).see(inner)
        if isinstance(value, list):
            for inner in value:
                if self.items is None:
                    self.items = Shape()
                self.items.see(inner)


def shape_of(*documents: object) -> Shape:
    """Return the common shape of these documents."""
    shape = Shape()
    for document in documents:
        shape.see(document)
    return shape


def differences(seen: Shape, documented: Shape, path: str = "") -> Iterator[str]:
    """Yield fields that a documented shape forbids, or that no document has."""
    for kind in sorted(seen.kinds - documented.kinds):
        yield f"{path} is {kind}"
    if seen.always is not None and documented.always is not None:
        for key in sorted(documented.always - seen.always):
            yield f"{path}.{key} is missing"
        for key in sorted(set(seen.keys) - set(documented.keys)):
            yield f"{path}.{key} is not documented"
    for key in sorted(set(seen.keys) & set(documented.keys)):
        yield from differences(seen.keys[key], documented.keys[key], f"{path}.{key}")
    if seen.items is not None and documented.items is not None:
        yield from differences(seen.items, documented.items, f"{path}[]")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "an array"
        case _:
            return "an object"
