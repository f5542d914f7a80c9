"""Short checks of the integration's source code."""

import ast
from collections.abc import Iterator

from tests.architecture.import_table import INTEGRATION
from tests.architecture.sources import Source, sources

ALL = sources(INTEGRATION)
MODULES = {source.name: source for source in ALL}


def functions(module: str) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions and methods of these names in a module."""
    source = MODULES.get(module)
    nodes = ast.walk(source.tree) if source else ()
    return {
        node.name: node
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def names(node: ast.AST) -> set[str]:
    """Return every name that is used below a node."""
    return {
        found.id if isinstance(found, ast.Name) else found.attr
        for found in ast.walk(node)
        if isinstance(found, ast.Name | ast.Attribute)
    }


def uses(module: str, *wanted: str) -> bool:
    """Return whether a module uses all of these names."""
    return module in MODULES and set(wanted) <= names(MODULES[module].tree)


def defines(module: str, *wanted: str) -> bool:
    """Return whether a module has functions or methods of these names."""
    return set(wanted) <= set(functions(module))


def using(*unwanted: str) -> list[Source]:
    """Return the modules that use any of these names."""
    return [source for source in ALL if set(unwanted) & names(source.tree)]


def calls(source: Source, name: str) -> bool:
    """Return whether a module calls a function or class of this name."""
    return any(
        isinstance(node, ast.Call) and name in names(node.func)
        for node in ast.walk(source.tree)
    )


def subclasses(base: str) -> set[str]:
    """Return the modules that have a class derived from another one."""
    return {
        source.name
        for source in ALL
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        and any(base in names(parent) for parent in node.bases)
    }


def assigned(module: str) -> dict[str, object]:
    """Return the constants of a module."""
    return {
        target.id: node.value.value
        for node in MODULES[module].tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def overrides_that_forget_their_base(method: str) -> Iterator[str]:
    """Yield the modules whose override of a method does not call the original."""
    for source in ALL:
        for node in ast.walk(source.tree):
            if (
                isinstance(node, ast.AsyncFunctionDef)
                and node.name == method
                and "super" not in names(node)
            ):
                yield str(source)
