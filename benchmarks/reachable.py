"""The size of the objects that can be reached from a table."""

from collections.abc import Iterable
from dataclasses import is_dataclass
from datetime import datetime
from functools import partial
import gc
import sys
from types import CellType, FunctionType, MethodType

import attr
from homeassistant.core import Context, HassJob, State

# Objects of these types, and dataclasses, belong to what refers to them.
PARTS = (
    *(dict, list, tuple, set, frozenset, str, bytes, int, float, datetime),
    *(MethodType, FunctionType, CellType, partial, State, Context, HassJob),
)


class Reachable:
    """Adds sizes up; an object counts for the first table from which it is reached."""

    def __init__(self, *others: object) -> None:
        """Leave out some objects, and what only they refer to."""
        self._seen = {id(one) for one in others}

    def megabytes(self, tables: Iterable[object]) -> float:
        """Return the size of tables, and of what belongs to them."""
        found, size = list(tables), 0
        while found:
            one = found.pop()
            if id(one) not in self._seen:
                self._seen.add(id(one))
                size += sys.getsizeof(one)
                found.extend(filter(_is_part, _referents(one)))
        return size / 1024**2


def _referents(one: object) -> Iterable[object]:
    match one:
        case FunctionType():
            # Not the module of the function.
            return one.__closure__ or ()
        case MethodType():
            # Not the entity of the method.
            return ()
        case _:
            return gc.get_referents(one)


def _is_part(one: object) -> bool:
    kind = type(one)
    return isinstance(one, PARTS) or is_dataclass(kind) or attr.has(kind)
