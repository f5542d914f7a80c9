"""Tests that the documentation names: `module[case]`, or `module::test`."""

from collections.abc import Iterator
import functools
import importlib
import re
from types import ModuleType

from tests.architecture.sources import ROOT

PROOF = re.compile(r"`(test_\w+)(?:\[([^\]]+)\]|::(test_\w+))`")


def exists(name: str, case: str, test: str) -> bool:
    """Return whether a module of this name has the test, or the case of one."""
    return any(
        hasattr(module, test) if test else case in cases(module)
        for module in modules_named(name)
    )


@functools.cache
def modules_named(name: str) -> tuple[ModuleType, ...]:
    """Import the test modules of this name, wherever they are."""
    return tuple(
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for path in ROOT.glob(f"tests/**/{name}.py")
    )


def cases(module: ModuleType) -> Iterator[str]:
    """Yield the names of all cases of the module's tests."""
    for test in vars(module).values():
        for mark in getattr(test, "pytestmark", ()):
            yield from mark.kwargs.get("ids", ())
