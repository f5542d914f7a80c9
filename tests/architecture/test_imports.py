"""Checks all imports against the table of allowed ones."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
import sys

import pytest

from tests.architecture.import_table import (
    API,
    ENGINE,
    INTEGRATION,
    LATE,
    ROWS,
    SIMULATOR,
    SIMULATOR_FOLDERS,
    SIMULATOR_TOP,
    THIRD_PARTIES,
    WIRES_EVERYTHING,
)
from tests.architecture.sources import Source, edges, sources

PACKAGES = (INTEGRATION, SIMULATOR)
ALL = tuple(source for package in PACKAGES for source in sources(package))
HERE = sources(INTEGRATION)
KNOWN = {
    package: frozenset(source.name for source in ALL if source.package == package)
    for package in PACKAGES
}
TABLE = "tests/architecture/import_table.py"


def is_allowed(source: Source, target: str) -> bool:
    """Return whether the table allows a module to import another one."""
    layer, _, _ = target.rpartition(".")
    if layer == API and source.layer != API:
        # Others may import the package, but no module of it.
        if target != f"{API}.__init__":
            return False
        return source.name == WIRES_EVERYTHING or API in ROWS[source.name]
    if source.name == WIRES_EVERYTHING:
        return True
    row = ROWS[source.name]
    if layer == ENGINE and source.layer != ENGINE:
        return ENGINE in row
    return target in row


def owner(source: Source) -> str:
    """Return the layer whose third-party packages a module may use."""
    if source.package == INTEGRATION and source.layer in {API, ENGINE}:
        return source.layer
    return source.package


def third_parties(source: Source) -> Iterator[str]:
    """Yield the third-party packages that a module imports."""
    for imported in source.imports:
        root = imported.module.partition(".")[0]
        if root not in sys.stdlib_module_names and root != source.package.split(".")[0]:
            yield root


def cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one cycle in order, or nothing."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for target in sorted(graph.get(name, ())):
            found = visit(target, [*path, name])
            if found:
                return found
        done.add(name)
        return []

    for name in sorted(graph):
        found = visit(name, [])
        if found:
            return found
    return []


def public_names(package: str) -> set[str]:
    """Return the `__all__` of a package of the integration."""
    (init,) = (source for source in HERE if source.name == f"{package}.__init__")
    for node in init.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def test_a_module_imports_only_what_its_row_allows() -> None:
    """A layer that imports a higher one cannot be moved or tested alone."""
    new = [one.name for one in HERE if one.name not in {WIRES_EVERYTHING, *ROWS}]
    assert new == [], f"say in {TABLE} what they may import"
    forbidden = [
        f"{source}:{imported.line} imports {target}, which its row in {TABLE} lacks"
        for source in HERE
        for target, imported in edges(source, KNOWN[INTEGRATION])
        if not is_allowed(source, target)
    ]
    assert forbidden == []


def test_a_folder_of_the_simulator_imports_only_what_its_row_allows() -> None:
    """The events of the site must not depend on the APIs that return them."""
    inside = [one for one in sources(SIMULATOR) if one.name not in SIMULATOR_TOP]
    new = {one.layer for one in inside} - {"", *SIMULATOR_FOLDERS}
    assert new == set(), f"say in {TABLE} which folders they may know"
    forbidden = [
        f"{source}:{imported.line} imports {target}"
        for source in inside
        for target, imported in edges(source, KNOWN[SIMULATOR])
        if target.rpartition(".")[0]
        not in {"", source.layer, *SIMULATOR_FOLDERS.get(source.layer, ())}
        or (target in SIMULATOR_TOP and target != "__init__")
    ]
    assert forbidden == []


def test_a_module_uses_only_the_third_parties_of_its_layer() -> None:
    """Otherwise client and engine could not become separate packages."""
    forbidden = [
        f"{source} uses {package}"
        for source in ALL
        for package in third_parties(source)
        if package not in THIRD_PARTIES[owner(source)]
        and package not in LATE.get(source.name, ())
    ]
    assert forbidden == []


@pytest.mark.parametrize("package", PACKAGES)
def test_there_is_no_circle_of_imports(package: str) -> None:
    """Modules in a circle cannot be tested alone."""
    graph = {
        source.name: {target for target, _ in edges(source, KNOWN[package])}
        for source in sources(package)
    }
    assert cycle(graph) == []


def test_imports_are_neither_for_type_checkers_only_nor_in_functions() -> None:
    """An import for type checkers only, or inside a function, hides a circle."""
    assert [str(one) for one in ALL if "TYPE_CHECKING" in one.text] == []
    hidden = [
        f"{source}:{one.line} imports {one.module}"
        for source in ALL
        for one in source.imports
        if one.is_at_top == (one.module.partition(".")[0] in LATE.get(source.name, ()))
    ]
    assert hidden == []


def test_what_is_private_to_a_module_stays_there() -> None:
    """A private name can be changed safely only if no other file uses it."""
    private = [
        f"{source}:{one.line} imports {one.name}"
        for source in ALL
        for _, one in edges(source, KNOWN[source.package])
        if one.name.startswith("_")
    ]
    assert private == []


def test_only_public_names_of_the_client_are_used() -> None:
    """Names that are not in `__all__` may change."""
    offered = public_names(API)
    private = [
        f"{source}:{one.line} imports {one.name}"
        for source in HERE
        if source.layer != API
        for target, one in edges(source, KNOWN[INTEGRATION])
        if target == f"{API}.__init__" and one.name not in offered
    ]
    assert private == []


def test_client_and_engine_never_name_home_assistant_as_a_package() -> None:
    """They could become separate packages by a `git mv`."""
    inside = [one for one in HERE if one.layer in {API, ENGINE}]
    assert [str(one) for one in inside if "homeassistant" in one.text] == []


def test_integration_and_simulator_do_not_import_each_other() -> None:
    """If both sides shared code, a wrong name would pass every test."""
    others = {"tests", "demo", "benchmarks"}
    strangers = {
        INTEGRATION: {SIMULATOR, *others},
        SIMULATOR: {INTEGRATION.partition(".")[0], *others},
    }
    known = [
        f"{source}:{one.line} imports {one.module}"
        for source in ALL
        for one in source.imports
        if one.module.partition(".")[0] in strangers[source.package]
    ]
    assert known == []


def test_a_circle_is_found() -> None:
    """Otherwise the other tests would prove nothing."""
    graph = {"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": set[str]()}
    assert cycle(graph) == ["b", "c", "b"]
    assert cycle({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_forbidden_imports_of_the_client_are_found() -> None:
    """Each of these imports must be refused by the table."""
    by_name = {source.name: source for source in HERE}
    for name, target in (
        ("event_coordinator", "api.http"),
        ("__init__", "api.auth"),
        ("engine.feed", "api.models"),
        ("engine.feed", "event_coordinator"),
        ("api.wire", "api.http"),
        ("api.client", "engine.feed"),
        ("const", "api.__init__"),
        ("devices", "engine.feed"),
    ):
        assert not is_allowed(by_name[name], target), f"{name} -> {target}"
    for name, target in (
        ("event_coordinator", "api.__init__"),
        ("inventory_coordinator", "engine.catalog"),
        ("__init__", "event_delivery"),
        ("engine.feed", "api.__init__"),
    ):
        assert is_allowed(by_name[name], target), f"{name} -> {target}"


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("api.client", "from .http import Http", "api.http"),
        ("api.client", "from . import http", "api.http"),
        ("api.client", "from ..engine import feed", "engine.feed"),
        ("api.client", "from .. import const", "const"),
        ("engine.feed", "from ..api import Event", "api.__init__"),
        ("engine.feed", f"import {INTEGRATION}.api.http", "api.http"),
        ("engine.feed", f"from {INTEGRATION}.api.http import Http", "api.http"),
        ("engine.feed", f"from {INTEGRATION} import devices", "devices"),
        ("const", "from .api import Event", "api.__init__"),
        ("const", "from . import api", "api.__init__"),
        ("api.__init__", "from .wire import Json", "api.wire"),
        ("__init__", "def later():\n from . import const", "const"),
        ("const", "from datetime import UTC\nimport aiohttp", None),
    ],
)
def test_every_form_of_an_import_is_recognised(
    tmp_path: Path, name: str, code: str, expected: str | None
) -> None:
    """A form that is not recognised would not be checked."""
    path = tmp_path / "module.py"
    path.write_text(code)
    source = Source(package=INTEGRATION, name=name, path=path)
    found = [target for target, _ in edges(source, KNOWN[INTEGRATION])]
    assert found == ([] if expected is None else [expected])
