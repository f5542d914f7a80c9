"""The faults that are switched on.

A fault is written `NAME[:VALUE][:count=N][:path=PATTERN][:chance=P][:every=N]`. The
meaning of the value depends on the fault (a status, seconds, a resource …). `count`
switches it off after N uses, `path` limits it to request paths (lower case, `*`
allowed; a pattern may match the query, too), `chance` is the probability of each use,
`every` applies it every Nth time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
import fnmatch

from yarl import URL

from ..errors import OptionError
from ..identifiers import seeded


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One row of the table of faults."""

    name: str
    doc: str
    default: str = ""
    # Uses after which it ends, unless the spec has a count.
    count: int | None = None
    # The request paths, unless the spec has a path.
    path: str = "*"
    # The allowed values; empty: any.
    choices: tuple[str, ...] = ()
    is_number: bool = False
    # The allowed numbers.
    least: float = 0.0
    most: float = 1e9
    # Whether the value is an address, `scheme://host:port`.
    is_origin: bool = False


@dataclass(slots=True, kw_only=True)
class Fault:
    """A fault that is switched on."""

    kind: FaultKind
    value: str
    path: str
    chance: float
    remaining: int | None
    every: int = 1
    opportunities: int = 0

    @property
    def number(self) -> float:
        """The value as a number; `read` has checked it."""
        return float(self.value)

    def __str__(self) -> str:
        """Return the spec that switches this fault on."""
        parts = [self.kind.name]
        parts += [self.value] if self.value else []
        parts += [] if self.remaining is None else [f"count={self.remaining}"]
        parts += [] if self.path == self.kind.path else [f"path={self.path}"]
        parts += [] if self.chance == 1 else [f"chance={self.chance}"]
        parts += [] if self.every == 1 else [f"every={self.every}"]
        return ":".join(parts)


class Faults:
    """Switches faults on and off, and returns those that are on."""

    def __init__(
        self,
        kinds: Iterable[FaultKind],
        seed: int,
        *,
        switched: Callable[[Fault, bool], None],
    ) -> None:
        """Start without faults; `switched` is called when one begins or ends."""
        self.kinds: Mapping[str, FaultKind] = {kind.name: kind for kind in kinds}
        self._switched = switched
        self._enabled: list[Fault] = []
        # How often each fault was met, by name.
        self.used: Counter[str] = Counter()
        self._random = seeded(seed, "faults")

    @property
    def enabled(self) -> tuple[Fault, ...]:
        """The faults that are on, in the order they were switched on."""
        return tuple(self._enabled)

    def enable(self, spec: str) -> Fault:
        """Switch a fault on; one of the same name and path is replaced."""
        fault = self.read(spec)
        for other in self.enabled:
            if (other.kind.name, other.path) == (fault.kind.name, fault.path):
                self._end(other)
        self._enabled.append(fault)
        try:
            self._switched(fault, True)  # noqa: FBT003 - a callable has no names
        except OptionError:
            # The value names something that the site does not have.
            self._enabled.remove(fault)
            raise
        return fault

    def disable(self, name: str) -> None:
        """Switch off the faults of that name. Raises OptionError for an unknown one."""
        if name not in self.kinds:
            raise OptionError(self._unknown(name))
        for fault in self.enabled:
            if fault.kind.name == name:
                self._end(fault)

    def clear(self) -> None:
        """Switch everything off."""
        for fault in self.enabled:
            self._end(fault)

    def find(self, name: str, path: str = "") -> Fault | None:
        """Return the fault of that name if it is on for a request path, or None.

        The path may have a query, which patterns need not match. It counts as used.
        """
        found = self.look(name, path)
        if found is not None:
            self.used[name] += 1
        return found

    def look(self, name: str, path: str = "") -> Fault | None:
        """Return what `find` does, without using the fault."""
        paths = {path, path.partition("?")[0]}
        for fault in self._enabled:
            if fault.kind.name == name and any(
                fnmatch.fnmatchcase(one, fault.path) for one in paths
            ):
                return fault
        return None

    def strike(self, name: str, path: str = "") -> Fault | None:
        """Use a fault: return it if it is on and applies this time, or None."""
        fault = self.find(name, path)
        if fault is None:
            return None
        fault.opportunities += 1
        if fault.opportunities % fault.every or self._random.random() >= fault.chance:
            return None
        if fault.remaining is not None:
            fault.remaining -= 1
            if fault.remaining <= 0:
                self._end(fault)
        return fault

    def read(self, spec: str) -> Fault:
        """Read a spec. Raises OptionError if it is not valid."""
        name, *arguments = spec.split(":")
        kind = self.kinds.get(name)
        if kind is None:
            raise OptionError(self._unknown(name))
        values = [one for one in arguments if not _is_named(one)]
        named = dict(one.split("=", 1) for one in arguments if _is_named(one))
        # A value may contain colons, for example an origin or a time.
        value = ":".join(values) or kind.default
        _check_value(kind, value)
        count = _number(spec, named["count"], least=1) if "count" in named else None
        return Fault(
            kind=kind,
            value=value,
            path=named.get("path", kind.path).lower(),
            chance=_number(spec, named.get("chance", "1"), most=1),
            every=int(_number(spec, named.get("every", "1"), least=1)),
            remaining=kind.count if count is None else int(count),
        )

    def _end(self, fault: Fault) -> None:
        self._enabled.remove(fault)
        self._switched(fault, False)  # noqa: FBT003 - a callable has no names

    def _unknown(self, name: str) -> str:
        return f"unknown fault '{name}'; there are: {', '.join(sorted(self.kinds))}"


def _is_named(argument: str) -> bool:
    return argument.startswith(("count=", "path=", "chance=", "every="))


def _number(spec: str, text: str, *, least: float = 0.0, most: float = 1e9) -> float:
    try:
        number = float(text)
    except ValueError as error:
        message = f"'{text}' in '{spec}' is not a number"
        raise OptionError(message) from error
    # False for "nan", too.
    if not least <= number <= most:
        message = f"'{text}' in '{spec}' is not between {least:g} and {most:g}"
        raise OptionError(message)
    return number


def _check_value(kind: FaultKind, value: str) -> None:
    if kind.choices and value not in kind.choices:
        message = f"{kind.name} takes one of {', '.join(kind.choices)}, not '{value}'"
        raise OptionError(message)
    if kind.is_number:
        _number(kind.name, value, least=kind.least, most=kind.most)
    if kind.is_origin and value and not _is_origin(value):
        message = f"{kind.name} takes an address such as https://host, not '{value}'"
        raise OptionError(message)


def _is_origin(text: str) -> bool:
    try:
        return URL(text).origin().scheme in ("http", "https")
    except ValueError:
        return False
